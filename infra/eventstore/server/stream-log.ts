import { randomUUID } from 'node:crypto'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { type EventBytes, type EventStore, maxAppendBytes } from '../port.ts'
import { parsePosition } from '../position.ts'
import { recentlyUsed } from '../recently-used.ts'
import { inTurns } from './in-turn.ts'
import { receipted } from './receipt.ts'
import { recentIds } from './recent-ids.ts'
import { type Recorded, recordedFrom } from './recorded.ts'
import { streamDeleted, tooLarge } from './refusal.ts'
import {
  deletedRevision,
  isMetadataStream,
  metadataEventType,
  metadataStreamOf,
  noMetadata,
  parseStreamMetadata,
  type StreamMetadata,
  subjectOf,
  tombstoneType,
  truncatedAt,
} from './stream-metadata.ts'

/** What a client hands over. */
export interface Proposed {
  readonly id: string
  readonly type: string
  readonly json: boolean
  readonly data: Buffer
  readonly metadata: Buffer
}
/** `exists`: the stream must be there, at whatever revision. */
export type Expected = 'none' | 'any' | 'exists' | number

export type Outcome =
  /** Revision and place of the last event; the place is absent when nothing had to be written. */
  | { readonly kind: 'written'; readonly revision: number | undefined; readonly place?: number }
  | { readonly kind: 'wrong version'; readonly current: number | undefined }

/** What of a stream can be read. */
export interface Visible {
  /** Revision of the first event that is there. */
  readonly first: number
  readonly last: number
  /** Events that were taken earlier are gone; milliseconds since the epoch. */
  readonly since: number
}

const cachedMetadata = 20_000

const isTombstone = ({ type, stream }: { type: string; stream: string }): boolean => type === tombstoneType && !isMetadataStream(stream)

/**
 * The log as the protocol sees it: streams with metadata, truncation, deletion and tombstones, appends that are idempotent by event id. All of this
 * is made of ordinary events: metadata in `$$stream`, a deletion is a truncation point in them, a tombstone is the stream's last event.
 */
