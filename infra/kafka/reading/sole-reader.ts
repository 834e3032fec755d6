import { offsetCommitV8 } from '@platformatic/kafka'
import { openCluster } from '../cluster.ts'
import type { KafkaSettings } from '../connect.ts'
import { type PartitionReader, type Place, partitionReader, type TopicPartition } from './partition-reader.ts'

/** Reads whole topics, without a group that shares them out: whoever opens it sees to it that nobody else does the same work. */
export interface SoleReader extends PartitionReader {
  /** All of the topics. */
  readonly partitions: readonly TopicPartition[]
  /** Notes under the name of a group how far it is: for those who look at its lag. */
  commit(places: readonly Place[]): Promise<void>
  close(): Promise<void>
}

/** As the protocol names who commits without being a member. */
const nobody = { generation: -1, memberId: '' }

export const openSoleReader = async (settings: KafkaSettings, groupId: string, topics: readonly string[]): Promise<SoleReader> => {
  const cluster = await openCluster(settings.brokers)
  try {
    const coordinator = await cluster.groupCoordinatorOf(groupId)
    const leaders = await cluster.leadersOf(topics)
    return {
      ...partitionReader(cluster, leaders),
      partitions: topics.flatMap((topic) => (leaders.get(topic) ?? []).map((_, partition) => ({ topic, partition }))),
      commit: async (places) => {
        const offsets = [...Map.groupBy(places, ({ topic }) => topic)].map(([name, each]) => ({
          name,
          partitions: each.map(({ partition, offset }) => ({
            ...{ partitionIndex: partition, committedOffset: BigInt(offset), committedLeaderEpoch: -1 },
          })),
        }))
        await cluster.ask(coordinator, offsetCommitV8.api, groupId, nobody.generation, nobody.memberId, null, offsets)
      },
      close: () => cluster.close(),
    }
  } catch (error) {
    await cluster.close()
    throw error
  }
}
