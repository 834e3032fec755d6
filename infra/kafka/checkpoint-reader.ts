import type { Kafka } from 'kafkajs'

/** A record of the checkpoint topic. */
export interface CheckpointRecord {
  readonly offset: number
  readonly key: string
  readonly value: string
}

/** First look at the newest records only; all of them when that was not enough. */
const tail = 2_000
const partition = 0

/**
 * Committed records of the checkpoint topic up to a known one, newest first.
 * @param until offset of a committed record: that it was seen proves that everything before it was
 */
export const readCheckpoints = async (
  kafka: Kafka,
  topic: string,
  until: number,
  newId: () => string,
  isEnough: (records: readonly CheckpointRecord[]) => boolean,
): Promise<readonly CheckpointRecord[]> => {
  const from = Math.max(0, until - tail)
  const records = await readRange(kafka, topic, from, until, newId)
  return from === 0 || isEnough(records) ? records : readRange(kafka, topic, 0, until, newId)
}

const readRange = async (
  kafka: Kafka,
  topic: string,
  from: number,
  until: number,
  newId: () => string,
): Promise<readonly CheckpointRecord[]> => {
  // A group of its own, as kafkajs reads in no other way; it commits nothing, so the broker forgets it.
  // With a long wait for bytes, disconnecting would take as long.
  const consumer = kafka.consumer({ groupId: `${topic}-${newId()}`, maxWaitTimeInMs: 100, readUncommitted: false })
  const records: CheckpointRecord[] = []
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
      consumer
        .run({
          autoCommit: false,
          eachMessage: async ({ message }) => {
            const offset = Number(message.offset)
            if (offset >= from && offset <= until)
              records.push({ offset, key: String(message.key ?? ''), value: String(message.value ?? '') })
            if (offset >= until) resolve()
          },
        })
        .then(() => consumer.seek({ topic, partition, offset: String(from) }))
        .catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
  // Seeking while a fetch is under way may bring a record twice.
  return [...new Map(records.map((record) => [record.offset, record])).values()].sort((left, right) => right.offset - left.offset)
}
