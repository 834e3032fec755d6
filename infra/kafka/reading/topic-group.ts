import { Consumer } from '@platformatic/kafka'
import { openCluster } from '../cluster.ts'
import { brokerList, type KafkaSettings } from '../connect.ts'
import { patiently } from '../patience.ts'
import { type PartitionReader, type Place, partitionReader, type TopicPartition } from './partition-reader.ts'

/**
 * A member of a consumer group. The group says which partitions it reads; where in them, it knows itself. Nothing is read twice or left out by it,
 * but for a moment after others have come or gone two members may read the same partition: who writes must see to that.
 */
export interface TopicGroup extends PartitionReader {
  /** Another one as soon as partitions were given or taken; 0 before the first time. */
  generation(): number
  assigned(): readonly TopicPartition[]
  /** Tells the group how far it is: for those who look at its lag. */
  commit(places: readonly Place[]): Promise<void>
  close(): Promise<void>
}

const sessionTimeout = 10_000
const heartbeatInterval = 1_000
const rebalanceTimeout = 20_000

export const openTopicGroup = async (settings: KafkaSettings, groupId: string, topics: readonly string[]): Promise<TopicGroup> => {
  const cluster = await openCluster(settings.brokers)
  const consumer = new Consumer({
    clientId: 'weconnect',
    groupId,
    bootstrapBrokers: brokerList(settings.brokers),
    retries: 5,
    autocommit: false,
  })
  const ousted = new AbortController()
  // It joins again by itself. When that fails it tries no more, and would read for ever what the group has given to others.
  consumer.on('error', (error) => ousted.abort(error))
  consumer.on('consumer:heartbeat:stalled', () => ousted.abort(new Error(`the group ${groupId} has not answered for long`)))
  const close = async (): Promise<void> => {
    // A consumer that could not leave goes on as a member: it keeps partitions that nobody reads.
    await patiently(
      () => consumer.close(true),
      () => true,
    ).catch(() => {})
    await cluster.close()
  }
  try {
    // On a cluster that has never had a group the client's own tries run out before there is a coordinator.
    await cluster.groupCoordinatorOf(groupId)
    for (const topic of topics) consumer.topics.track(topic)
    await patiently(() => consumer.joinGroup({ sessionTimeout, heartbeatInterval, rebalanceTimeout }))
    const reader = partitionReader(cluster, await cluster.leadersOf(topics))
    return {
      generation: () => consumer.generationId,
      assigned: () =>
        (consumer.assignments ?? []).flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition }))),
      ...reader,
      fetch: async (places, waitMs) => {
        ousted.signal.throwIfAborted()
        return reader.fetch(places, waitMs)
      },
      commit: (places) =>
        consumer.commit({
          offsets: places.map(({ topic, partition, offset }) => ({ topic, partition, offset: BigInt(offset), leaderEpoch: -1 })),
        }),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
