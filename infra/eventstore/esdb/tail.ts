import { type AllStreamSubscription, type EventStoreDBClient, streamNameFilter } from '@eventstore/db-client'
import type { Connection } from './connection.ts'
import { type Fetched, fetched } from './event-form.ts'
import { wirePosition } from './reader.ts'

const keptEvents = 8192
const keptBytes = 8 * 1024 * 1024
const pauseMs = { first: 50, most: 1000 }

interface Waiter {
  readonly wake: () => void
}

const sizeOf = ({ event }: Fetched): number => event.data.length + event.metadata.length + 200

/** Index of the first event after a place. */
const firstAfter = (events: readonly Fetched[], place: number): number => {
  let [low, high] = [0, events.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((events[middle] as Fetched).place > place) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * The end of the log, kept in memory: one subscription for all who follow the log in this process. When the connection is lost it goes on, by
 * itself, where it was.
 * @param from place at which it begins
 */
export const openTail = (connection: Connection, logId: string, families: readonly string[], from: number) => {
  let events: Fetched[] = []
  let bytes = 0
  /** The beginning of an append whose other events are still on their way. */
  let coming: Fetched[] = []
  /** Everything after this place, up to `to`, is in memory. */
  let since = from
  let to = from
  let failures = 0
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let live: AllStreamSubscription | undefined
  const waiting = new Map<string, Set<Waiter>>()
  const everyStream = ''

  const wakeStream = (stream: string): void => {
    for (const waiter of [...(waiting.get(stream) ?? [])]) waiter.wake()
  }
  const wakeAll = (): void => {
    for (const stream of [...waiting.keys()]) wakeStream(stream)
  }

  const shrink = (): void => {
    let cut = 0
    while (bytes > keptBytes / 2 || events.length - cut > keptEvents / 2) bytes -= sizeOf(events[cut++] as Fetched)
    since = events[cut - 1]?.place ?? since
    events = events.slice(cut)
  }

  /** An append becomes visible when it is whole. */
  const add = (one: Fetched): void => {
    if (one.place <= to) return
    coming.push(one)
    if (one.place < one.commit) return
    to = one.place
    for (const event of coming) {
      events.push(event)
      bytes += sizeOf(event)
    }
    coming = []
    if (bytes > keptBytes || events.length > keptEvents) shrink()
    wakeStream(one.event.stream)
    wakeStream(everyStream)
  }

  const start = (): void => {
    const client = connection.client()
    // Its checkpoints are of no use: they may overtake events that are still in the client's buffer.
    const filter = streamNameFilter({ prefixes: families.map((family) => `${family}-`) })
    const subscription = client.subscribeToAll({ fromPosition: wirePosition(to), filter })
    live = subscription
    coming = []
    let over = false
    const end = (lost: boolean): void => {
      if (over) return
      over = true
      restart(client, subscription, lost)
    }
    subscription.on('confirmation', () => {
      failures = 0
    })
    subscription.on('data', ({ event }) => event && !over && add(fetched(logId, event)))
    subscription.on('error', () => end(true))
    subscription.on('end', () => end(false))
    subscription.on('close', () => end(false))
  }

  const restart = (client: EventStoreDBClient, subscription: AllStreamSubscription, lost: boolean): void => {
    subscription.unsubscribe().catch(() => undefined)
    if (closed) return
    if (lost) connection.lost(client)
    failures += 1
    timer = setTimeout(() => closed || start(), Math.min(pauseMs.first * 2 ** failures, pauseMs.most))
  }

  start()
  return {
    /** The last place that is known here. */
    to: (): number => to,
    since: (): number => since,
    /** The events after a place, undefined when memory does not reach back so far. */
    after: (place: number): readonly Fetched[] | undefined => (place < since ? undefined : events.slice(firstAfter(events, place))),
    /** Waits until something of that stream, or of any, comes; or until the signal, or the end. */
    changed: (stream: string | undefined, signal: AbortSignal | undefined): Promise<void> =>
      new Promise((resolve) => {
        if (closed || signal?.aborted) return resolve()
        const key = stream ?? everyStream
        const group = waiting.get(key) ?? new Set()
        const wake = (): void => {
          signal?.removeEventListener('abort', wake)
          group.delete(waiter)
          if (group.size === 0 && waiting.get(key) === group) waiting.delete(key)
          resolve()
        }
        const waiter = { wake }
        group.add(waiter)
        waiting.set(key, group)
        signal?.addEventListener('abort', wake)
      }),
    isClosed: () => closed,
    close: async (): Promise<void> => {
      closed = true
      clearTimeout(timer)
      wakeAll()
      await live?.unsubscribe().catch(() => undefined)
    },
  }
}
export type Tail = ReturnType<typeof openTail>
