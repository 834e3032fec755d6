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
  isIntrospectionType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  valueFromASTUntyped,
} from 'graphql/index.js'

/** A field costs 1; a page, its size times what a row costs; a list without pages counts as ten. */
export const maxCost = 20_000
/** A root field costs at least a read of the log or of PostgreSQL, a mutation a durable write. */
const rootCosts: Readonly<Record<string, number>> = { Query: 10, Mutation: 100, Subscription: 10 }
/** Of the schema itself, which has about a thousand of everything and is shown to anyone: GraphiQL's query asks for 300. */
const introspectionCost = 40
const pageSize = 20
const listSize = 10

/** Fields that fold a whole stream of the log. */
const folding: Readonly<Record<string, number>> = {
  'Execution.steps': 20,
  'Execution.inputData': 10,
  'Execution.outputData': 10,
  'Workflow.problems': 10,
  'Workflow.versions': 10,
  'Execution.forkedFromId': 10,
  'Execution.forkedAtStep': 10,
  'Execution.parentStep': 10,
  'Execution.pause': 10,
  'Execution.waits': 10,
  'Query.events': 20,
  'Schedule.next': 10,
  'Query.explainExecution': 20,
  'Mutation.replayExecution': 1000,
  'Mutation.bulkExecutions': 2000,
  'Query.bulkOperation': 20,
  'Query.planMigration': 2000,
  'Query.migration': 20,
  'Mutation.migrateExecutions': 2000,
  'Execution.migrations': 10,
  'Mutation.rebuildProjection': 5000,
}

type Variables = Readonly<Record<string, unknown>>

/** Rows at most; `first` and `last` are never given together, but one of them may be null. */
const rowsOf = (field: FieldNode, definition: GraphQLField<unknown, unknown>, variables: Variables): number => {
  if (!definition.args.some(({ name }) => name === 'first')) return isPlainList(definition) ? listSize : 1
  const sizes = (field.arguments ?? []).flatMap(({ name, value }) => {
    if (name.value !== 'first' && name.value !== 'last') return []
    if (value.kind === Kind.INT) return [Number(value.value)]
    const variable = value.kind === Kind.VARIABLE ? variables[value.name.value] : undefined
    return typeof variable === 'number' ? [variable] : []
  })
  return sizes.length === 0 ? pageSize : Math.max(...sizes)
}

/** The meta fields of a root are in no type. */
const fieldOf = (parent: GraphQLNamedType | undefined, { name }: FieldNode): GraphQLField<unknown, unknown> | undefined => {
  if (name.value === SchemaMetaFieldDef.name) return SchemaMetaFieldDef
  if (name.value === TypeMetaFieldDef.name) return TypeMetaFieldDef
  return isObjectType(parent) ? parent.getFields()[name.value] : undefined
}

/** What was given, over what the operation says where nothing is. */
const withDefaults = ({ variableDefinitions = [] }: OperationDefinitionNode, variables: Variables): Variables => ({
  ...Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)]],
    ),
  ),
  ...variables,
})

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
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    const cost = costOfOperation(schema, definition, fragments, withDefaults(definition, variables))
    if (cost > maxCost)
      throw new WeConnectError('QUERY_TOO_COSTLY', `The query may cost ${cost}; ${maxCost} are allowed. Ask for less, or for smaller pages`)
  }
}

const costOfOperation = (
  schema: GraphQLSchema,
  { selectionSet, operation }: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Variables,
): number => {
  const known = new Map<string, number>()
  const costOfFragment = (name: string): number => {
    const fragment = fragments.get(name)
    const cost = known.get(name) ?? costOf(fragment?.selectionSet, schema.getType(fragment?.typeCondition.name.value ?? ''))
    known.set(name, cost)
    return cost
  }
  const costOfField = (field: FieldNode, parent: GraphQLNamedType | undefined): number => {
    const definition = fieldOf(parent, field)
    if (definition === undefined) return 1
    const type = getNamedType(definition.type)
    if (isIntrospectionType(type) || (parent && isIntrospectionType(parent))) return introspectionCost + costOf(field.selectionSet, type)
    const own = folding[`${parent?.name}.${field.name.value}`] ?? rootCosts[parent?.name ?? ''] ?? 1
    return own + Math.max(1, rowsOf(field, definition, variables)) * costOf(field.selectionSet, type)
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
  return costOf(selectionSet, schema.getRootType(operation) ?? undefined)
}
