import type { StoredEvent } from '@weconnect/eventstore/port'
import type { Fetched } from '@weconnect/kafka/partition-reader'
import type { KeptPlace } from './topic-places.ts'
import { placeKey, type TopicBatch } from './topic-writer.ts'

/** What was fetched of our partitions, without what their tables have. @param from where the tables are in each partition */
export const batchOf = (
  fetched: readonly Fetched[],
  from: ReadonlyMap<string, KeptPlace>,
  decode: (record: Fetched['records'][number]) => StoredEvent,
): TopicBatch => {
  const events = fetched.flatMap(({ topic, partition, records }) => {
    const position = from.get(placeKey({ topic, partition }))?.position
    return records
      .map((record) => ({ stored: decode(record), topic, partition, offset: record.offset }))
      .filter(({ stored }) => position === undefined || stored.position > position)
  })
  return { events, from, ends: new Map(fetched.map((each) => [placeKey(each), each.next])) }
}
