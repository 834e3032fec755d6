import { once } from 'node:events'
import { type ConnectionOptions, Consumer, type Message, type MessagesStream } from '@platformatic/kafka'
import { WeConnectError } from '@weconnect/contracts/errors'
import { type AddressGuard, type AddressGuardOptions, addressGuard } from '@weconnect/http/address-guard'
import { brokerList } from '../connect.ts'

/** A topic of somebody's cluster, and who reads it. */
export interface GroupSource {
  /** host:port, commas between them. */
  readonly brokers: string
  readonly clientId: string
  readonly tls: boolean
  readonly sasl?: { readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'; readonly username: string; readonly password: string }
  readonly topic: string
  readonly groupId: string
  /** Where a group begins that has no offset yet. */
  readonly from: 'first' | 'last'
  readonly sessionTimeoutMs: number
  readonly maxBytes: number
}

export interface GroupRecord {
  readonly topic: string
  /** Of this topic alone: one that was made anew under the name has another. */
  readonly topicId: string
  readonly partition: number
  readonly offset: bigint
  readonly timestampMs: number
  readonly key: Buffer | undefined
  readonly value: Buffer
  readonly headers: ReadonlyMap<Buffer, Buffer>
}

export interface GroupReader {
  /** The record is dealt with for good when it resolves; its offset is committed only then. Those of a batch are taken at the same time. */
  take(record: GroupRecord): Promise<void>
  /** It reads now, from offsets that are committed. */
  ready(): void
}

/** Records that are taken at the same time, and committed together. */
const batchSize = 100

/**
 * Reads a topic as a member of a group, until `signal` aborts. What was taken and not committed comes again. The brokers' addresses are checked, those of
 * the list and those that the cluster names.
 * @throws WeConnectError CONFIG_INVALID, EGRESS_DENIED, EGRESS_FAILED when the cluster cannot be reached or lost us; what `take` throws
 */
export const openGroupConsumer =
  (options: AddressGuardOptions = {}) =>
  async (source: GroupSource, reader: GroupReader, signal: AbortSignal): Promise<void> => {
    const guard = addressGuard(options)
    for (const broker of brokerList(source.brokers)) await checked(guard, broker)
    const consumer = new Consumer({
      ...connectionOf(source),
      clientId: source.clientId,
      groupId: source.groupId,
      bootstrapBrokers: brokerList(source.brokers),
      sessionTimeout: source.sessionTimeoutMs,
      rebalanceTimeout: Math.max(source.sessionTimeoutMs, 60_000),
      heartbeatInterval: Math.floor(source.sessionTimeoutMs / 10),
      autocommit: false,
      retries: 5,
      retryDelay: 250,
    })
    try {
      const { brokers } = await consumer.metadata({ topics: [source.topic] })
      for (const { host, port } of brokers.values()) await checked(guard, `${host}:${port}`)
      const topicId = await begin(consumer, source)
      await read(consumer, source, topicId, reader, signal)
    } catch (error) {
      if (signal.aborted) return
      throw error instanceof WeConnectError ? error : unreachable(source, error)
    } finally {
      await consumer.close(true).catch(() => undefined)
    }
  }

const connectionOf = ({ tls, sasl }: GroupSource): Pick<ConnectionOptions, 'connectTimeout' | 'requestTimeout' | 'tls' | 'sasl'> => ({
  connectTimeout: 10_000,
  requestTimeout: 30_000,
  ...(tls && { tls: {} }),
  ...(sasl && { sasl }),
})

const checked = async (guard: AddressGuard, broker: string): Promise<void> => {
  const at = broker.lastIndexOf(':')
  await guard(broker.slice(0, at), Number(broker.slice(at + 1))).catch((error: unknown) => {
    throw error instanceof WeConnectError
      ? error
      : new WeConnectError('EGRESS_FAILED', `The broker ${broker} is not known`, { cause: error })
  })
}

const unreachable = ({ topic }: GroupSource, error: unknown): WeConnectError =>
  new WeConnectError('EGRESS_FAILED', `The topic ${topic} cannot be read: ${error instanceof Error ? error.message : error}`, {
    cause: error,
  })

/** Where a group without offsets begins is committed before the first read: what comes while nobody reads is not passed over. */
const begin = async (consumer: Consumer, { topic, from }: GroupSource): Promise<string> => {
  consumer.topics.trackAll(topic)
  await consumer.joinGroup()
  const { topics } = await consumer.metadata({ topics: [topic] })
  const partitions = Array.from({ length: topics.get(topic)?.partitionsCount ?? 0 }, (_, partition) => partition)
  const committed = (await consumer.listCommittedOffsets({ topics: [{ topic, partitions }] })).get(topic) ?? []
  const edges = (await consumer.listOffsets({ topics: [topic], timestamp: from === 'first' ? -2n : -1n })).get(topic) ?? []
  const offsets = partitions
    .filter((partition) => (committed[partition] ?? -1n) < 0n)
    .map((partition) => ({ topic, partition, offset: edges[partition] ?? 0n, leaderEpoch: -1 }))
  if (offsets.length > 0) await consumer.commit({ offsets })
  return topics.get(topic)?.id ?? ''
}

const read = async (
  consumer: Consumer,
  { topic, maxBytes }: GroupSource,
  topicId: string,
  reader: GroupReader,
  signal: AbortSignal,
): Promise<void> => {
  const stream = await consumer.consume({
    topics: [topic],
    autocommit: false,
    mode: 'committed',
    fallbackMode: 'earliest',
    maxBytes,
    maxWaitTime: 500,
  })
  const stop = (): void => void stream.destroy()
  signal.addEventListener('abort', stop, { once: true })
  reader.ready()
  try {
    while (!signal.aborted) {
      const batch = await nextBatch(stream)
      if (batch.length === 0) break
      await Promise.all(batch.map((message) => reader.take(recordOf(message, topicId))))
      await consumer.commit({ offsets: behind(batch) })
    }
  } finally {
    signal.removeEventListener('abort', stop)
    stream.destroy()
  }
  if (!signal.aborted) throw new Error('the connection ended')
}

/** What there is, at least one; none when the stream has ended. */
const nextBatch = async (stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>): Promise<readonly Message[]> => {
  for (;;) {
    const batch: Message[] = []
    for (let message: Message | null = stream.read(); message; message = batch.length < batchSize ? stream.read() : null)
      batch.push(message)
    if (batch.length > 0 || stream.readableEnded || stream.destroyed) return batch
    await Promise.race([once(stream, 'readable'), once(stream, 'end'), once(stream, 'close')])
  }
}

/** Offsets after the last of each partition. */
const behind = (batch: readonly Message[]) => {
  const last = new Map<number, Message>()
  for (const message of batch) last.set(message.partition, message)
  return [...last.values()].map(({ topic, partition, offset }) => ({ topic, partition, offset: offset + 1n, leaderEpoch: -1 }))
}

const recordOf = ({ topic, partition, offset, timestamp, key, value, headers }: Message, topicId: string): GroupRecord => ({
  ...{ topic, topicId, partition, offset, key, headers },
  value: value ?? Buffer.alloc(0),
  timestampMs: Number(timestamp),
})
