import type { BinaryData, Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { fieldOf, setField } from '../../parameters/paths.ts'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { asNames, asObject, asObjects, asText, nodeFailure, unsupported } from '../per-item.ts'
import { definition } from './definition.ts'

type Json = Record<string, JsonValue | undefined>

const listOf = (items: readonly Item[], field: string, options: JsonObject): readonly JsonValue[] => {
  const values: JsonValue[] = []
  for (const { json } of items) {
    const value = fieldOf(json, field, options['disableDotNotation'] !== true) ?? null
    if (value === null && options['keepMissing'] !== true) continue
    if (options['mergeLists'] === true && Array.isArray(value)) values.push(...(value as readonly JsonValue[]))
    else values.push(value)
  }
  return values
}

const outputName = (field: JsonObject, dotNotation: boolean): string => {
  const name = asText(field['fieldToAggregate'])
  if (field['renameField'] === true && asText(field['outputFieldName']) !== '') return asText(field['outputFieldName'])
  return dotNotation ? name.slice(name.lastIndexOf('.') + 1) : name
}

const individualFields = async (context: NodeContext, items: readonly Item[], options: JsonObject): Promise<Json> => {
  const fields = asObjects(asObject(await context.parameter('fieldsToAggregate', 0))['fieldToAggregate']).filter(
    (field) => asText(field['fieldToAggregate']) !== '',
  )
  if (fields.length === 0) throw nodeFailure(context, 'No fields specified', 'fieldsToAggregate')
  const dotNotation = options['disableDotNotation'] !== true
  const names = fields.map((field) => outputName(field, dotNotation))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw nodeFailure(context, `The '${twice}' output field is used more than once`, 'fieldsToAggregate')
  const json: Json = {}
  for (const [index, field] of fields.entries())
    setField(json, names[index]!, listOf(items, asText(field['fieldToAggregate']), options), dotNotation)
  return json
}

const picker = async (context: NodeContext): Promise<(json: JsonObject) => JsonObject> => {
  const include = asText(await context.parameter('include', 0), 'allFields')
  if (include === 'specifiedFields') {
    const kept = asNames(await context.parameter('fieldsToInclude', 0))
    return (json) => Object.fromEntries(Object.entries(json).filter(([key]) => kept.includes(key)))
  }
  if (include !== 'allFieldsExcept') return (json) => json
  const left = asNames(await context.parameter('fieldsToExclude', 0))
  return (json) => Object.fromEntries(Object.entries(json).filter(([key]) => !left.includes(key)))
}

const allItems = async (context: NodeContext, items: readonly Item[]): Promise<Json> => {
  const pick = await picker(context)
  const json: Json = {}
  setField(
    json,
    asText(await context.parameter('destinationFieldName', 0), 'data'),
    items.map((item) => pick(item.json)),
    false,
  )
  return json
}

/** Binary fields of every item; a name that is taken gets a number. */
const binariesOf = (items: readonly Item[], unique: boolean): Readonly<Record<string, BinaryData>> => {
  const all: Record<string, BinaryData> = {}
  const same = (a: BinaryData, b: BinaryData) =>
    a.fileName === b.fileName && a.mimeType === b.mimeType && a.fileSize === b.fileSize && a.data === b.data
  for (const [name, data] of items.flatMap((item) => Object.entries(item.binary ?? {}))) {
    if (unique && Object.values(all).some((known) => same(known, data))) continue
    let free = name
    for (let number = 1; Object.hasOwn(all, free); number++) free = `${name}_${number}`
    all[free] = data
  }
  return all
}

/** Puts many items into one. */
export const aggregate: NodeType = {
  definition,
  execute: async (context) => {
    const items = await context.items()
    const how = asText(await context.parameter('aggregate', 0))
    if (how !== 'aggregateIndividualFields' && how !== 'aggregateAllItemData')
      throw unsupported(context, `Aggregating "${how}"`, 'aggregate')
    const options = asObject(await context.parameter('options', 0))
    const json = how === 'aggregateAllItemData' ? await allItems(context, items) : await individualFields(context, items, options)
    const binary = options['includeBinaries'] === true ? binariesOf(items, options['keepOnlyUnique'] === true) : {}
    return [[{ json, ...(Object.keys(binary).length > 0 ? { binary } : {}), pairedItem: items.map((_, item) => ({ item })) }]]
  },
  validate: () => [],
}
