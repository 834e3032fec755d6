import { setImmediate as nextTurn } from 'node:timers/promises'
import { familyOf } from '@weconnect/contracts/ids'
import type { StoredEvent, SubscribeOptions } from '../port.ts'
import { parsePosition } from '../position.ts'
import { storageError } from '../storage-error.ts'
import type { AppendRow, LogReader } from './log-reader.ts'
import { recentAppends } from './recent-appends.ts'

/** A subscription: how far it is, and, while it waits, how to wake it. */
interface Follower {
  /** Place of the last event that was seen, whether it was wanted or not. */
  place: number
  /** Revision below which nothing of the one stream is wanted. */
  revision: number
  readonly stream: string | undefined
  readonly families: ReadonlySet<string> | undefined
  wake: (() => void) | undefined
}

const wants = ({ stream, families }: Follower, row: AppendRow): boolean =>
  stream !== undefined ? row.stream === stream : families === undefined || families.has(familyOf(row.stream))

const endOf = (row: AppendRow): number => row.position + row.count - 1

/**
 * Feeds subscriptions. One that keeps up is fed from the appends that are kept in memory, one that falls behind from disk; there is no buffer
 * per subscription, so a slow one costs nothing.
 */
export const logFollowers = (reader: LogReader, logId: string) => {
  const recent = recentAppends()
  const waiting = new Set<Follower>()
  const waitingByStream = new Map<string, Set<Follower>>()
  let ended = false

  const wakeAll = (followers: Iterable<Follower>): void => {
    for (const follower of [...followers]) follower.wake?.()
  }

  const wakeEverybody = (): void => {
    wakeAll(waiting)
    for (const group of [...waitingByStream.values()]) wakeAll(group)
  }

  /** Called after each commit. Those that want none of the rows are moved on without being woken. */
  const publish = (rows: readonly AppendRow[]): void => {
    const end = endOf(rows.at(-1) as AppendRow)
    recent.add(rows)
    for (const row of rows) wakeAll(waitingByStream.get(row.stream) ?? [])
    for (const follower of [...waiting]) {
      if (rows.some((row) => wants(follower, row))) follower.wake?.()
      else follower.place = end
    }
  }

  const rest = (follower: Follower, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve) => {
      const group = follower.stream === undefined ? waiting : (waitingByStream.get(follower.stream) ?? new Set())
      if (follower.stream !== undefined) waitingByStream.set(follower.stream, group)
      const wake = (): void => {
        follower.wake = undefined
        signal?.removeEventListener('abort', wake)
        group.delete(follower)
        if (follower.stream !== undefined && group.size === 0) waitingByStream.delete(follower.stream)
        resolve()
      }
      follower.wake = wake
      group.add(follower)
      signal?.addEventListener('abort', wake)
    })

  /** Rows of a follower since its place, from memory when they are there. */
  const rowsFor = (follower: Follower): { rows: AppendRow[]; fromDisk: boolean } => {
    const rows = recent.after(follower.place)
    if (rows) return { rows, fromDisk: false }
    if (follower.stream === undefined) return { rows: reader.rowsAfter(follower.place), fromDisk: true }
    return { rows: reader.streamRowsAfter(follower.stream, follower.revision, follower.place), fromDisk: true }
  }

  const take = (follower: Follower): { events: StoredEvent[]; more: boolean; fromDisk: boolean } => {
    try {
      return takeNext(follower)
    } catch (error) {
      throw storageError(error)
    }
  }

  const takeNext = (follower: Follower): { events: StoredEvent[]; more: boolean; fromDisk: boolean } => {
    const { rows, fromDisk } = rowsFor(follower)
    const from = follower.place
    const last = rows.at(-1)
    const wanted = rows.filter((row) => wants(follower, row))
    const events = wanted.flatMap(reader.eventsOf)
    if (last) follower.place = endOf(last)
    if (follower.stream !== undefined) follower.revision = wanted.at(-1)?.revision ?? follower.revision
    const first = rows[0]
    const cut = first !== undefined && first.position <= from
    return {
      events: cut ? events.filter(({ position }) => parsePosition(logId, position) > from) : events,
      more: last !== undefined,
      fromDisk,
    }
  }

  const start = ({ after, stream, families }: SubscribeOptions): Follower => ({
    place: after === 'start' ? 0 : after === 'end' ? reader.headPlace() : parsePosition(logId, after),
    revision: 0,
    stream,
    families: families ? new Set(families) : undefined,
    wake: undefined,
  })

  async function* follow(follower: Follower, signal: AbortSignal | undefined): AsyncGenerator<readonly StoredEvent[]> {
    while (!signal?.aborted && !ended) {
      const { events, more, fromDisk } = take(follower)
      if (events.length > 0) yield events
      // Reading is synchronous: without this a long catch-up would hold up everything else.
      if (more && fromDisk) await nextTurn()
      if (!more) await rest(follower, signal)
    }
  }

  return {
    publish,
    /** Something was written elsewhere: all look on disk. */
    lookAgain: wakeEverybody,
    /** The place is fixed now, not when iteration begins: what is appended from here on is delivered. */
    subscribe: (options: SubscribeOptions): AsyncIterable<readonly StoredEvent[]> => {
      try {
        return follow(start(options), options.signal)
      } catch (error) {
        throw storageError(error)
      }
    },
    close: (): void => {
      ended = true
      wakeEverybody()
    },
  }
}
export type LogFollowers = ReturnType<typeof logFollowers>
