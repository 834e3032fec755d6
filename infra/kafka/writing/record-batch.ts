import { crc32c } from '@platformatic/kafka'
import type { TopicMessage } from '../port.ts'

/** Who writes: what the coordinator gave, and how many records went to this partition before. */
export interface BatchProducer {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly sequence: number
}

/**
 * Records of one partition in the form Kafka stores, of a transactional producer. Each is encoded when it comes, into one buffer: keeping them as
 * objects until the batch is sent would cost more than all else. Source: Apache Kafka documentation, "Record Batch", magic 2.
 */
export interface RecordBatch {
  readonly records: number
  /** So far. */
  readonly bytes: number
  add(key: Buffer, value: Buffer, headers: TopicMessage['headers']): void
  /** @param time of all records, milliseconds since the epoch. @returns the batch, which is not added to any more */
  finish(producer: BatchProducer, time: number): Buffer
}

const firstBytes = 16 * 1024
const headBytes = 61
const afterLength = 12
const afterChecksum = 21
const transactional = 0b10000
/** The length of a record comes first and is known last: the widest one is left free and closed up. */
const widest = 5
/** What a record takes beside key, value and headers, at most; and a header beside its text. */
const recordFraming = 40
const headerFraming = 10
const widestCharacter = 3

export const recordBatch = (): RecordBatch => {
  let buffer = Buffer.allocUnsafeSlow(firstBytes)
  let end = headBytes
  let records = 0

  const reserve = (bytes: number): void => {
    if (end + bytes <= buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, end + bytes))
    buffer.copy(larger, 0, 0, end)
    buffer = larger
  }

  return {
    get records() {
      return records
    },
    get bytes() {
      return end
    },
    add: (key, value, headers) => {
      const names = Object.keys(headers)
      reserve(mostBytes(key, value, headers, names))
      const body = end + widest
      let at = body
      buffer[at++] = 0 // attributes
      buffer[at++] = 0 // time after that of the batch
      at = writeVarInt(buffer, records, at)
      at = writeBytes(buffer, key, at)
      at = writeBytes(buffer, value, at)
      at = writeVarInt(buffer, names.length, at)
      for (const name of names) at = writeText(buffer, headers[name] as string, writeText(buffer, name, at))
      const begin = writeVarInt(buffer, at - body, end)
      buffer.copyWithin(begin, body, at)
      end = begin + at - body
      records += 1
    },
    finish: (producer, time) => {
      writeHead(buffer, end, records, producer, time)
      buffer.writeUInt32BE(crc32c(buffer.subarray(afterChecksum, end)), 17)
      return buffer.subarray(0, end)
    },
  }
}

const writeHead = (
  buffer: Buffer,
  end: number,
  records: number,
  { producerId, producerEpoch, sequence }: BatchProducer,
  time: number,
): void => {
  buffer.writeBigInt64BE(0n, 0) // base offset
  buffer.writeInt32BE(end - afterLength, 8)
  buffer.writeInt32BE(-1, 12) // leader epoch
  buffer.writeInt8(2, 16) // magic
  buffer.writeInt16BE(transactional, 21)
  buffer.writeInt32BE(records - 1, 23)
  buffer.writeBigInt64BE(BigInt(time), 27)
  buffer.writeBigInt64BE(BigInt(time), 35)
  buffer.writeBigInt64BE(producerId, 43)
  buffer.writeInt16BE(producerEpoch, 51)
  buffer.writeInt32BE(sequence, 53)
  buffer.writeInt32BE(records, 57)
}

const mostBytes = (key: Buffer, value: Buffer, headers: TopicMessage['headers'], names: readonly string[]): number => {
  let characters = 0
  for (const name of names) characters += name.length + (headers[name] as string).length
  return recordFraming + key.length + value.length + characters * widestCharacter + names.length * headerFraming
}

/** Zigzag, seven bits a byte. */
const writeVarInt = (buffer: Buffer, value: number, at: number): number => {
  let rest = value << 1
  let end = at
  while (rest > 0x7f) {
    buffer[end++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buffer[end++] = rest
  return end
}

const writeBytes = (buffer: Buffer, bytes: Buffer, at: number): number => {
  const begin = writeVarInt(buffer, bytes.length, at)
  bytes.copy(buffer, begin)
  return begin + bytes.length
}

/** Byte by byte while it is ASCII, which short texts are: cheaper than a call of the engine. */
const writeText = (buffer: Buffer, text: string, at: number): number => {
  const begin = writeVarInt(buffer, text.length, at)
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) return writeBytes(buffer, Buffer.from(text), at)
    buffer[begin + index] = code
  }
  return begin + text.length
}
