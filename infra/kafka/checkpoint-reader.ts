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
/** A transaction that someone left open is aborted by the broker after a minute; until then nobody reads past it. */
const readLimitMs = 75_000

export interface CheckpointReading {
  readonly topic: string
  /** Offset of a record that is known to be there: that it was seen proves that everything before it was. */
  readonly until: number
  /** `false`: also what is not committed, so that nobody's open transaction has to be waited for. */
  readonly committed: boolean
  readonly newId: () => string
}

/** Records of the checkpoint topic up to a known one, newest first. */
export const readCheckpoints = async (
  kafka: Kafka,
  reading: CheckpointReading,
  isEnough: (records: readonly CheckpointRecord[]) => boolean,
): Promise<readonly CheckpointRecord[]> => {
  const { until } = reading
  const from = Math.max(0, until - tail)
  const records = await readRange(kafka, reading, from)
  return from === 0 || isEnough(records) ? records : readRange(kafka, reading, 0)
}

const readRange = async (
  kafka: Kafka,
  { topic, until, committed, newId }: CheckpointReading,
  from: number,
): Promise<readonly CheckpointRecord[]> => {
  // A group of its own, as kafkajs reads in no other way; it commits nothing, so the broker forgets it.
  // With a long wait for bytes, disconnecting would take as long.
  const consumer = kafka.consumer({ groupId: `${topic}-${newId()}`, maxWaitTimeInMs: 100, readUncommitted: !committed })
  const records: CheckpointRecord[] = []
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      const limit = AbortSignal.timeout(readLimitMs)
      limit.addEventListener('abort', () => reject(new Error(`${topic} could not be read in ${readLimitMs / 1000} s`)))
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
