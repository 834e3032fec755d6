import type { Position } from '@weconnect/contracts/envelope'
import { checkpointTopic } from '@weconnect/contracts/topics'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import type { Fetched, PartitionReader, Place, TopicPartition } from '@weconnect/kafka/partition-reader'
import { positionKey } from '@weconnect/kafka/port'
import type { KeptPlace } from './topic-places.ts'
import { placeKey } from './topic-writer.ts'

/** Records from the end at which the newest mark is looked for. */
const lastRecords = 200

/**
 * The relay notes in a topic how far it has published the log. Whoever has read all partitions as far as they were when it saw such a note has everything
 * up to there.
 */
export interface RelayMarks {
  readonly topic: string
  /** Where the notes are read on; undefined when they are read elsewhere. */
  place(): Place | undefined
  /** Once, and again when other partitions are read here. */
  settle(reader: PartitionReader, partitions: readonly TopicPartition[]): Promise<void>
  read(fetched: Fetched): void
  /**
   * @param known up to where everything is there
   * @param places of the partitions that are asked for; one that is missing has not been read
   * @returns up to where everything is there now, when that is further
   */
  reached(
    reader: PartitionReader,
    known: Position | undefined,
    places: (partitions: readonly TopicPartition[]) => Promise<ReadonlyMap<string, KeptPlace>>,
  ): Promise<Position | undefined>
  forget(): void
}

/** @param partitions all that events of the read model come by */
export const relayMarks = (kafka: KafkaSettings, logId: string, partitions: readonly TopicPartition[]): RelayMarks => {
  const marks = { topic: kafka.topicPrefix + checkpointTopic.name, partition: 0 }
  const key = positionKey(logId)
  let place: Place | undefined
  let newest: Position | undefined
  let goal: { readonly position: Position; readonly ends: readonly Place[] } | undefined
  return {
    topic: marks.topic,
    place: () => place,
    settle: async (reader, read) => {
      const isMine = read.some((each) => placeKey(each) === placeKey(marks))
      const [end] = isMine ? await reader.ends([marks]) : []
      place = end && { ...end, offset: Math.max(0, end.offset - lastRecords) }
    },
    read: ({ records, next }) => {
      const last = records.findLast((record) => String(record.key) === key)
      if (last?.value) newest = String(last.value)
      place = { ...marks, offset: next }
    },
    reached: async (reader, known, places) => {
      if (goal === undefined) {
        if (newest === undefined || (known !== undefined && newest <= known)) return undefined
        goal = { position: newest, ends: await reader.ends(partitions) }
      }
      const at = await places(goal.ends)
      if (!goal.ends.every((end) => (at.get(placeKey(end))?.offset ?? 0) >= end.offset)) return undefined
      const { position } = goal
      goal = undefined
      return position
    },
    forget: () => {
      goal = undefined
      newest = undefined
    },
  }
}
