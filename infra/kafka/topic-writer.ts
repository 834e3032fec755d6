import type { Position } from '@weconnect/contracts/envelope'
import { checkpointTopic } from '@weconnect/contracts/topics'
import kafkajs, { Partitioners, type Producer, type TopicMessages, type Transaction } from 'kafkajs'
import { type CheckpointRecord, readCheckpoints } from './checkpoint-reader.ts'
import { type KafkaSettings, openKafka } from './connect.ts'
import { TakenOver, type TopicMessage, type TopicWriter } from './port.ts'

export interface TopicWriterOptions {
  readonly settings: KafkaSettings
  /** Of all writers of one log only one is active. */
  readonly logId: string
  /** This relay, the same through all its writers. */
  readonly relayId: string
  readonly newId: () => string
  /** The relay was active before: it goes on only while no other one has opened. */
  readonly wasActive: boolean
}

/** One request stays below a broker's default limit of 1 MB a batch, even when all of it goes to one partition. */
const requestBytes = 800_000
/** What a record takes beside its value, roughly: key, headers, framing. */
const recordOverhead = 700

/** Not INVALID_PRODUCER_ID_MAPPING: so the broker calls an id that it forgot, after a week without a transaction. */
const fencing = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED'])
/** Whether the broker refuses this producer because a newer one has its transactional id. */
export const isFenced = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  return (error instanceof kafkajs.KafkaJSProtocolError && fencing.has(error.type)) || isFenced(error.cause)
}

/**
 * kafkajs, transactional. It fences at its first transaction, not when it connects: so the first transaction writes a mark of its own, and only
 * when that is committed the checkpoint is read, up to that mark: nobody older can commit any more.
 */
export const openTopicWriter = ({ settings, logId, relayId, newId, wasActive }: TopicWriterOptions): TopicWriter => {
  const kafka = openKafka(settings)
  const topic = settings.topicPrefix + checkpointTopic.name
  const producer = kafka.producer({
    transactionalId: `${topicId(settings)}-${logId}`,
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  const keys = { opened: `opened/${logId}`, position: `position/${logId}` }

  /** The newest record of each key that is not newer than the given one. */
  const newest = async (
    until: number,
    committed: boolean,
    wanted: readonly string[],
  ): Promise<readonly (CheckpointRecord | undefined)[]> => {
    const find = (records: readonly CheckpointRecord[]) => wanted.map((key) => records.find((record) => record.key === key))
    return find(
      await readCheckpoints(kafka, { topic, until, committed, newId }, (records) => find(records).every((record) => record !== undefined)),
    )
  }

  /** Looks who opened last, or is about to, without fencing anyone: a record outside of any transaction marks where to stop reading. */
  const checkStillOurs = async (): Promise<void> => {
    const looking = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await looking.connect()
    try {
      const [sent] = await looking.send({ topic, messages: [{ key: `looked/${logId}`, value: relayId }] })
      const [opened] = await newest(Number(sent?.baseOffset), false, [keys.opened])
      if (opened !== undefined && opened.value !== relayId) throw new TakenOver(`relay ${opened.value} took over`)
    } finally {
      await looking.disconnect()
    }
  }

  const open = async (): Promise<Position | undefined> => {
    if (wasActive) await checkStillOurs()
    await producer.connect()
    const mark = await inTransaction(producer, (transaction) =>
      transaction.send({ topic, messages: [{ key: keys.opened, value: relayId }] }),
    )
    const [position] = await newest(Number(mark[0]?.baseOffset), true, [keys.position])
    return position?.value
  }

  return {
    open,
    publish: (messages, end) =>
      inTransaction(producer, async (transaction) => {
        for (const request of requestsOf(messages)) await transaction.sendBatch({ topicMessages: request })
        await transaction.send({ topic, messages: [{ key: keys.position, value: end }] })
      }),
    close: () => producer.disconnect(),
  }
}

const topicId = ({ topicPrefix }: KafkaSettings): string => `${topicPrefix}weconnect-relay`

const inTransaction = async <Result>(producer: Producer, work: (transaction: Transaction) => Promise<Result>): Promise<Result> => {
  try {
    const transaction = await producer.transaction()
    const result = await work(transaction)
    await transaction.commit()
    return result
  } catch (error) {
    // Not aborted: who opens next ends what is open, and a producer that failed is not used again.
    throw isFenced(error) ? new TakenOver('another relay opened with this transactional id', { cause: error }) : error
  }
}

/** In order, split so that no request is too large. */
function* requestsOf(messages: readonly TopicMessage[]): Generator<TopicMessages[]> {
  let byTopic = new Map<string, TopicMessages['messages']>()
  let bytes = 0
  const request = (): TopicMessages[] => [...byTopic].map(([topic, each]) => ({ topic, messages: each }))
  for (const { topic, key, value, headers } of messages) {
    const size = value.length + recordOverhead
    if (bytes > 0 && bytes + size > requestBytes) {
      yield request()
      byTopic = new Map()
      bytes = 0
    }
    bytes += size
    const message = { key, value, headers }
    const list = byTopic.get(topic)
    if (list === undefined) byTopic.set(topic, [message])
    else list.push(message)
  }
  if (byTopic.size > 0) yield request()
}
