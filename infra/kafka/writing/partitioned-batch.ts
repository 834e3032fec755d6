import type { TopicBatch } from '../port.ts'
import { partitionOf } from './partition.ts'
import { type RecordBatch, recordBatch } from './record-batch.ts'

/** Brokers take a batch of 1 MB unless told otherwise; this leaves room for headers. */
const batchBytes = 900_000

export interface PartitionRecords {
  readonly topic: string
  readonly partition: number
  readonly leader: number
  /** In order; each is as much as a broker takes at once. */
  readonly batches: RecordBatch[]
}

export interface PartitionedBatch extends TopicBatch {
  /** Those that got messages. */
  readonly parts: readonly PartitionRecords[]
}

/** Encodes messages as they come, each into the batch of its partition. @param leaders of the partitions of each topic */
export const partitionedBatch = (leaders: ReadonlyMap<string, readonly number[]>): PartitionedBatch => {
  const parts: PartitionRecords[] = []
  const byTopic = new Map<string, (PartitionRecords | undefined)[]>()
  // Messages of a stream come together.
  let lastKey = ''
  let lastBytes = Buffer.alloc(0)

  const partFor = (topic: string, key: Buffer): PartitionRecords => {
    const ofTopic = leaders.get(topic)
    if (ofTopic === undefined) throw new Error(`there is no topic ${topic}`)
    const partition = partitionOf(key, ofTopic.length)
    const partitions = byTopic.get(topic) ?? []
    byTopic.set(topic, partitions)
    const found = partitions[partition]
    if (found !== undefined) return found
    const part: PartitionRecords = { topic, partition, leader: ofTopic[partition] ?? 0, batches: [] }
    partitions[partition] = part
    parts.push(part)
    return part
  }

  return {
    parts,
    add: ({ topic, key, value, headers }) => {
      if (key !== lastKey) {
        lastKey = key
        lastBytes = Buffer.from(key)
      }
      const { batches } = partFor(topic, lastBytes)
      let batch = batches.at(-1)
      if (batch === undefined || (batch.records > 0 && batch.bytes + lastBytes.length + value.length > batchBytes)) {
        batch = recordBatch()
        batches.push(batch)
      }
      batch.add(lastBytes, value, headers)
    },
  }
}
