import type { SubscribeOptions } from '../port.ts'
import { formatPosition } from '../position.ts'
import type { Wanted } from './event-filter.ts'
import type { Recorded } from './recorded.ts'
import { streamDeleted } from './refusal.ts'
import type { StreamLog, Visible } from './stream-log.ts'
import { isMetadataStream, tombstoneType } from './stream-metadata.ts'

/** What a subscription tells, in order. */
export type Notice =
  | { readonly kind: 'event'; readonly event: Recorded }
  /** Everything up to this place was looked at. */
  | { readonly kind: 'checkpoint'; readonly place: number }
  | { readonly kind: 'caught up' }

const pageEvents = 500

/** A place as the store's cursor; whatever lies beyond the log counts as its end. */
const cursor = ({ store }: StreamLog, place: number): string =>
  formatPosition(store.logId, Math.min(Math.max(place, 0), Number.MAX_SAFE_INTEGER))

/**
 * $all, a page at a time.
 * @param from forwards: the first place that is wanted; backwards: the first that is not
 */
export async function* readAll(
  log: StreamLog,
  { from, backwards, limit, wanted }: { from: number; backwards: boolean; limit: number; wanted: Wanted },
): AsyncGenerator<Recorded> {
  let after = cursor(log, backwards ? from : from - 1)
  let left = limit
  while (left > 0) {
    const page = await log.store.readAll({ after, direction: backwards ? 'backwards' : 'forwards', limit: pageEvents })
    for (const stored of page) {
      const event = log.recorded(stored)
      if (!wanted(event)) continue
      yield event
      left -= 1
      if (left <= 0) return
    }
    const last = page.at(-1)
    if (!last) return
    after = last.position
  }
}

export const headPlace = async ({ store, recorded }: StreamLog): Promise<number> => {
  const [last] = await store.readAll({ direction: 'backwards', limit: 1 })
  return last ? recorded(last).place : 0
}

/**
 * $all from a place on, and then what is appended.
 * @param after exclusive
 * @param checkpointEvery events that were looked at between two checkpoints; absent = none
 */
export async function* followAll(
  log: StreamLog,
  { after, wanted, checkpointEvery, signal }: { after: number | 'end'; wanted: Wanted; checkpointEvery?: number; signal: AbortSignal },
): AsyncGenerator<Notice> {
  const target = await headPlace(log)
  const start = after === 'end' ? target : after
  let caughtUp = start >= target
  let looked = 0
  const subscription = log.store.subscribe({ after: cursor(log, start), signal })
  if (caughtUp) yield { kind: 'caught up' }
  for await (const batch of subscription) {
    for (const stored of batch) {
      const event = log.recorded(stored)
      if (wanted(event)) yield { kind: 'event', event }
      looked += 1
      const due = checkpointEvery !== undefined && looked >= checkpointEvery
      const arrived = !caughtUp && event.place >= target
      if (due || (arrived && checkpointEvery !== undefined)) {
        looked = 0
        yield { kind: 'checkpoint', place: event.place }
      }
      if (arrived) {
        caughtUp = true
        yield { kind: 'caught up' }
      }
    }
  }
}

/** Where to subscribe so that the events after a revision come, without reading those before it. */
const startOf = async (log: StreamLog, stream: string, after: number): Promise<SubscribeOptions['after']> => {
  if (after < 0) return 'start'
  const [event] = await Array.fromAsync(log.store.read(stream, { from: after, limit: 1 }))
  return event ? event.position : 'start'
}

/**
 * The visible events of a stream after a revision, and then what is appended.
 * @param after exclusive; -1 = from the first
 * @throws Refusal when the stream is tombstoned, also later
 */
export async function* followStream(
  log: StreamLog,
  { stream, after, signal }: { stream: string; after: number | 'end'; signal: AbortSignal },
): AsyncGenerator<Notice> {
  const visible = await log.visibleOf(stream)
  const last = visible?.last ?? -1
  const from = after === 'end' ? ((await log.lastOf(stream))?.revision ?? -1) : after
  let caughtUp = from >= last
  const subscription = log.store.subscribe({ after: await startOf(log, stream, from), stream, signal })
  if (caughtUp) yield { kind: 'caught up' }
  for await (const batch of subscription) {
    for (const stored of batch) {
      const event = log.recorded(stored)
      if (event.type === tombstoneType && !isMetadataStream(stream)) throw streamDeleted(stream)
      // A deleted stream shows nothing of its past; what comes after the start is new and always shown.
      const hidden = visible ? event.revision <= last && isHidden(visible, event) : isHidden(await log.visibleOf(stream), event)
      if (event.revision > from && !hidden) yield { kind: 'event', event }
      if (!caughtUp && event.revision >= last) {
        caughtUp = true
        yield { kind: 'caught up' }
      }
    }
  }
}

const isHidden = (visible: Visible | undefined, event: Recorded): boolean =>
  visible === undefined || event.revision < visible.first || event.created < visible.since
