import { describeProducersV0 } from '@platformatic/kafka'
import type { Cluster } from '../cluster.ts'
import { patiently } from '../patience.ts'
import { describeTransaction, type TransactionMarker, type TransactionState, writeTransactionMarkers } from './transaction-apis.ts'

class StillEnding extends Error {}

const ending = new Set(['PrepareCommit', 'PrepareAbort', 'PrepareEpochFence'])
/** Only these say what became of the last transaction; in the others nothing can have been left behind. */
const ended = new Map([
  ['CompleteCommit', true],
  ['CompleteAbort', false],
])

/**
 * Ends the last transaction of an id where its end is missing. A broker that was killed after it had decided a commit, and before it had written
 * that to each partition, may take its own partitions for deleted ones when it is back, skip them, and call the transaction complete: readers of
 * committed records would wait there for ever, and what the next transaction decides would count for the last one too. So it is called before
 * anybody begins a new transaction with this id.
 * @returns how many partitions were ended
 */
export const writeLostMarkers = async (cluster: Cluster, transactionalId: string, topics: readonly string[]): Promise<number> => {
  const { state, producerId, errorCode } = await settled(cluster, transactionalId)
  const commit = ended.get(state)
  if (errorCode !== 0 || commit === undefined) return 0
  let written = 0
  for (const [leader, partitions] of await partitionsByLeader(cluster, topics)) {
    const markers = await openPartitions(cluster, leader, partitions, producerId, commit)
    if (markers.length > 0) await cluster.ask(leader, writeTransactionMarkers, markers)
    written += markers.length
  }
  return written
}

const settled = async (cluster: Cluster, transactionalId: string): Promise<TransactionState> =>
  patiently(
    async () => {
      const found = await cluster.ask(await cluster.coordinatorOf(transactionalId), describeTransaction, transactionalId)
      if (ending.has(found.state) || loading.has(found.errorCode))
        throw new StillEnding(`the transaction of ${transactionalId} stays ${found.state}`)
      return found
    },
    (error) => error instanceof StillEnding,
  )

/** COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR. */
const loading = new Set([14, 15, 16])

type Partitions = Map<string, number[]>

const partitionsByLeader = async (cluster: Cluster, topics: readonly string[]): Promise<ReadonlyMap<number, Partitions>> => {
  const byLeader = new Map<number, Partitions>()
  for (const [topic, leaders] of await cluster.leadersOf(topics))
    for (const [partition, leader] of leaders.entries()) {
      const partitions = byLeader.get(leader) ?? new Map<string, number[]>()
      byLeader.set(leader, partitions.set(topic, [...(partitions.get(topic) ?? []), partition]))
    }
  return byLeader
}

/** Markers for the partitions where the producer has begun and not ended. */
const openPartitions = async (
  cluster: Cluster,
  leader: number,
  partitions: Partitions,
  producerId: bigint,
  commit: boolean,
): Promise<readonly TransactionMarker[]> => {
  const request = [...partitions].map(([name, partitionIndexes]) => ({ name, partitionIndexes }))
  const { topics } = await cluster.ask(leader, describeProducersV0.api, request)
  return topics.flatMap(({ name, partitions: found }) =>
    found.flatMap(({ partitionIndex, activeProducers }) =>
      activeProducers
        .filter((producer) => producer.producerId === producerId && producer.currentTxnStartOffset >= 0n)
        .map(({ producerEpoch, coordinatorEpoch }) => ({
          producerId,
          producerEpoch,
          coordinatorEpoch: Math.max(0, coordinatorEpoch),
          commit,
          topic: name,
          partition: partitionIndex,
        })),
    ),
  )
}
