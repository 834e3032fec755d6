import type { Blobs } from '@weconnect/blobs/port'
import type { Context, DomainEvent, Envelope } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'
import type { DataKey, Keyring } from '@weconnect/secrets/port'
import { type EventBytes, type EventStore, maxAppendBytes, type StoredEvent } from '../port.ts'
import { eventReader } from './event-reader.ts'
import { infoOf } from './event-types.ts'
import { chained, isHash, originOf } from './hash-chain.ts'
import type { Head, Journal, Written } from './journal.ts'
import { maxInlinePayload, moveToBlob, type Part, partsOf, sealParts } from './payloads.ts'

export interface JournalParts {
  readonly store: EventStore
  readonly keyring: Keyring
  readonly blobs: Blobs
  /** ISO 8601, UTC, milliseconds. */
  readonly now: () => string
  /** Lower-case UUID. */
  readonly newId: () => string
}

/** An event on its way into the log. */
interface Draft {
  readonly id: string
  readonly type: string
  readonly version: number
  readonly data: JsonObject
  readonly parts: readonly Part[]
}

const draftOf = (event: DomainEvent, id: string): Draft => {
  const { version, payloads } = infoOf(event.type)
  const data = event.data as unknown as JsonObject
  return { id, type: event.type, version, data, parts: payloads.length === 0 ? [] : partsOf(data, payloads) }
}

interface Encoded {
  readonly events: readonly EventBytes[]
  /** Of the last event, base64url. */
  readonly hash: string
  readonly bytes: number
}

/** What all events of an append have in common, as the tail of a JSON object. */
const commonMetadata = (context: Context, time: string): string =>
  JSON.stringify({
    time,
    actor: context.actor,
    organisationId: context.organisationId,
    correlationId: context.correlationId,
    causationId: context.causationId,
  }).slice(1)

const encode = (drafts: readonly Draft[], stream: string, head: Head, common: string, key: DataKey): Encoded => {
  const events: EventBytes[] = []
  let previous = head.revision < 0 ? originOf(stream) : head.hash
  let bytes = 0
  for (const { id, type, version, data, parts } of drafts) {
    const stored = JSON.stringify(parts.length === 0 ? data : sealParts(data, parts, key, stream, id))
    const metadata = `{"eventId":"${id}","type":"${type}","schemaVersion":${version},${common}`
    const { event, hash } = chained({ id, type, data: stored, metadata }, previous)
    events.push(event)
    previous = hash
    bytes += event.data.length + event.metadata.length + frameOverhead
  }
  return { events, hash: previous, bytes }
}

/** More than any store adds to the bytes of one event. */
const frameOverhead = 128
/** About what a reference to a blob takes in place of a payload. */
const referenceBytes = 200

/** The largest payloads whose removal brings the append under the limit. */
const excessParts = (drafts: readonly Draft[], bytes: number): Part[] => {
  const chosen: Part[] = []
  let excess = bytes - maxAppendBytes
  const bySize = drafts.flatMap(({ parts }) => parts.filter(({ blob }) => blob === undefined)).sort((a, b) => b.bytes - a.bytes)
  for (const part of bySize) {
    if (excess <= 0 || part.bytes <= referenceBytes) break
    chosen.push(part)
    excess -= Math.floor((part.bytes * 4) / 3) - referenceBytes
  }
  return chosen
}

/** The ids of one append are neighbours: the last four digits of one new id, counted up. @param first lower-case UUID */
export const eventIds = (first: string, count: number): string[] => {
  const [stem, last] = [first.slice(0, -4), Number.parseInt(first.slice(-4), 16)]
  const ids = [first]
  for (let index = 1; index < count; index += 1) ids.push(stem + (((last + index) & 0xffff) + 0x10000).toString(16).slice(1))
  return ids
}

const isSync = <Value extends object>(value: Value | Promise<Value>): value is Value => !(value instanceof Promise)

const checkHead = (stream: string, { revision, hash }: Head): void => {
  if (revision < 0 ? hash === '' : isHash(hash)) return
  throw new WeConnectError('INVALID_INPUT', `An append to ${stream} names no hash of revision ${revision}`)
}

/**
 * @throws WeConnectError from its methods: REVISION_CONFLICT, APPEND_TOO_LARGE, DISK_FULL, STORAGE_FAILED, CURSOR_OF_ANOTHER_LOG,
 * LOG_CORRUPT (bytes that are no event of this release), PAYLOAD_UNREADABLE
 */
export const openJournal = ({ store, keyring, blobs, now, newId }: JournalParts): Journal => {
  const open = eventReader({ keyring, blobs })

  const openAll = (stored: readonly StoredEvent[]): readonly Envelope[] | Promise<readonly Envelope[]> => {
    const opened = stored.map(open)
    return opened.every(isSync) ? opened : Promise.all(opened)
  }

  const moveAll = async (parts: readonly Part[], organisationId: string, key: DataKey): Promise<void> => {
    await Promise.all(parts.map((part) => moveToBlob(part, blobs, organisationId, key)))
  }

  const append = async (stream: string, head: Head, events: readonly DomainEvent[], context: Context, time = now()): Promise<Written> => {
    checkHead(stream, head)
    const sealing = keyring.sealing(context.organisationId)
    const key = isSync(sealing) ? sealing : await sealing
    const ids = eventIds(newId(), events.length)
    const drafts = events.map((event, index) => draftOf(event, ids[index] as string))
    const large = drafts.flatMap(({ parts }) => parts.filter(({ bytes }) => bytes > maxInlinePayload))
    if (large.length > 0) await moveAll(large, context.organisationId, key)
    const common = commonMetadata(context, time)
    let encoded = encode(drafts, stream, head, common, key)
    if (encoded.bytes > maxAppendBytes) {
      await moveAll(excessParts(drafts, encoded.bytes), context.organisationId, key)
      encoded = encode(drafts, stream, head, common, key)
    }
    const { revision, position } = await store.append(stream, head.revision < 0 ? 'none' : head.revision, encoded.events)
    return {
      head: { revision, hash: encoded.hash },
      token: { log: store.logId, stream, revision, position },
      eventIds: ids,
      time,
    }
  }

  async function* read(stream: string, options: Parameters<Journal['read']>[1] = {}): AsyncGenerator<Envelope> {
    for await (const stored of store.read(stream, options)) {
      const opened = open(stored)
      yield isSync(opened) ? opened : await opened
    }
  }

  async function* opened(batches: AsyncIterable<readonly StoredEvent[]>): AsyncGenerator<readonly Envelope[]> {
    for await (const batch of batches) yield await openAll(batch)
  }

  return {
    logId: store.logId,
    append,
    read,
    readAll: async (options) => openAll(await store.readAll(options)),
    // The store fixes the place of a subscription when it is called, so this must not wait for the first turn of an iteration.
    subscribe: (options) => opened(store.subscribe(options)),
    open: async (stored) => open(stored),
    head: store.head,
  }
}
