import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { setField } from '../../parameters/paths.ts'
import type { NodeType } from '../../sdk/node.ts'
import { asObject, asObjects, asText, continues, failedItem, readColumns } from '../per-item.ts'
import { classicDefinition } from './definition.ts'

const kinds = ['boolean', 'number', 'string'] as const

/** From version 2 on, text in a number field becomes a number. */
const converted = (kind: string, value: JsonValue | undefined, typeVersion: number): JsonValue =>
  kind === 'number' && typeof value === 'string' && typeVersion >= 2 ? Number(value) : (value ?? null)

const build = (item: Item, index: number, values: JsonObject, keepOnlySet: boolean, dotNotation: boolean, typeVersion: number): Item => {
  const json: Record<string, JsonValue | undefined> = keepOnlySet ? {} : { ...item.json }
  for (const kind of kinds)
    for (const entry of asObjects(values[kind]))
      setField(json, asText(entry['name']), converted(kind, entry['value'], typeVersion), dotNotation)
  const binary = keepOnlySet ? undefined : item.binary
  return { json, ...(binary ? { binary } : {}), pairedItem: { item: index } }
}

/** Set, versions 1 and 2. */
export const setClassic: NodeType = {
  definition: classicDefinition,
  execute: async (context) => {
    const items = await context.items()
    const read = await readColumns(context, ['keepOnlySet', 'values', 'options'], items.length)
    const one = (item: Item, index: number): Item => {
      const dotNotation = asObject(read('options', index))['dotNotation'] !== false
      return build(item, index, asObject(read('values', index)), read('keepOnlySet', index) === true, dotNotation, context.node.typeVersion)
    }
    const orFailed = (item: Item, index: number): Item => {
      try {
        return one(item, index)
      } catch (error) {
        return failedItem(error, index)
      }
    }
    return [items.map(continues(context) ? orFailed : one)]
  },
  validate: () => [],
}
