import { WeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'

/** Members that make an object an item rather than the data of one. */
const itemKeys = ['json', 'binary', 'pairedItem', 'error', 'index']

const codeError = (message: string, item?: number): WeConnectError =>
  new WeConnectError('CODE_FAILED', item === undefined ? message : `${message} [item ${item}]`)

const isItem = (value: JsonObject): boolean => itemKeys.some((key) => Object.hasOwn(value, key) && value[key] !== undefined)

const checkedItem = (value: JsonObject, index: number): Item => {
  const unknown = Object.keys(value).find((key) => !itemKeys.includes(key))
  if (unknown !== undefined) throw codeError(`Unknown top-level item key: ${unknown}`, index)
  if (value['json'] !== undefined && !isJsonObject(value['json'])) throw codeError("A 'json' property isn't an object", index)
  if (value['binary'] !== undefined && !isJsonObject(value['binary'])) throw codeError("A 'binary' property isn't an object", index)
  const { index: _, ...item } = value
  return { ...item, json: value['json'] ?? {} } as unknown as Item
}

const objectsOf = (list: readonly JsonValue[]): readonly JsonObject[] => {
  if (!list.every(isJsonObject)) throw codeError("Code doesn't return items properly")
  return list
}

/**
 * The items of what "Run Once for All Items" returned: an item, a list of items, plain objects as their data.
 * @throws WeConnectError CODE_FAILED with the texts that users of n8n know
 */
export const itemsOfReturn = (value: JsonValue | undefined): readonly Item[] => {
  if (typeof value !== 'object' || value === null) throw codeError("Code doesn't return items properly")
  const objects = objectsOf(Array.isArray(value) ? value : [value])
  return objects.some(isItem) ? objects.map(checkedItem) : objects.map((json) => ({ json }))
}

/**
 * The item of what "Run Once for Each Item" returned; undefined when the item is dropped (null).
 * @throws WeConnectError CODE_FAILED
 */
export const itemOfReturn = (value: JsonValue | undefined, index: number): Item | undefined => {
  if (value === null) return undefined
  if (Array.isArray(value)) throw codeError("Code doesn't return a single object", index)
  if (!isJsonObject(value)) throw codeError("Code doesn't return an object", index)
  const item = isItem(value) ? checkedItem(value, index) : { json: value }
  return { ...item, pairedItem: { item: index } }
}
