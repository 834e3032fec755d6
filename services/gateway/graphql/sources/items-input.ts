import { WeConnectError } from '@weconnect/contracts/errors'
import type { Item, Outputs } from '@weconnect/contracts/items'
import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'

/**
 * Items typed by hand: a list of {json: {...}}, or of plain objects, or one of them; undefined when nothing was given.
 * @throws WeConnectError INVALID_INPUT
 */
export const itemsOf = (input: JsonValue | undefined): readonly Item[] | undefined => {
  if (input === undefined || input === null) return undefined
  const list: readonly JsonValue[] = Array.isArray(input) ? input : [input as JsonValue]
  return list.map((entry) => {
    if (!isJsonObject(entry)) throw new WeConnectError('INVALID_INPUT', 'input must be items: [{json: {...}}, ...]')
    return isJsonObject(entry['json']) ? (entry as unknown as Item) : { json: entry }
  })
}

/** Items of the first output, or a list of such lists. @throws WeConnectError INVALID_INPUT */
export const outputsOf = (input: JsonValue | undefined): Outputs | undefined => {
  const perOutput = Array.isArray(input) && input.length > 0 && input.every((entry) => Array.isArray(entry))
  if (perOutput) return input.map((items: JsonValue) => itemsOf(items) ?? [])
  const items = itemsOf(input)
  return items && [items]
}
