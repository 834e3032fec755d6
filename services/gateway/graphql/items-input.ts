import { WeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'

const malformed = () => new WeConnectError('INVALID_INPUT', 'input must be items: [{json: {...}}, ...]')

/** Items typed by hand: a list of {json}; undefined when nothing was given. @throws WeConnectError INVALID_INPUT */
export const itemsOf = (input: JsonValue | undefined): readonly Item[] | undefined => {
  if (input === undefined || input === null) return undefined
  if (!Array.isArray(input)) throw malformed()
  return (input as readonly JsonValue[]).map((item) => {
    if (!isJsonObject(item) || !isJsonObject(item['json'])) throw malformed()
    return item as unknown as Item
  })
}
