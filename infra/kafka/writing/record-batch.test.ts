import { Reader, readRecordsBatch } from '@platformatic/kafka'
import { partitionOfStranger } from '@weconnect/testing/stranger'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { murmur2, partitionOf } from './partition.ts'
import { type BatchProducer, recordBatch } from './record-batch.ts'

const bytes = fc.uint8Array({ maxLength: 3_000 }).map((each) => Buffer.from(each))
const headers = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
  fc.string({ maxLength: 200, unit: 'grapheme' }),
  {
    maxKeys: 6,
    noNullPrototype: true,
  },
)
const record = fc.record({ key: bytes, value: bytes, headers })

const encoded = (records: readonly { key: Buffer; value: Buffer; headers: Record<string, string> }[], producer: BatchProducer): Buffer => {
  const batch = recordBatch()
  for (const { key, value, headers } of records) batch.add(key, value, headers)
  return batch.finish(producer, 1_700_000_000_000)
}

test('what is encoded is what a client reads, whatever the records hold', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 40 }), fc.nat(2 ** 31 - 1), (records, sequence) => {
      const batch = readRecordsBatch(Reader.from(encoded(records, { producerId: 7n, producerEpoch: 3, sequence })))
      expect(batch).toMatchObject({
        magic: 2,
        producerId: 7n,
        producerEpoch: 3,
        firstSequence: sequence,
        firstTimestamp: 1_700_000_000_000n,
      })
      expect(
        batch.records.map(({ key, value, headers: found }) => ({
          key: Buffer.from(key ?? ''),
          value: Buffer.from(value ?? ''),
          headers: Object.fromEntries(found.map(([name, text]) => [String(name), String(text)])),
        })),
      ).toEqual(records)
      expect(batch.records.map(({ offsetDelta }) => offsetDelta)).toEqual(records.map((_, index) => index))
    }),
  )
})

test('a key goes where another client puts it', () => {
  fc.assert(fc.property(bytes, (key) => partitionOf(key, 12) === partitionOfStranger(key, 12)))
  // Of Apache Kafka's own tests.
  expect(murmur2(Buffer.from('21'))).toBe(-973932308)
  expect(murmur2(Buffer.from('a-little-bit-long-string'))).toBe(-985981536)
})
