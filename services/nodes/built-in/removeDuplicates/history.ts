import type { Item, Outputs } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { ComparedBy, MemoryScope } from '@weconnect/contracts/memory'
import { DateTime } from 'luxon'
import type { NodeContext } from '../../sdk/node.ts'
import { asObject, asText, nodeFailure, passOn } from '../per-item.ts'
import { type Logic, valueParameters } from './definition.ts'

/** The value to compare, or undefined when it is none. */
type ReadValue = (value: JsonValue, zone: string) => JsonValue | undefined

const readNumber: ReadValue = (value) => {
  const number = typeof value === 'string' ? Number(value.trim() || Number.NaN) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

const readTime: ReadValue = (value, zone) => {
  const time = DateTime.fromISO(asText(value), { zone }).toMillis()
  return Number.isFinite(time) ? time : undefined
}

const ways: { readonly [logic in Logic]: { readonly by: ComparedBy; readonly read: ReadValue; readonly what: string } } = {
  removeItemsWithAlreadySeenKeyValues: { by: 'value', read: (value) => value, what: 'a value' },
  removeItemsUpToStoredIncrementalKey: { by: 'number', read: readNumber, what: 'a number' },
  removeItemsUpToStoredDate: { by: 'time', read: readTime, what: 'an ISO 8601 date' },
}

const logicOf = async (context: NodeContext): Promise<Logic> => {
  const logic = asText(await context.parameter('logic', 0))
  if (!Object.hasOwn(ways, logic)) throw nodeFailure(context, `"${logic}" is no way to choose which items to keep`, 'logic')
  return logic as Logic
}

const valuesOf = async (context: NodeContext, logic: Logic): Promise<readonly JsonValue[]> => {
  const parameter = valueParameters[logic]
  const { read, what } = ways[logic]
  const zone = await context.timezone()
  return (await context.parameterOfEach(parameter)).map((value, index) => {
    const found = value === undefined || value === null || value === '' ? undefined : read(value, zone)
    if (found === undefined) throw nodeFailure(context, `Value to Dedupe On is not ${what} in item ${index}`, parameter, index)
    return found
  })
}

const scopeOf = ({ scope }: JsonObject): MemoryScope => (scope === 'workflow' ? 'workflow' : 'node')

const sizeOf = (context: NodeContext, { historySize = 10_000 }: JsonObject): number => {
  const size = Number(historySize)
  if (Number.isInteger(size) && size >= 1) return size
  throw nodeFailure(context, 'History Size must be a whole number of at least 1', 'options.historySize')
}

/** Output 0: items that no execution before showed; output 1: the others. Items of one input are not compared with each other. */
export const removeSeen = async (context: NodeContext): Promise<Outputs> => {
  const items = await context.items()
  const logic = await logicOf(context)
  const options = asObject(await context.parameter('options', 0))
  const { kept } = await context.remember({
    kind: 'compare',
    scope: scopeOf(options),
    by: ways[logic].by,
    values: await valuesOf(context, logic),
    size: sizeOf(context, options),
  })
  const isKept = new Set(kept)
  const outputs: readonly [Item[], Item[]] = [[], []]
  for (const [index, item] of items.entries()) outputs[isKept.has(index) ? 0 : 1].push(passOn(item, index))
  return outputs
}

/** Forgets everything; the items go on. */
export const clearHistory = async (context: NodeContext): Promise<readonly Item[]> => {
  await context.remember({ kind: 'clear', scope: scopeOf(asObject(await context.parameter('options', 0))) })
  return (await context.items()).map((item, index) => passOn(item, index))
}
