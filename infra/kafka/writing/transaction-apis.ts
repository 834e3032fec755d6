import { createAPI, ProtocolError, produceV9, type Reader, Writer } from '@platformatic/kafka'

/** Requests of Kafka's protocol that the client does not make, or not as they are needed here. Source: Apache Kafka documentation, "Protocol". */

export interface PartitionBatch {
  readonly partition: number
  /** See record-batch.ts. */
  readonly batch: Buffer
}
export interface TopicBatches {
  readonly topic: string
  readonly partitions: readonly PartitionBatch[]
}

const allReplicas = -1
const produceLimitMs = 25_000

/** Produce of batches that are encoded already. */
export const produceBatches = createAPI<
  [transactionalId: string, topics: readonly TopicBatches[]],
  ReturnType<typeof produceV9.parseResponse>
>(
  0,
  9,
  (transactionalId: string, topics: readonly TopicBatches[]) =>
    Writer.create()
      .appendString(transactionalId)
      .appendInt16(allReplicas)
      .appendInt32(produceLimitMs)
      .appendArray([...topics], (writer, { topic, partitions }) => {
        writer.appendString(topic).appendArray([...partitions], (each, { partition, batch }) => {
          each
            .appendInt32(partition)
            .appendUnsignedVarInt(batch.length + 1)
            .append(batch)
        })
      })
      .appendTaggedFields(),
  produceV9.parseResponse,
)

export interface TransactionState {
  readonly errorCode: number
  /** Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort, PrepareEpochFence, Dead. */
  readonly state: string
  readonly producerId: bigint
}

/** What the coordinator knows of a transactional id; its error is in the answer. */
export const describeTransaction = createAPI<[transactionalId: string], TransactionState>(
  65,
  0,
  (transactionalId: string) =>
    Writer.create()
      .appendArray([transactionalId], (writer, id) => writer.appendString(id), true, false)
      .appendTaggedFields(),
  (_correlation, _key, _version, reader) => {
    reader.readInt32() // throttle
    const [found] = reader.readArray(readState)
    return found as TransactionState
  },
)

const readState = (reader: Reader): TransactionState => {
  const errorCode = reader.readInt16()
  reader.readString() // the id
  const state = reader.readString()
  reader.readInt32() // its time limit
  reader.readInt64() // its start
  const producerId = reader.readInt64()
  reader.readInt16() // epoch
  reader.readArray((topic) => [topic.readString(), topic.readArray(() => topic.readInt32(), true, false)])
  return { errorCode, state, producerId }
}

export interface TransactionMarker {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly commit: boolean
  readonly topic: string
  readonly partition: number
}

/** Ends what a producer wrote to partitions of one leader. Allowed to whoever may alter the cluster. @throws ProtocolError */
export const writeTransactionMarkers = createAPI<[markers: readonly TransactionMarker[]], void>(
  27,
  1,
  (markers: readonly TransactionMarker[]) =>
    Writer.create()
      .appendArray([...markers], (writer, { producerId, producerEpoch, coordinatorEpoch, commit, topic, partition }) =>
        writer
          .appendInt64(producerId)
          .appendInt16(producerEpoch)
          .appendBoolean(commit)
          .appendArray([topic], (each, name) =>
            each.appendString(name).appendArray([partition], (one, index) => one.appendInt32(index), true, false),
          )
          .appendInt32(coordinatorEpoch),
      )
      .appendTaggedFields(),
  (_correlation, _key, _version, reader) => {
    const codes = reader.readArray(readMarkerCodes).flat()
    const refused = codes.find((code) => code !== 0)
    if (refused !== undefined) throw new ProtocolError(refused)
  },
)

const readMarkerCodes = (reader: Reader): number[] => {
  reader.readInt64() // producer
  return reader
    .readArray((topic) => {
      topic.readString()
      return topic.readArray((partition) => {
        partition.readInt32()
        return partition.readInt16()
      })
    })
    .flat()
}
