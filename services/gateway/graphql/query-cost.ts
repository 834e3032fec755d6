import { WeConnectError } from '@weconnect/contracts/errors'
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql/index.js'

/** A field costs 1; a page, its size times what a row costs; a list without pages counts as ten. */
export const maxCost = 20_000
const pageSize = 20
const listSize = 10

/** Fields that fold a whole stream of the log. */
const folding: Readonly<Record<string, number>> = {
  'Execution.steps': 20,
  'Execution.inputData': 10,
  'Execution.outputData': 10,
  'Workflow.problems': 10,
  'Workflow.versions': 10,
  'Query.events': 20,
}

type Variables = Readonly<Record<string, unknown>>

const rowsOf = (field: FieldNode, definition: GraphQLField<unknown, unknown>, variables: Variables): number => {
  if (!definition.args.some(({ name }) => name === 'first')) return isPlainList(definition) ? listSize : 1
  const asked = field.arguments?.find(({ name }) => name.value === 'last' || name.value === 'first')?.value
  if (asked?.kind === Kind.INT) return Number(asked.value)
  const variable = asked?.kind === Kind.VARIABLE ? variables[asked.name.value] : undefined
  return typeof variable === 'number' ? variable : pageSize
}

/** The edges of a connection are counted by the connection. */
const isPlainList = ({ name, type }: GraphQLField<unknown, unknown>): boolean =>
  name !== 'edges' && isListType(getNullableType(type)) && isCompositeType(getNamedType(type))

/**
 * What a query asks for at most, before it is run. The document is valid.
 * @throws WeConnectError QUERY_TOO_COSTLY
 */
export const checkCost = (schema: GraphQLSchema, document: DocumentNode, variables: Variables): void => {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  const known = new Map<string, number>()

  const costOfFragment = (name: string): number => {
    const cost =
      known.get(name) ?? costOf(fragments.get(name)?.selectionSet, schema.getType(fragments.get(name)?.typeCondition.name.value ?? ''))
    known.set(name, cost)
    return cost
  }
  const costOfField = (field: FieldNode, parent: GraphQLNamedType | undefined): number => {
    const definition = isObjectType(parent) ? parent.getFields()[field.name.value] : undefined
    if (definition === undefined) return 1
    const own = folding[`${parent?.name}.${field.name.value}`] ?? 1
    return own + Math.max(1, rowsOf(field, definition, variables)) * costOf(field.selectionSet, getNamedType(definition.type))
  }
  const costOf = (set: SelectionSetNode | undefined, parent: GraphQLNamedType | undefined): number => {
    let cost = 0
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) cost += costOfField(selection, parent)
      else if (selection.kind === Kind.FRAGMENT_SPREAD) cost += costOfFragment(selection.name.value)
      else cost += costOf(selection.selectionSet, selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : parent)
    }
    return cost
  }

  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    const cost = costOf(definition.selectionSet, schema.getRootType(definition.operation) ?? undefined)
    if (cost > maxCost)
      throw new WeConnectError('QUERY_TOO_COSTLY', `The query may cost ${cost}; ${maxCost} are allowed. Ask for smaller pages`)
  }
}
