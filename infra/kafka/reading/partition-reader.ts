import { FetchIsolationLevels, fetchV12, ListOffsetTimestamps, listOffsetsV7 } from '@platformatic/kafka'
import type { Cluster } from '../cluster.ts'
import { committedRecords, type FetchedRecord } from './committed-records.ts'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** Where to read on. */
export interface Place extends TopicPartition {
  readonly offset: number
}

export interface Fetched extends TopicPartition {
  /** Committed ones, in order. */
  readonly records: readonly FetchedRecord[]
  /** Where to read on: also what is no record, as the marks of transactions, has an offset. */
  readonly next: number
}

export interface PartitionReader {
  /** @param waitMs how long to wait while there is nothing */
  fetch(places: readonly Place[], waitMs: number): Promise<readonly Fetched[]>
  /** The first offset that is still there. */
  beginnings(partitions: readonly TopicPartition[]): Promise<readonly Place[]>
  /** The offset that the next record will have, committed or not. */
  ends(partitions: readonly TopicPartition[]): Promise<readonly Place[]>
}

const fetchBytes = 4 * 1024 * 1024
const partitionBytes = 1024 * 1024
const noSession = { id: 0, epoch: -1 }

/** @param leaders of each partition of the topics that are read */
export const partitionReader = (cluster: Cluster, leaders: ReadonlyMap<string, readonly number[]>): PartitionReader => {
  const leaderOf = ({ topic, partition }: TopicPartition): number => leaders.get(topic)?.[partition] ?? 0

  const fetchFrom = async (leader: number, places: readonly Place[], waitMs: number): Promise<readonly Fetched[]> => {
    const request = [...Map.groupBy(places, ({ topic }) => topic)].map(([topic, each]) => ({
      topicId: topic,
      partitions: each.map(({ partition, offset }) => ({
        partition,
        currentLeaderEpoch: -1,
        fetchOffset: BigInt(offset),
        lastFetchedEpoch: -1,
        partitionMaxBytes: partitionBytes,
      })),
    }))
    const isolation = FetchIsolationLevels.READ_COMMITTED
    const { responses } = await cluster.ask(
      leader,
      fetchV12.api,
      waitMs,
      1,
      fetchBytes,
      isolation,
      noSession.id,
      noSession.epoch,
      request,
      [],
      '',
    )
    return responses.flatMap(({ topicId: topic, partitions }) =>
      partitions.flatMap(({ partitionIndex: partition, records: batches, abortedTransactions }) => {
        const last = batches?.at(-1)
        const from = places.find((place) => place.topic === topic && place.partition === partition)?.offset ?? 0
        if (!batches || last === undefined) return []
        const records = [...committedRecords(batches, abortedTransactions ?? [])].filter(({ offset }) => offset >= from)
        return [{ topic, partition, records, next: Number(last.firstOffset) + last.lastOffsetDelta + 1 }]
      }),
    )
  }

  const offsetsAt = async (partitions: readonly TopicPartition[], timestamp: bigint): Promise<readonly Place[]> => {
    const byLeader = Map.groupBy(partitions, leaderOf)
    const found = [...byLeader].map(async ([leader, each]) => {
      const request = [...Map.groupBy(each, ({ topic }) => topic)].map(([name, all]) => ({
        name,
        partitions: all.map(({ partition }) => ({ partitionIndex: partition, currentLeaderEpoch: -1, timestamp })),
      }))
      const { topics: answer } = await cluster.ask(leader, listOffsetsV7.api, -1, FetchIsolationLevels.READ_UNCOMMITTED, request)
      return answer.flatMap(({ name, partitions: all }) =>
        all.map(({ partitionIndex, offset }) => ({ topic: name, partition: partitionIndex, offset: Number(offset) })),
      )
    })
    return (await Promise.all(found)).flat()
  }

  return {
    fetch: async (places, waitMs) => {
      cluster.lost.throwIfAborted()
      const byLeader = [...Map.groupBy(places, leaderOf)]
      return (await Promise.all(byLeader.map(([leader, each]) => fetchFrom(leader, each, waitMs)))).flat()
    },
    beginnings: (partitions) => offsetsAt(partitions, ListOffsetTimestamps.EARLIEST),
    ends: (partitions) => offsetsAt(partitions, ListOffsetTimestamps.LATEST),
  }
}
