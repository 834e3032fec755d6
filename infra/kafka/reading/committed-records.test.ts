import { IS_CONTROL, IS_TRANSACTIONAL, type RecordsBatch } from '@platformatic/kafka'
import { expect, test } from 'vitest'
import { committedRecords } from './committed-records.ts'

const batch = (producerId: bigint, offset: number, attributes: number, keys: readonly Buffer[]): RecordsBatch =>
  ({
    firstOffset: BigInt(offset),
    lastOffsetDelta: keys.length - 1,
    attributes,
    producerId,
    records: keys.map((key, offsetDelta) => ({ offsetDelta, key, value: key })),
  }) as unknown as RecordsBatch

const data = (producerId: bigint, offset: number, ...keys: string[]) =>
  batch(
    producerId,
    offset,
    IS_TRANSACTIONAL,
    keys.map((key) => Buffer.from(key)),
  )
const marker = (producerId: bigint, offset: number, commit: boolean) =>
  batch(producerId, offset, IS_TRANSACTIONAL | IS_CONTROL, [Buffer.from([0, 0, 0, commit ? 1 : 0])])

const log = [
  data(1n, 0, 'a'),
  data(2n, 1, 'lost'),
  data(1n, 2, 'b', 'c'),
  marker(2n, 4, false),
  marker(1n, 5, true),
  data(2n, 6, 'd'),
  marker(2n, 7, true),
  data(2n, 8, 'lost too'),
  marker(2n, 9, false),
]
const aborted = [
  { producerId: 2n, firstOffset: 8n },
  { producerId: 2n, firstOffset: 1n },
]
const keysOf = (records: Iterable<{ readonly key: Buffer | null }>): string => [...records].map(({ key }) => key).join(' ')

test('what was aborted is left out, and nothing else of the same producer', () => {
  expect(keysOf(committedRecords(log, aborted))).toBe('a b c d')
})

test('a fetch that begins within an aborted transaction leaves out the rest of it', () => {
  expect(keysOf(committedRecords(log.slice(1), aborted))).toBe('b c d')
  expect(
    keysOf(committedRecords([data(2n, 1, 'lost'), marker(2n, 2, false), data(2n, 3, 'd')], [{ producerId: 2n, firstOffset: 0n }])),
  ).toBe('d')
})

test('without a list everything is seen but the marks', () => {
  expect(keysOf(committedRecords(log, []))).toBe('a lost b c d lost too')
})
