import { addPartitionsToTxnV3, endTxnV3, initProducerIdV4 } from '@platformatic/kafka'
import type { Cluster } from './cluster.ts'
import { partitionOf } from './partition.ts'
import { patiently } from './patience.ts'
import type { TopicMessage } from './port.ts'
import { type BatchRecord, recordBatch, recordBytes } from './record-batch.ts'
import { produceBatches, type TopicBatches } from './transaction-apis.ts'

export interface TransactionalProducer {
  /**
   * Writes messages in one transaction. Once: after any failure nothing is known of it, and the producer is done with.
   * @returns the first offset of each partition that was written to
   */
  transact(messages: readonly TopicMessage[]): Promise<ReadonlyMap<TopicPartition, bigint>>
}

/** `topic/partition` */
export type TopicPartition = `${string}/${number}`

/** Brokers take a batch of 1 MB unless told otherwise. */
const batchBytes = 900_000
/** The broker aborts what is open for longer, and fences its producer. */
const transactionMs = 60_000

/** Fences whoever wrote with this id before, and ends what it left open. */
export const openTransactionalProducer = async (
  cluster: Cluster,
  transactionalId: string,
  leaders: ReadonlyMap<string, readonly number[]>,
): Promise<TransactionalProducer> => {
  const coordinator = await cluster.coordinatorOf(transactionalId)
  const { producerId, producerEpoch } = await patiently(() =>
    cluster.ask(coordinator, initProducerIdV4.api, transactionalId, transactionMs, -1n, -1),
  )
  const sequences = new Map<TopicPartition, number>()

  const encode = (part: PartitionRecords): Buffer => {
    const place: TopicPartition = `${part.topic}/${part.partition}`
    const sequence = sequences.get(place) ?? 0
    sequences.set(place, (sequence + part.records.length) & 0x7fffffff)
    return recordBatch(part.records, { producerId, producerEpoch, sequence }, Date.now())
  }

  const addPartitions = async (parts: readonly PartitionRecords[]): Promise<void> => {
    const topics = [...Map.groupBy(parts, ({ topic }) => topic)].map(([name, each]) => ({
      name,
      partitions: each.map(({ partition }) => partition),
    }))
    // The last transaction is decided when its commit is answered, and ends a moment later.
    await patiently(() =>
      cluster.ask(coordinator, addPartitionsToTxnV3.api, [{ transactionalId, producerId, producerEpoch, verifyOnly: false, topics }]),
    )
  }

  const send = async (parts: readonly PartitionRecords[]): Promise<readonly (readonly [TopicPartition, bigint])[]> => {
    const answers = await Promise.all(
      [...Map.groupBy(parts, ({ leader }) => leader)].map(([leader, each]) =>
        cluster.ask(leader, produceBatches, transactionalId, batchesOf(each, encode)),
      ),
    )
    return answers.flatMap(({ responses }) =>
      responses.flatMap(({ name, partitionResponses }) =>
        partitionResponses.map(({ index, baseOffset }) => [`${name}/${index}`, baseOffset] as const),
      ),
    )
  }

  return {
    transact: async (messages) => {
      const requests = requestsOf(messages, leaders)
      const parts = new Map(requests.flat().map((part) => [`${part.topic}/${part.partition}`, part]))
      await addPartitions([...parts.values()])
      const offsets = new Map<TopicPartition, bigint>()
      for (const request of requests) for (const [place, offset] of await send(request)) if (!offsets.has(place)) offsets.set(place, offset)
      await cluster.ask(coordinator, endTxnV3.api, transactionalId, producerId, producerEpoch, true)
      return offsets
    },
  }
}

interface PartitionRecords {
  readonly topic: string
  readonly partition: number
  readonly leader: number
  readonly records: BatchRecord[]
  bytes: number
}

const batchesOf = (parts: readonly PartitionRecords[], encode: (part: PartitionRecords) => Buffer): readonly TopicBatches[] =>
  [...Map.groupBy(parts, ({ topic }) => topic)].map(([topic, each]) => ({
    topic,
    partitions: each.map((part) => ({ partition: part.partition, batch: encode(part) })),
  }))

/** In order, one batch of each partition to a request, so that none is too large. */
const requestsOf = (
  messages: readonly TopicMessage[],
  leaders: ReadonlyMap<string, readonly number[]>,
): readonly (readonly PartitionRecords[])[] => {
  const requests: PartitionRecords[][] = []
  let parts = new Map<string, PartitionRecords[]>()
  const finish = (): void => {
    requests.push([...parts.values()].flat().filter((part) => part !== undefined))
    parts = new Map()
  }
  for (const { topic, key, value, headers } of messages) {
    const byPartition = leaders.get(topic)
    if (byPartition === undefined) throw new Error(`there is no topic ${topic}`)
    const record: BatchRecord = { key: Buffer.from(key), value, headers }
    const partition = partitionOf(record.key, byPartition.length)
    const bytes = recordBytes(record)
    const found = parts.get(topic)?.[partition]
    if (found !== undefined && found.bytes + bytes <= batchBytes) {
      found.records.push(record)
      found.bytes += bytes
      continue
    }
    if (found !== undefined) finish()
    const ofTopic = parts.get(topic) ?? []
    parts.set(topic, ofTopic)
    ofTopic[partition] = { topic, partition, leader: byPartition[partition] ?? 0, records: [record], bytes }
  }
  finish()
  return requests
}
