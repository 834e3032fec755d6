import { createHash } from 'node:crypto'
import type { Item } from '@weconnect/contracts/items'
import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { Deduplication } from '@weconnect/nodes/sdk/node'
import { v5 as uuid5 } from 'uuid'
import { type Delivery, deliveryIdOf } from '../receive/delivery.ts'

/** What tells this delivery from others; undefined when it has no such thing: then it is one of its own. */
export const deliveryKeyOf = (
  { by, header, field }: Deduplication,
  { headers }: Delivery,
  item: Item,
  bytes: Buffer | undefined,
): string | undefined => {
  if (by === 'deliveryId') return deliveryIdOf(headers)
  if (by === 'body') return bytes && `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  if (by === 'field') return textOf(memberAt(item.json, field))
  const value = headers[header]
  return typeof value === 'string' && value !== '' ? value : undefined
}

const memberAt = (json: JsonValue, field: string): JsonValue | undefined =>
  field
    .split('.')
    .reduce<JsonValue | undefined>((inside, key) => (isJsonObject(inside) && Object.hasOwn(inside, key) ? inside[key] : undefined), json)

const textOf = (value: JsonValue | undefined): string | undefined => {
  if (value === undefined || value === null || value === '') return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export interface DeduplicationParts {
  /** Milliseconds since the epoch at which an execution was asked for; undefined when there is none. */
  readonly requestedAt: (executionId: string) => Promise<number | undefined>
  readonly isUnderWay: (executionId: string) => boolean
  readonly now: () => number
}

/**
 * The execution that a delivery belongs to: its id follows from the key and the stretch of time that it falls in, so that the log itself refuses a
 * second one. A delivery within the window of one in the stretch before belongs to that one.
 */
export const openDeduplication =
  ({ requestedAt, isUnderWay, now }: DeduplicationParts) =>
  async (webhookId: string, key: string, windowSeconds: number): Promise<string> => {
    const windowMs = windowSeconds * 1000
    const stretch = Math.floor(now() / windowMs)
    const idIn = (number: number): string => uuid5(`${key} ${windowSeconds} ${number}`, webhookId)
    const before = idIn(stretch - 1)
    if (isUnderWay(before)) return before
    const at = await requestedAt(before)
    return at !== undefined && now() - at < windowMs ? before : idIn(stretch)
  }
