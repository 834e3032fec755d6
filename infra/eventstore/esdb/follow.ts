import { setTimeout as wait } from 'node:timers/promises'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { familyOf } from '@weconnect/contracts/ids'
import type { StoredEvent, SubscribeOptions } from '../port.ts'
import { parsePosition } from '../position.ts'
import type { EsdbReader } from './reader.ts'
import type { Tail } from './tail.ts'

const pageEvents = 1000
const retryMs = 200

/** A subscription: how far it is. */
interface Follower {
  /** Of the last event that was seen, wanted or not. */
  place: number
  /** Revision below which nothing of the one stream is wanted. */
  revision: number
  readonly stream: string | undefined
  readonly families: ReadonlySet<string> | undefined
}

const wants = ({ stream, families }: Follower, event: StoredEvent): boolean =>
  stream !== undefined ? event.stream === stream : families === undefined || families.has(familyOf(event.stream))

/** Feeds subscriptions: from memory while they keep up, from the event store when they are behind. While it is away they wait. */
export const esdbFollowers = (logId: string, reader: EsdbReader, tail: Tail, knownPlace: () => number) => {
  const placeOf = (event: StoredEvent): number => parsePosition(logId, event.position)

  const logPage = async (follower: Follower): Promise<readonly StoredEvent[]> => {
    const since = tail.since()
    const page = await reader.pageAfter(follower.place, pageEvents)
    // Nothing came, so nothing is missing up to where memory begins.
    follower.place = page.at(-1)?.place ?? Math.max(follower.place, since)
    return page.map(({ event }) => event).filter((event) => wants(follower, event))
  }

  const streamPage = async (follower: Follower, stream: string): Promise<readonly StoredEvent[]> => {
    const since = tail.since()
    const page = await reader.readPage(stream, follower.revision, true)
    const last = page.at(-1)
    follower.revision = (last?.revision ?? follower.revision - 1) + 1
    const events = page.filter((event) => placeOf(event) > follower.place)
    follower.place = Math.max(follower.place, last ? placeOf(last) : since)
    return events
  }

  const behind = async (follower: Follower): Promise<readonly StoredEvent[]> => {
    try {
      return await (follower.stream === undefined ? logPage(follower) : streamPage(follower, follower.stream))
    } catch (error) {
      if (!isWeConnectError(error, 'UNAVAILABLE')) throw error
      await wait(retryMs)
      return []
    }
  }

  async function* follow(follower: Follower, signal: AbortSignal | undefined): AsyncGenerator<readonly StoredEvent[]> {
    while (!signal?.aborted && !tail.isClosed()) {
      const recent = tail.after(follower.place)
      if (!recent) {
        const events = await behind(follower)
        if (events.length > 0) yield events
        continue
      }
      follower.place = recent.at(-1)?.place ?? follower.place
      const events = recent.map(({ event }) => event).filter((event) => wants(follower, event))
      if (events.length > 0) yield events
      else if (recent.length === 0 || follower.stream !== undefined) await tail.changed(follower.stream, signal)
    }
  }

  const start = ({ after, stream, families }: SubscribeOptions): Follower => ({
    place: after === 'start' ? 0 : after === 'end' ? knownPlace() : parsePosition(logId, after),
    revision: 0,
    stream,
    families: families && new Set(families),
  })

  /** The place is fixed now, not when iteration begins: what is appended from here on is delivered. */
  return (options: SubscribeOptions): AsyncIterable<readonly StoredEvent[]> => follow(start(options), options.signal)
}
