import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { fieldOf, setField, withoutValueAt } from '../../parameters/paths.ts'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { asNames, asObject, asText, type Columns, columnsByPart, continues, failedItem, unsupported } from '../per-item.ts'
import { definition } from './definition.ts'
import { fieldsOfAssignments, fieldsOfList, fieldValue, jsonOutputOf } from './fields.ts'
import { fillJsonTemplate } from './json-template.ts'

type Json = Record<string, JsonValue | undefined>

/** Which of the input's fields stay: all, none, selected or except. */
const includeOf = (read: Columns, index: number, typeVersion: number): string =>
  typeVersion >= 3.3 && read('includeOtherFields', index) !== true ? 'none' : asText(read('include', index), 'all')

const selected = (json: JsonObject, names: readonly string[], dotNotation: boolean): Json => {
  const kept: Json = {}
  for (const name of names) {
    const value = fieldOf(json, name, dotNotation)
    if (value !== undefined) setField(kept, name, value, dotNotation)
  }
  return kept
}

const without = (json: JsonObject, names: readonly string[], dotNotation: boolean): Json => {
  if (dotNotation) return { ...names.reduce<JsonObject>(withoutValueAt, json) }
  return Object.fromEntries(Object.entries(json).filter(([key]) => !names.includes(key)))
}

const keptFields = (item: Item, index: number, include: string, read: Columns, dotNotation: boolean): Json => {
  if (include === 'none') return {}
  if (include === 'selected') return selected(item.json, asNames(read('includeFields', index)), dotNotation)
  if (include === 'except') return without(item.json, asNames(read('excludeFields', index)), dotNotation)
  return { ...item.json }
}

const keepsBinary = (include: string, options: JsonObject, typeVersion: number): boolean =>
  typeVersion >= 3.4 ? include !== 'none' && options['stripBinary'] !== true : options['includeBinary'] === true

interface Setting {
  readonly read: Columns
  readonly typeVersion: number
}

/** The new item: what stays of the input, then the values that were set. */
const compose = (item: Item, index: number, { read, typeVersion }: Setting, values: readonly (readonly [string, JsonValue])[]): Item => {
  const options = asObject(read('options', index))
  const dotNotation = options['dotNotation'] !== false
  const include = includeOf(read, index, typeVersion)
  const json = keptFields(item, index, include, read, dotNotation)
  for (const [name, value] of values) setField(json, name, value, dotNotation)
  const pairedItem = { item: index }
  return item.binary && keepsBinary(include, options, typeVersion) ? { json, binary: item.binary, pairedItem } : { json, pairedItem }
}

const manual = (item: Item, index: number, setting: Setting): Item => {
  const { read, typeVersion } = setting
  const ignoreErrors = asObject(read('options', index))['ignoreConversionErrors'] === true
  const fields = typeVersion >= 3.3 ? fieldsOfAssignments(read('assignments', index)) : fieldsOfList(read('fields', index))
  return compose(
    item,
    index,
    setting,
    fields.map((field) => [field.name, fieldValue(field, index, ignoreErrors)] as const),
  )
}

const raw = async (context: NodeContext, item: Item, index: number, setting: Setting, template: JsonValue | undefined): Promise<Item> => {
  const object = jsonOutputOf(await fillJsonTemplate(context, template, index), index)
  return compose(
    item,
    index,
    setting,
    Object.entries(object).map(([name, value]) => [name, value ?? null] as const),
  )
}

const copies = async (context: NodeContext): Promise<number> =>
  (await context.rawParameter('duplicateItem')) === true && context.mode === 'manual'
    ? Number((await context.parameter('duplicateCount', 0)) ?? 0)
    : 0

const columns = ['includeOtherFields', 'include', 'includeFields', 'excludeFields', 'options', 'assignments', 'fields']

/** Set, versions 3 to 3.4. */
export const set: NodeType = {
  definition,
  execute: async (context) => {
    const items = await context.items()
    const mode = asText(await context.parameter('mode', 0), 'manual')
    if (mode !== 'manual' && mode !== 'raw') throw unsupported(context, `Mode "${mode}"`, 'mode')
    const { typeVersion } = context.node
    const template = mode === 'raw' ? await context.rawParameter('jsonOutput') : undefined
    const times = 1 + (await copies(context))
    const output: Item[] = []
    for await (const { from, to, read } of columnsByPart(context, columns, items.length)) {
      const setting: Setting = { read, typeVersion }
      for (let index = from; index < to; index++) {
        try {
          const item = items[index]!
          const made = mode === 'manual' ? manual(item, index, setting) : await raw(context, item, index, setting, template)
          for (let copy = 0; copy < times; copy++) output.push(made)
        } catch (error) {
          if (!continues(context)) throw error
          output.push(failedItem(error, index))
        }
      }
    }
    return [output]
  },
  validate: () => [],
}
