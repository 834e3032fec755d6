import { crc32c } from '@platformatic/kafka'

/** Who writes: what the coordinator gave, and how many records went to this partition before. */
export interface BatchProducer {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly sequence: number
}

export interface BatchRecord {
  readonly key: Buffer
  readonly value: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** What a record takes beside key, value and headers, at most. */
const framing = 40
const headBytes = 61
const afterLength = 12
const afterChecksum = 21
const transactional = 0b10000

let scratch = Buffer.allocUnsafeSlow(1024 * 1024)

const reserve = (used: number, bytes: number): void => {
  if (used + bytes <= scratch.length) return
  const larger = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, used + bytes))
  scratch.copy(larger, 0, 0, used)
  scratch = larger
}

/** Bytes that a record takes in a batch, at most, when its headers are ASCII. */
export const recordBytes = ({ key, value, headers }: BatchRecord): number => {
  let bytes = framing + key.length + value.length
  for (const name in headers) bytes += name.length + (headers[name] as string).length + 4
  return bytes
}

/**
 * Records of one partition in the form Kafka stores, of a transactional producer. Made in one buffer, record by record: a batch is most of what
 * publishing costs. Source: Apache Kafka documentation, "Record Batch", magic 2.
 * @param time of all records, milliseconds since the epoch
 */
export const recordBatch = (
  records: readonly BatchRecord[],
  { producerId, producerEpoch, sequence }: BatchProducer,
  time: number,
): Buffer => {
  let end = headBytes
  for (const [index, record] of records.entries()) end = writeRecord(record, index, end)
  const batch = Buffer.from(scratch.subarray(0, end))
  batch.writeBigInt64BE(0n, 0) // base offset
  batch.writeInt32BE(end - afterLength, 8)
  batch.writeInt32BE(-1, 12) // leader epoch
  batch.writeInt8(2, 16) // magic
  batch.writeInt16BE(transactional, 21)
  batch.writeInt32BE(records.length - 1, 23)
  batch.writeBigInt64BE(BigInt(time), 27)
  batch.writeBigInt64BE(BigInt(time), 35)
  batch.writeBigInt64BE(producerId, 43)
  batch.writeInt16BE(producerEpoch, 51)
  batch.writeInt32BE(sequence, 53)
  batch.writeInt32BE(records.length, 57)
  batch.writeUInt32BE(crc32c(batch.subarray(afterChecksum)), 17)
  return batch
}

/** Its length comes first and is known last: the widest one is left free and closed up. */
const widest = 5

const writeRecord = (record: BatchRecord, offsetDelta: number, start: number): number => {
  reserve(start, recordBytes(record) * 3)
  const { key, value, headers } = record
  const body = start + widest
  let at = body
  scratch[at++] = 0 // attributes
  scratch[at++] = 0 // time after that of the batch
  at = writeVarInt(offsetDelta, at)
  at = writeBytes(key, at)
  at = writeBytes(value, at)
  const names = Object.keys(headers)
  at = writeVarInt(names.length, at)
  for (const name of names) at = writeText(headers[name] as string, writeText(name, at))
  const begin = writeVarInt(at - body, start)
  scratch.copyWithin(begin, body, at)
  return begin + at - body
}

/** Zigzag, seven bits a byte. */
const writeVarInt = (value: number, at: number): number => {
  let rest = value << 1
  let end = at
  while (rest > 0x7f) {
    scratch[end++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  scratch[end++] = rest
  return end
}

const writeBytes = (bytes: Buffer, at: number): number => {
  const begin = writeVarInt(bytes.length, at)
  bytes.copy(scratch, begin)
  return begin + bytes.length
}

/** Byte by byte while it is ASCII, which short texts are: cheaper than a call of the engine. */
const writeText = (text: string, at: number): number => {
  const begin = writeVarInt(text.length, at)
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) return writeBytes(Buffer.from(text), at)
    scratch[begin + index] = code
  }
  return begin + text.length
}