export const openStreamLog = ({ store, now }: { store: EventStore; now: () => number }) => {
  const recorded = recordedFrom(store.logId)
  const metadataCache = recentlyUsed<StreamMetadata>(cachedMetadata)
  const inTurn = inTurns()

  const lastEvents = async (stream: string, limit: number): Promise<Recorded[]> => {
    const events = await Array.fromAsync(store.read(stream, { direction: 'backwards', limit }))
    return events.map(recorded)
  }
  const lastOf = async (stream: string): Promise<Recorded | undefined> => (await lastEvents(stream, 1))[0]
  const recent = recentIds(lastEvents)

  const metadataOf = async (stream: string): Promise<StreamMetadata> => {
    // The protocol keeps one event of metadata; whoever has a tool for the older ones reads $all.
    if (isMetadataStream(stream)) return { ...noMetadata, maxCount: 1 }
    const cached = metadataCache.get(stream)
    if (cached) return cached
    const last = await lastOf(metadataStreamOf(stream))
    const metadata = last ? parseStreamMetadata(last.data) : noMetadata
    metadataCache.set(stream, metadata)
    return metadata
  }

  /** The last event of a stream, unless it, or the stream that it describes, is gone for good. */
  const lastUnlessTombstoned = async (stream: string): Promise<Recorded | undefined> => {
    const last = await lastOf(stream)
    const subject = isMetadataStream(stream) ? await lastOf(subjectOf(stream)) : last
    if (subject && isTombstone(subject)) throw streamDeleted(subjectOf(stream))
    return last
  }

  const put = async (stream: string, expected: 'none' | 'any' | number, events: readonly Proposed[]): Promise<Outcome> => {
    const received = now()
    const bytes = events.map(({ json, ...event }): EventBytes => receipted(stream, event, json, received))
    try {
      const { revision, position } = await store.append(stream, expected, bytes)
      const ids = events.map(({ id }) => id)
      recent.add(stream, ids, revision)
      if (isMetadataStream(stream)) metadataCache.delete(subjectOf(stream))
      return { kind: 'written', revision, place: parsePosition(store.logId, position) }
    } catch (error) {
      if (isWeConnectError(error, 'REVISION_CONFLICT')) return { kind: 'wrong version', current: (await lastOf(stream))?.revision }
      if (isWeConnectError(error, 'APPEND_TOO_LARGE')) throw tooLarge(maxAppendBytes)
      throw error
    }
  }

  const putMetadata = (stream: string, data: Buffer): Promise<Outcome> =>
    put(metadataStreamOf(stream), 'any', [{ id: randomUUID(), type: metadataEventType, json: true, data, metadata: Buffer.alloc(0) }])

  /** Whether an expectation holds for a stream at that revision. */
  const holds = (expected: Expected, current: number | undefined): boolean => {
    if (expected === 'any') return true
    if (expected === 'exists') return current !== undefined
    return expected === 'none' ? current === undefined : expected === current
  }

  const repeated = async (stream: string, events: readonly Proposed[]): Promise<Outcome | undefined> => {
    const revision = await recent.find(
      stream,
      events.map(({ id }) => id),
    )
    if (revision === undefined) return undefined
    if (revision === 'partly') return { kind: 'wrong version', current: (await lastOf(stream))?.revision }
    const [event] = await Array.fromAsync(store.read(stream, { from: revision, limit: 1 }))
    return { kind: 'written', revision, ...(event && { place: recorded(event).commit }) }
  }

  const appendNow = async (stream: string, expected: Expected, events: readonly Proposed[]): Promise<Outcome> => {
    const last = await lastUnlessTombstoned(stream)
    const metadata = await metadataOf(stream)
    const there = metadata.deleted ? undefined : last?.revision
    if (events.length === 0) {
      return holds(expected, there) || expected === last?.revision
        ? { kind: 'written', revision: last?.revision }
        : { kind: 'wrong version', current: last?.revision }
    }
    if (expected === 'exists' && there === undefined) return { kind: 'wrong version', current: last?.revision }
    if (expected === 'any' || expected === 'exists') {
      const earlier = await repeated(stream, events)
      if (earlier) return earlier
    }
    // A deleted stream begins anew: its old events stay hidden, its revisions go on.
    if (metadata.deleted && last && (holds(expected, undefined) || expected === last.revision)) {
      await putMetadata(stream, truncatedAt(metadata, last.revision + 1))
      return put(stream, last.revision, events)
    }
    return put(stream, expected === 'exists' ? 'any' : expected, events)
  }

  /** Runs when the stream is at the expected revision, with its last event. */
  const whenExpected = async (
    stream: string,
    expected: Expected,
    work: (last: Recorded | undefined) => Promise<Outcome>,
  ): Promise<Outcome> => {
    const last = await lastUnlessTombstoned(stream)
    return holds(expected, last?.revision) ? work(last) : { kind: 'wrong version', current: last?.revision }
  }

  const visibleOf = async (stream: string): Promise<Visible | undefined> => {
    const last = await lastUnlessTombstoned(stream)
    const { deleted, truncateBefore = 0, maxCount, maxAgeMs } = await metadataOf(stream)
    if (!last || deleted) return undefined
    const first = Math.max(truncateBefore, maxCount === undefined ? 0 : last.revision - maxCount + 1)
    return { first, last: last.revision, since: maxAgeMs === undefined ? 0 : now() - maxAgeMs }
  }

  async function* readVisible(stream: string, visible: Visible, from: number, backwards: boolean, limit: number): AsyncGenerator<Recorded> {
    const { first, last, since } = visible
    const start = backwards ? Math.min(from, last) : Math.max(from, first)
    let left = limit
    if (left <= 0) return
    for await (const stored of store.read(stream, { from: start, direction: backwards ? 'backwards' : 'forwards' })) {
      if (stored.revision < first || (backwards && stored.revision > last)) return
      const event = recorded(stored)
      if (event.created < since) continue
      yield event
      left -= 1
      if (left <= 0) return
    }
  }

  return {
    store,
    recorded,
    metadataOf,
    lastOf,
    visibleOf,
    readVisible,
    append: (stream: string, expected: Expected, events: readonly Proposed[]): Promise<Outcome> =>
      inTurn(subjectOf(stream), () => appendNow(stream, expected, events)),
    /** The stream is gone until somebody appends to it again. */
    delete: (stream: string, expected: Expected): Promise<Outcome> =>
      inTurn(stream, () =>
        whenExpected(stream, expected, async () => putMetadata(stream, truncatedAt(await metadataOf(stream), deletedRevision))),
      ),
    /** The stream is gone for good, and so is its name. */
    tombstone: (stream: string, expected: Expected): Promise<Outcome> =>
      inTurn(stream, () =>
        whenExpected(stream, expected, () =>
          put(stream, 'any', [{ id: randomUUID(), type: tombstoneType, json: false, data: Buffer.alloc(0), metadata: Buffer.alloc(0) }]),
        ),
      ),
    /** Changes the truncation point and leaves the rest of the metadata. */
    truncateBefore: (stream: string, before: number): Promise<Outcome> =>
      inTurn(stream, async () => putMetadata(stream, truncatedAt(await metadataOf(stream), before))),
    /** One event by its name, if it can be seen. */
    eventAt: async (stream: string, revision: number): Promise<Recorded | undefined> => {
      const visible = await visibleOf(stream).catch(() => undefined)
      if (!visible || revision < visible.first || revision > visible.last) return undefined
      for await (const event of readVisible(stream, visible, revision, false, 1)) return event.revision === revision ? event : undefined
      return undefined
    },
  }
}
export type StreamLog = ReturnType<typeof openStreamLog>
