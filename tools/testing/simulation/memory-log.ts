import { WeConnectError } from '@weconnect/contracts/errors'
import { familyOf } from '@weconnect/contracts/ids'
import {
  type Appended,
  type EventBytes,
  type EventStore,
  type ExpectedRevision,
  maxAppendBytes,
  type ReadAllOptions,
  type ReadOptions,
  type StoredEvent,
  type SubscribeOptions,
  type WorkOf,
  type WorkRow,
} from '@weconnect/eventstore/port'

/** An event log without a disk, for simulations: it answers in the same turn, so that only the seed decides what comes first. */
export interface MemoryLog {
  /** Another process's look at the same log. */
  open(): EventStore
  /** Streams that have a work row. */
  openStreams(): number
}

interface Place extends StoredEvent {
  readonly place: number
  /** First event of its append. */
  readonly from: number
}

const refusal = (expected: ExpectedRevision, actual: number, stream: string): WeConnectError =>
  new WeConnectError('REVISION_CONFLICT', `${stream} is at revision ${actual}, the append expected ${expected}`)

export const memoryLog = (logId: string, workOf: WorkOf = () => undefined): MemoryLog => {
  const all: Place[] = []
  const streams = new Map<string, Place[]>()
  const work = new Map<string, WorkRow>()
  const wakers = new Set<() => void>()

  const positionOf = (place: number): string => `${logId}-${String(place).padStart(16, '0')}`
  const placeOf = (position: string): number => {
    const [log, digits = ''] = position.split('-')
    if (!/^\d{16}$/.test(digits)) throw new WeConnectError('INVALID_INPUT', `"${position}" is not a position of an event log`)
    if (log !== logId) throw new WeConnectError('CURSOR_OF_ANOTHER_LOG', `The cursor belongs to log ${log}; this is log ${logId}`)
    return Number(digits)
  }

  const repeated = (events: readonly EventBytes[], expected: ExpectedRevision, stream: readonly Place[]): Appended | undefined => {
    if (expected === 'any') return undefined
    const first = expected === 'none' ? 0 : expected + 1
    const stored = stream.slice(first, first + events.length)
    const last = stored.at(-1)
    const isSame = stored.length === events.length && events.every(({ id }, index) => stored[index]?.id === id)
    return isSame && last ? { revision: last.revision, position: last.position } : undefined
  }

  const append = (name: string, expected: ExpectedRevision, events: readonly EventBytes[]): Appended => {
    if (events.length === 0) throw new WeConnectError('INVALID_INPUT', 'An append holds at least one event')
    const bytes = events.reduce(
      (sum, { id, type, data, metadata }) => sum + 10 + id.length + type.length + data.length + metadata.length,
      0,
    )
    if (bytes > maxAppendBytes) throw new WeConnectError('APPEND_TOO_LARGE', `An append holds at most ${maxAppendBytes} bytes`)
    const stream = streams.get(name) ?? []
    const actual = stream.length - 1
    if (expected !== 'any' && actual !== (expected === 'none' ? -1 : expected)) {
      const earlier = repeated(events, expected, stream)
      if (earlier) return earlier
      throw refusal(expected, actual, name)
    }
    streams.set(name, stream)
    const from = all.length + 1
    for (const [index, event] of events.entries()) {
      const place = from + index
      const following = events.length - 1 - index
      const stored = { ...event, stream: name, revision: stream.length, position: positionOf(place), following, place, from }
      all.push(stored)
      stream.push(stored)
    }
    const row = workOf(name, events)
    if (row === 'done') work.delete(name)
    else if (row) work.set(name, { ...row, stream: name })
    for (const wake of [...wakers]) wake()
    return { revision: stream.length - 1, position: positionOf(all.length) }
  }

  const pageAfter = (place: number, limit: number): Place[] => {
    const page: Place[] = []
    for (const event of all.slice(place)) {
      const isFull =
        page.length >= limit || (event.place === event.from && page.length > 0 && page.length + (event.following ?? 0) + 1 > limit)
      if (isFull) break
      page.push(event)
    }
    return page
  }

  const readAll = async ({ after, direction = 'forwards', limit }: ReadAllOptions): Promise<readonly StoredEvent[]> => {
    if (direction === 'forwards') return pageAfter(after === undefined ? 0 : placeOf(after), limit)
    const before = after === undefined ? all.length + 1 : placeOf(after)
    return all
      .slice(0, before - 1)
      .toReversed()
      .slice(0, limit)
  }

  async function* read(name: string, { from, direction = 'forwards', limit = Number.POSITIVE_INFINITY }: ReadOptions = {}) {
    const stream = streams.get(name) ?? []
    const step = direction === 'forwards' ? 1 : -1
    let next = from ?? (step > 0 ? 0 : stream.length - 1)
    if (step < 0) next = Math.min(next, stream.length - 1)
    for (let left = limit; left > 0; left -= 1, next += step) {
      const event = stream[next]
      if (event === undefined) return
      yield event
    }
  }

  const open = (): EventStore => {
    const closing = new AbortController()
    const ended = (signal: AbortSignal | undefined): boolean => closing.signal.aborted || (signal?.aborted ?? false)

    const somethingNew = (signal: AbortSignal | undefined): Promise<void> =>
      new Promise((resolve) => {
        // A list of listeners that only grows makes each further one slower.
        const wake = (): void => {
          wakers.delete(wake)
          signal?.removeEventListener('abort', wake)
          closing.signal.removeEventListener('abort', wake)
          resolve()
        }
        wakers.add(wake)
        signal?.addEventListener('abort', wake, { once: true })
        closing.signal.addEventListener('abort', wake, { once: true })
      })

    async function* follow(from: number, { families, stream, signal }: SubscribeOptions) {
      let place = from
      while (!ended(signal)) {
        const page = pageAfter(place, 500)
        place = page.at(-1)?.place ?? place
        const wanted = page.filter((event) =>
          stream === undefined ? (families?.includes(familyOf(event.stream)) ?? true) : event.stream === stream,
        )
        if (wanted.length > 0) yield wanted
        else if (page.length === 0) await somethingNew(signal)
      }
    }

    return {
      logId,
      append: async (stream, expected, events) => {
        if (closing.signal.aborted) throw new WeConnectError('UNAVAILABLE', 'The event log is closed')
        return append(stream, expected, events)
      },
      read,
      readAll,
      head: async () => (all.length === 0 ? undefined : positionOf(all.length)),
      subscribe: (options) =>
        follow(options.after === 'start' ? 0 : options.after === 'end' ? all.length : placeOf(options.after), options),
      openWork: async () => [...work.values()],
      close: async () => closing.abort(),
    }
  }
  return { open, openStreams: () => work.size }
}
