import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventStore, StoredEvent } from '@weconnect/eventstore/port'
import { kafkajsOf } from './stranger.ts'

/** A record as a stranger sees it. */
export interface TopicRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string
  readonly value: Buffer
  readonly headers: Readonly<Record<string, string>>
}

export interface TopicReader {
  /** Everything that was read so far, in the order of each partition. */
  readonly records: readonly TopicRecord[]
  /** Waits until the records are as wanted. */
  until(wanted: (records: readonly TopicRecord[]) => boolean, limitMs?: number): Promise<void>
  close(): Promise<void>
}

/** Reads topics from their beginning, only what is committed, with a plain consumer of another client than the product's. */
export const readTopics = async (brokers: string, topics: readonly string[]): Promise<TopicReader> => {
  const consumer = kafkajsOf(brokers).consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 100, readUncommitted: false })
  const records: TopicRecord[] = []
  await consumer.connect()
  await consumer.subscribe({ topics: [...topics], fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => {
      const headers = Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]))
      records.push({ topic, partition, offset: Number(message.offset), key: String(message.key), value: message.value as Buffer, headers })
    },
  })
  return {
    records,
    until: async (wanted, limitMs = 90_000) => {
      const limit = performance.now() + limitMs
      while (!wanted(records)) {
        if (performance.now() > limit) throw new Error(`waited for the topics in vain; ${records.length} records came`)
        await sleep(50)
      }
    },
    close: () => consumer.disconnect(),
  }
}

/** Events of each stream in the order in which a consumer got them: what one stream has is in one partition. */
export const readByStream = (records: readonly TopicRecord[]): Record<string, readonly string[]> =>
  byStream(records.map(({ key, headers }) => ({ stream: key, text: `${headers['revision']} ${headers['eventId']}` })))

/** The same of the log. */
export const writtenByStream = (events: readonly StoredEvent[]): Record<string, readonly string[]> =>
  byStream(events.map(({ stream, revision, id }) => ({ stream, text: `${revision} ${id}` })))

const byStream = (all: readonly { readonly stream: string; readonly text: string }[]): Record<string, readonly string[]> =>
  Object.fromEntries([...Map.groupBy(all, ({ stream }) => stream)].map(([stream, each]) => [stream, each.map(({ text }) => text)]))

export const wholeLog = async (store: Pick<EventStore, 'readAll'>): Promise<readonly StoredEvent[]> => {
  const events: StoredEvent[] = []
  for (;;) {
    const page = await store.readAll({ after: events.at(-1)?.position, limit: 1_000 })
    if (page.length === 0) return events
    events.push(...page)
  }
}
