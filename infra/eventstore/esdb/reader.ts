import {
  type AllStreamRecordedEvent,
  BACKWARDS,
  END,
  type EventStoreDBClient,
  FORWARDS,
  START,
  type StreamingRead,
  StreamNotFoundError,
} from '@eventstore/db-client'
import { familyOf } from '@weconnect/contracts/ids'
import type { ReadAllOptions, ReadOptions, StoredEvent } from '../port.ts'
import { formatPosition, parsePosition } from '../position.ts'
import type { Attempt, Connection } from './connection.ts'
import { type Fetched, fetched } from './event-form.ts'

const pageEvents = 500
/** Read at once when few are asked for: what is not ours stands between. */
const leastEvents = 32

/** A number as the position that the protocol knows. */
export const wirePosition = (place: number): { commit: bigint; prepare: bigint } => ({ commit: BigInt(place), prepare: BigInt(place) })

/** All that a reading brings. Given up, it ends here and at the event store. */
const gathered = <Resolved>(reading: StreamingRead<Resolved>, { signal }: Pick<Attempt, 'signal'>): Promise<Resolved[]> => {
  const cancel = (): void => {
    reading.cancel().catch(() => undefined)
    reading.destroy()
  }
  signal.addEventListener('abort', cancel, { once: true })
  return Array.fromAsync(reading as AsyncIterable<Resolved>)
}

const pageOf = async (
  client: EventStoreDBClient,
  attempt: Attempt,
  { after, forwards, count }: { after: number | undefined; forwards: boolean; count: number },
): Promise<AllStreamRecordedEvent[]> => {
  const from = after === undefined ? (forwards ? START : END) : wirePosition(after)
  const reading = client.readAll({ direction: forwards ? FORWARDS : BACKWARDS, fromPosition: from, maxCount: count })
  return (await gathered(reading, attempt)).flatMap(({ event }) => event ?? [])
}

const streamPage = async (
  client: EventStoreDBClient,
  attempt: Attempt,
  stream: string,
  { from, forwards, count }: { from: number | undefined; forwards: boolean; count: number },
) => {
  const fromRevision = from === undefined ? (forwards ? START : END) : BigInt(from)
  try {
    const reading = client.readStream(stream, { direction: forwards ? FORWARDS : BACKWARDS, fromRevision, maxCount: count })
    return (await gathered(reading, attempt)).flatMap(({ event }) => event ?? [])
  } catch (error) {
    if (error instanceof StreamNotFoundError) return []
    throw error
  }
}

/** Without the events of an append that goes on beyond the page, unless there is no other. */
const wholeAppends = (page: readonly Fetched[]): readonly Fetched[] => {
  const last = page.at(-1)
  if (!last || last.place === last.commit) return page
  const whole = page.filter(({ commit }) => commit !== last.commit)
  return whole.length > 0 ? whole : page
}

/** Everything that only reads. */
export const esdbReader = (connection: Connection, logId: string, families: ReadonlySet<string>) => {
  const isOurs = (stream: string): boolean => families.has(familyOf(stream))

  /** Events of our families on one side of a place: at least one when there is one, at most the limit. */
  const page = async (place: number | undefined, forwards: boolean, limit: number): Promise<readonly Fetched[]> => {
    let after = place
    for (;;) {
      // Forwards the event at the place itself comes too.
      const count = Math.max(limit, leastEvents) + 1
      const start = after
      const raw = await connection.use((client, attempt) => pageOf(client, attempt, { after: start, forwards, count }))
      const all = raw.map((event) => fetched(logId, event))
      const found = all.filter(
        (one) => isOurs(one.event.stream) && (start === undefined || (forwards ? one.place > start : one.place < start)),
      )
      if (found.length > 0 || raw.length < count) return forwards ? wholeAppends(found.slice(0, limit)) : found.slice(0, limit)
      after = all.at(-1)?.place
    }
  }

  const readPage = async (
    stream: string,
    from: number | undefined,
    forwards: boolean,
    count = pageEvents,
  ): Promise<readonly StoredEvent[]> => {
    const raw = await connection.use((client, attempt) => streamPage(client, attempt, stream, { from, forwards, count }))
    return raw.map((event) => fetched(logId, event).event)
  }

  async function* read(stream: string, options: ReadOptions = {}): AsyncGenerator<StoredEvent> {
    const { direction = 'forwards', limit = Number.POSITIVE_INFINITY } = options
    const forwards = direction === 'forwards'
    let next = options.from
    let left = limit
    while (left > 0 && (next === undefined || next >= 0)) {
      const count = Math.min(left, pageEvents)
      const events = await readPage(stream, next, forwards, count)
      yield* events
      left -= events.length
      const last = events.at(-1)
      if (!last || events.length < count) return
      next = last.revision + (forwards ? 1 : -1)
    }
  }

  const placeOf = (after: string | undefined): number | undefined => (after === undefined ? undefined : parsePosition(logId, after))

  return {
    read,
    readPage,
    pageAfter: (place: number, limit: number) => page(place, true, limit),
    readAll: async ({ after, direction = 'forwards', limit }: ReadAllOptions): Promise<readonly StoredEvent[]> => {
      if (limit <= 0) return []
      return (await page(placeOf(after), direction === 'forwards', limit)).map(({ event }) => event)
    },
    headPlace: async (): Promise<number> => (await page(undefined, false, 1))[0]?.place ?? 0,
    position: (place: number): string => formatPosition(logId, place),
  }
}
export type EsdbReader = ReturnType<typeof esdbReader>
