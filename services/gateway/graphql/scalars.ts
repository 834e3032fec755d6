import { GraphQLError, Kind, type ValueNode, valueFromASTUntyped } from 'graphql/index.js'

const textOf = (what: string, value: unknown): string => {
  if (typeof value !== 'string' || value.length > 2000) throw new GraphQLError(`${what} must be a text`)
  return value
}

const dateTime = (value: unknown): string => {
  const ms = Date.parse(textOf('DateTime', value))
  if (Number.isNaN(ms)) throw new GraphQLError('DateTime must be ISO 8601')
  return new Date(ms).toISOString()
}

const literal =
  (parse: (value: unknown) => unknown) =>
  (node: ValueNode): unknown =>
    parse(node.kind === Kind.STRING ? node.value : undefined)

/** Parsers and serialisers of the schema's own scalars. */
export const scalars = {
  DateTime: { serialize: (value: unknown) => value, parseValue: dateTime, parseLiteral: literal(dateTime) },
  Position: {
    serialize: (value: unknown) => value,
    parseValue: (value: unknown) => textOf('Position', value),
    parseLiteral: literal((value) => textOf('Position', value)),
  },
  JSON: {
    serialize: (value: unknown) => value,
    parseValue: (value: unknown) => value,
    parseLiteral: (node: ValueNode, variables?: Readonly<Record<string, unknown>> | null) => valueFromASTUntyped(node, variables),
  },
} as const
