import { addPartitionsToTxnV3, endTxnV3, initProducerIdV4 } from '@platformatic/kafka'
import type { Cluster } from '../cluster.ts'
import { patiently } from '../patience.ts'
import type { TopicBatch } from '../port.ts'
import { type PartitionRecords, partitionedBatch } from './partitioned-batch.ts'
import { produceBatches, type TopicBatches } from './transaction-apis.ts'

export interface TransactionalProducer {
  newBatch(): TopicBatch
  /**
   * Writes a batch in one transaction. Once: after any failure nothing is known of it, and the producer is done with.
   * @returns the first offset of each partition that was written to
   */
  transact(batch: TopicBatch): Promise<ReadonlyMap<TopicPartition, bigint>>
}

/** `topic/partition` */
export type TopicPartition = `${string}/${number}`

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

  const filled = new WeakMap<TopicBatch, readonly PartitionRecords[]>()

  const newBatch = (): TopicBatch => {
    const { add, parts } = partitionedBatch(leaders)
    const batch: TopicBatch = { add }
    filled.set(batch, parts)
    return batch
  }

  /** What one request carries: the batch of each partition that has one of this number. */
  const topicsOf = (parts: readonly PartitionRecords[], number: number): readonly TopicBatches[] =>
    [...Map.groupBy(parts, ({ topic }) => topic)].map(([topic, each]) => ({
      topic,
      partitions: each.flatMap(({ partition, batches }) => {
        const batch = batches[number]
        if (batch === undefined) return []
        const place: TopicPartition = `${topic}/${partition}`
        const sequence = sequences.get(place) ?? 0
        sequences.set(place, (sequence + batch.records) & 0x7fffffff)
        return [{ partition, batch: batch.finish({ producerId, producerEpoch, sequence }, Date.now()) }]
      }),
    }))

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

  const send = async (parts: readonly PartitionRecords[], number: number): Promise<readonly (readonly [TopicPartition, bigint])[]> => {
    const answers = await Promise.all(
      [...Map.groupBy(parts, ({ leader }) => leader)].map(([leader, each]) =>
        cluster.ask(leader, produceBatches, transactionalId, topicsOf(each, number)),
      ),
    )
    return answers.flatMap(({ responses }) =>
      responses.flatMap(({ name, partitionResponses }) =>
        partitionResponses.map(({ index, baseOffset }) => [`${name}/${index}`, baseOffset] as const),
      ),
    )
  }

  return {
    newBatch,
    transact: async (batch) => {
      const parts = filled.get(batch) ?? []
      await addPartitions(parts)
      const offsets = new Map<TopicPartition, bigint>()
      const requests = Math.max(...parts.map(({ batches }) => batches.length))
      for (let number = 0; number < requests; number += 1) {
        const rest = parts.filter(({ batches }) => batches.length > number)
        for (const [place, offset] of await send(rest, number)) if (number === 0) offsets.set(place, offset)
      }
      await cluster.ask(coordinator, endTxnV3.api, transactionalId, producerId, producerEpoch, true)
      return offsets
    },
  }
}
