import type { Position } from '@weconnect/contracts/envelope'
import { checkpointTopic, stateTopics, topics } from '@weconnect/contracts/topics'
import { type Cluster, hasErrorCode, openCluster } from '../cluster.ts'
import type { KafkaSettings } from '../connect.ts'
import { positionKey, TakenOver, type TopicMessage, type TopicWriter } from '../port.ts'
import { readNewestCheckpoints } from '../reading/checkpoint-reader.ts'
import { writeLostMarkers } from './lost-markers.ts'
import { openTransactionalProducer, type TransactionalProducer } from './transactional-producer.ts'

export interface TopicWriterOptions {
  readonly settings: KafkaSettings
  /** Of all writers of one log only one is active. */
  readonly logId: string
  /** This relay, the same through all its writers. */
  readonly relayId: string
  /** The relay was active before: it goes on only while no other one has opened. */
  readonly wasActive: boolean
}

/** Not INVALID_PRODUCER_ID_MAPPING: so the broker calls an id that it forgot, after a week without a transaction. */
const fencing = ['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED']
/** Whether the broker refuses this producer because a newer one has its transactional id. */
export const isFenced = (error: unknown): boolean => hasErrorCode(error, fencing)

export const transactionalIdOf = ({ topicPrefix }: KafkaSettings, logId: string): string => `${topicPrefix}weconnect-relay-${logId}`

/**
 * Transactional. Opening, it first ends what a killed broker left without an end, then fences the others and writes a mark of its own; when that is
 * committed the checkpoint is read, up to that mark: nobody older can commit any more. It never reconnects: a lost connection is the end of it, as
 * only opening makes sure that the last transaction has ended everywhere.
 */
export const openTopicWriter = ({ settings, logId, relayId, wasActive }: TopicWriterOptions): TopicWriter => {
  const transactionalId = transactionalIdOf(settings, logId)
  const topic = settings.topicPrefix + checkpointTopic.name
  const written = [...Object.values(topics), ...Object.values(stateTopics), checkpointTopic].map(({ name }) => settings.topicPrefix + name)
  const keys = { opened: `opened/${logId}`, position: positionKey(logId) }
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => {})
  let cluster: Cluster | undefined
  let producer: TransactionalProducer | undefined

  const checkpoint = (key: string, value: string): TopicMessage => ({ topic, key, value: Buffer.from(value), headers: {} })

  const open = async (): Promise<Position | undefined> => {
    cluster = await openCluster(settings.brokers)
    cluster.lost.addEventListener('abort', () => lost.reject(cluster?.lost.reason))
    const leaders = await cluster.leadersOf(written)
    const leader = leaders.get(topic)?.[0] ?? 0
    if (wasActive) {
      const [opened] = await readNewestCheckpoints(cluster, { topic, leader, committed: false }, [keys.opened])
      if (opened !== undefined && opened.value !== relayId) throw new TakenOver(`relay ${opened.value} took over`)
    }
    await writeLostMarkers(cluster, transactionalId, written)
    producer = await openTransactionalProducer(cluster, transactionalId, leaders)
    const marking = producer.newBatch()
    marking.add(checkpoint(keys.opened, relayId))
    const mark = (await producer.transact(marking)).get(`${topic}/0`)
    const [position] = await readNewestCheckpoints(cluster, { topic, leader, committed: true, until: Number(mark) }, [keys.position])
    return position?.value
  }

  const openProducer = (): TransactionalProducer => {
    if (producer === undefined) throw new Error('the writer is not open')
    return producer
  }

  return {
    open: () => unlessFenced(open()),
    newBatch: () => openProducer().newBatch(),
    publish: async (batch, end) => {
      batch.add(checkpoint(keys.position, end))
      await unlessFenced(openProducer().transact(batch))
    },
    lost: lost.promise,
    close: async () => cluster?.close(),
  }
}

/** What failed is not aborted: who opens next ends what is open, and a writer that failed is not used again. */
const unlessFenced = async <Result>(work: Promise<Result>): Promise<Result> => {
  try {
    return await work
  } catch (error) {
    throw isFenced(error) ? new TakenOver('another relay opened with this transactional id', { cause: error }) : error
  }
}
