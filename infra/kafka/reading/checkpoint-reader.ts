import { FetchIsolationLevels, fetchV12, ListOffsetTimestamps, listOffsetsV7 } from '@platformatic/kafka'
import type { Cluster } from '../cluster.ts'
import { committedRecords } from './committed-records.ts'

/** A record of the checkpoint topic. */
export interface CheckpointRecord {
  readonly offset: number
  readonly key: string
  readonly value: string
}

export interface CheckpointReading {
  readonly topic: string
  /** The broker of its one partition. */
  readonly leader: number
  /** `false`: also what is not committed, so that nobody's open transaction has to be waited for. */
  readonly committed: boolean
  /** Offset of a record that is known to be there: that it was seen proves that everything before it was. Absent: as far as there is something. */
  readonly until?: number
}

const partition = 0
/** First look at the newest records only; all of them when that was not enough. */
const tail = 2_000
/** A transaction that someone left open is aborted by the broker after a minute; until then nobody reads past it. */
const readLimitMs = 75_000
const fetchMs = 250
const fetchBytes = 4 * 1024 * 1024
const noSession = { id: 0, epoch: -1 }

/** The newest record of each key. */
export const readNewestCheckpoints = async (
  cluster: Cluster,
  reading: CheckpointReading,
  keys: readonly string[],
): Promise<readonly (CheckpointRecord | undefined)[]> => {
  const until = reading.until ?? (await endOf(cluster, reading)) - 1
  const from = Math.max(0, until - tail)
  const found = newest(await readRange(cluster, reading, from, until), keys)
  return from === 0 || found.every((record) => record !== undefined) ? found : newest(await readRange(cluster, reading, 0, until), keys)
}

const newest = (records: readonly CheckpointRecord[], keys: readonly string[]): readonly (CheckpointRecord | undefined)[] =>
  keys.map((key) => records.findLast((record) => record.key === key))

const endOf = async (cluster: Cluster, { topic, leader }: CheckpointReading): Promise<number> => {
  const request = {
    name: topic,
    partitions: [{ partitionIndex: partition, currentLeaderEpoch: -1, timestamp: ListOffsetTimestamps.LATEST }],
  }
  const { topics } = await cluster.ask(leader, listOffsetsV7.api, -1, FetchIsolationLevels.READ_UNCOMMITTED, [request])
  return Number(topics[0]?.partitions[0]?.offset ?? 0)
}

/** Ascending. */
const readRange = async (
  cluster: Cluster,
  reading: CheckpointReading,
  from: number,
  until: number,
): Promise<readonly CheckpointRecord[]> => {
  const { topic, leader, committed } = reading
  const isolation = committed ? FetchIsolationLevels.READ_COMMITTED : FetchIsolationLevels.READ_UNCOMMITTED
  const limit = performance.now() + readLimitMs
  const records: CheckpointRecord[] = []
  for (let next = from; next <= until; ) {
    if (performance.now() > limit) throw new Error(`${topic} could not be read in ${readLimitMs / 1000} s`)
    const place = { partition, currentLeaderEpoch: -1, fetchOffset: BigInt(next), lastFetchedEpoch: -1, partitionMaxBytes: fetchBytes }
    const request = { topicId: topic, partitions: [place] }
    const { responses } = await cluster.ask(
      leader,
      fetchV12.api,
      fetchMs,
      1,
      fetchBytes,
      isolation,
      noSession.id,
      noSession.epoch,
      [request],
      [],
      '',
    )
    const answer = responses[0]?.partitions[0]
    const batches = answer?.records ?? []
    for (const { offset, key, value } of committedRecords(batches, committed ? (answer?.abortedTransactions ?? []) : []))
      if (offset >= next && offset <= until) records.push({ offset, key: String(key ?? ''), value: String(value ?? '') })
    const last = batches.at(-1)
    if (last !== undefined) next = Number(last.firstOffset) + last.lastOffsetDelta + 1
  }
  return records
}
