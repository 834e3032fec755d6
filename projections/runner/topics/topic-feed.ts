import type { Envelope, Position } from '@weconnect/contracts/envelope'
import type { Journal } from '@weconnect/eventstore/journal'
import type { StoredEvent } from '@weconnect/eventstore/port'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import { eventDecoder } from '@weconnect/kafka/event-decoder'
import type { Fetched, Place } from '@weconnect/kafka/partition-reader'
import { openSoleReader, type SoleReader } from '@weconnect/kafka/sole-reader'
import type { Projection } from '../projection.ts'
import { type FeedBatch, type FeedMark, mayPass, type StoreFeed } from '../stores/store-feed.ts'
import type { Timers } from '../timers.ts'
import { relayMarks } from './relay-marks.ts'
import type { KeptPlace } from './topic-places.ts'
import { placeKey } from './topic-writer.ts'
import { groupIdOf, partitionsOf, topicNamesOf } from './topics-of.ts'

export interface TopicFeedParts {
  /** For payloads, which topics hold sealed. */
  readonly journal: Journal
  readonly kafka: KafkaSettings
  readonly timers: Timers
  /** Says which topics. */
  readonly projection: Projection
}

const waitMs = 100
const batchEvents = 1_000
/** Between two words to the group of how far it is. */
const tellMs = 500

interface Queued {
  readonly stored: StoredEvent
  readonly partition: string
  readonly offset: number
}

/**
 * The topics of a read model, read by the one process that writes it. How far it is in each partition `open` says, and not the group of that name, which is
 * only told, for those who look at its lag.
 */
export const topicFeed = ({ journal, kafka, timers, projection }: TopicFeedParts): StoreFeed => {
  const partitions = partitionsOf(kafka, projection)
  const marks = relayMarks(kafka, journal.logId, partitions)
  const decode = eventDecoder()
  let reader: SoleReader | undefined
  let position: Position | undefined
  const places = new Map<string, KeptPlace>()
  /** Read, and not written yet. */
  let queue: Queued[] = []
  /** Where to read on behind the queue. */
  const ends = new Map<string, number>()
  let toldAt = 0

  const opened = async (): Promise<SoleReader> => {
    if (reader !== undefined) return reader
    const fresh = await openSoleReader(kafka, groupIdOf(kafka, projection.name), [...topicNamesOf(kafka, projection), marks.topic])
    reader = fresh
    await marks.settle(fresh, fresh.partitions)
    return fresh
  }

  /** When the connection is lost, what was asked of it cannot be trusted: it is made anew. */
  const leave = async (): Promise<void> => {
    const left = reader
    reader = undefined
    marks.forget()
    await left?.close().catch(() => undefined)
  }

  /** It goes on from these. */
  const begin = (from: FeedMark): void => {
    position = from.position
    queue = []
    ends.clear()
    places.clear()
    for (const each of partitions) places.set(placeKey(each), { ...each, offset: 0, position: undefined })
    for (const place of from.places ?? []) if (places.has(placeKey(place))) places.set(placeKey(place), place)
  }

  /** What Kafka does not have any more of what comes next. */
  const cut = async (): Promise<readonly Place[]> =>
    (await (await opened()).beginnings(partitions)).filter((first) => first.offset > (places.get(placeKey(first))?.offset ?? 0))

  const isNew = (stored: StoredEvent, key: string): boolean =>
    stored.position > (places.get(key)?.position ?? '') && stored.position > (position ?? '')

  const fill = async (): Promise<void> => {
    const marksPlace = marks.place()
    const wanted = [...places.values(), ...(marksPlace === undefined ? [] : [marksPlace])]
    for (const each of await (await opened()).fetch(wanted, waitMs)) {
      if (each.topic === marks.topic) marks.read(each)
      else take(each)
    }
  }

  const take = (fetched: Fetched): void => {
    const partition = placeKey(fetched)
    ends.set(partition, fetched.next)
    for (const record of fetched.records) {
      const stored = decode(record)
      if (isNew(stored, partition)) queue.push({ stored, partition, offset: record.offset })
    }
  }

  const move = (key: string, change: Partial<KeptPlace>): void => {
    const place = places.get(key)
    if (place) places.set(key, { ...place, ...change })
  }

  const tell = async (): Promise<void> => {
    if (timers.now() - toldAt < tellMs) return
    toldAt = timers.now()
    await reader?.commit([...places.values()]).catch(() => undefined)
  }

  const orLeave = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      await leave()
      throw error
    }
  }

  /** Up to the first whose payload cannot be read. */
  const readable = async (waiting: readonly Queued[]): Promise<FeedBatch> => {
    const events: Envelope[] = []
    for (const { stored } of waiting) {
      try {
        events.push(await journal.open(stored))
      } catch (error) {
        if (mayPass(error)) throw error
        const { id: eventId, stream, revision, type } = stored
        const event = { eventId, stream, revision, type: type as Envelope['type'] }
        return { events, unreadable: { event, error: error instanceof Error ? error.message : String(error) } }
      }
    }
    return { events }
  }

  return {
    open: (mark) =>
      orLeave(async () => {
        begin(mark)
        return (await cut()).length === 0
      }),
    next: async () => {
      if (queue.length === 0) await orLeave(fill)
      return readable(queue.slice(0, batchEvents))
    },
    wrote: (count) =>
      orLeave(async () => {
        for (const { stored, partition, offset } of queue.splice(0, count))
          move(partition, { offset: offset + 1, position: stored.position })
        if (queue.length === 0) {
          for (const [key, offset] of ends) move(key, { offset })
          ends.clear()
        }
        position = (await marks.reached(await opened(), position, async () => places)) ?? position
        await tell()
        return { position, places: [...places.values()] }
      }),
    more: async () => queue.length > 0,
    farthest: () => [position ?? '', ...[...places.values()].map((place) => place.position ?? '')].sort().at(-1) || undefined,
    rebuilt: (to) =>
      orLeave(async () => {
        // Of what is further than the new one, it has nothing: that is read again.
        begin({ position: to, places: [...places.values()].filter((place) => (place.position ?? '') <= (to ?? '')) })
        for (const first of await cut()) move(placeKey(first), { offset: first.offset })
        return { position, places: [...places.values()] }
      }),
    close: leave,
  }
}
