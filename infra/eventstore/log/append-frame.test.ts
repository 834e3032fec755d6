import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EventBytes } from '../port.ts'
import { appendBytes, decodeFrame, encodeFrame } from './append-frame.ts'

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))
/** Metadata as the journal writes them: something, a part that all have, something of one length. */
const metadata = (shared: Buffer) =>
  fc.oneof(
    bytes(120),
    fc.tuple(bytes(60), fc.uint8Array({ minLength: 54, maxLength: 54 })).map(([head, tail]) => Buffer.concat([head, shared, tail])),
  )
const events: fc.Arbitrary<EventBytes[]> = bytes(200).chain((shared) =>
  fc.array(fc.record({ id: fc.uuid(), type: fc.string({ minLength: 1, maxLength: 20 }), data: bytes(200), metadata: metadata(shared) }), {
    minLength: 1,
    maxLength: 8,
  }),
)
const encode = (some: readonly EventBytes[]): Buffer => encodeFrame(some, appendBytes(some))
const corrupt = expect.objectContaining({ code: 'LOG_CORRUPT' })

test('a frame holds its events, byte for byte', () =>
  fc.assert(
    fc.property(events, (some) => {
      expect(decodeFrame(encode(some), some.length)).toEqual(some)
    }),
    { numRuns: 500 },
  ))

test('what the metadata have in common is stored once', () => {
  const shared = Buffer.alloc(250, 'organisation')
  const some = Array.from({ length: 7 }, (_, index) => ({
    id: `id ${index}`,
    type: 'T',
    data: Buffer.alloc(0),
    metadata: Buffer.concat([Buffer.alloc(30 + index, index), shared, Buffer.alloc(54, index)]),
  }))
  expect(encode(some).length).toBeLessThan(appendBytes(some) - 5 * shared.length)
  expect(decodeFrame(encode(some), 7)).toEqual(some)
})

describe('a frame that is not what was written is refused', () => {
  test('cut off, or with more at its end', () =>
    fc.assert(
      fc.property(events, fc.nat(), (some, place) => {
        const frame = encode(some)
        expect(() => decodeFrame(frame.subarray(0, place % frame.length), some.length)).toThrow(corrupt)
        expect(() => decodeFrame(Buffer.concat([frame, Buffer.alloc(1)]), some.length)).toThrow(corrupt)
      }),
    ))
  test('with another number of events', () =>
    fc.assert(
      fc.property(events, (some) => {
        expect(() => decodeFrame(encode(some), some.length + 1)).toThrow(corrupt)
        expect(() => decodeFrame(encode(some), some.length - 1)).toThrow(corrupt)
      }),
    ))
  test('of another version', () => {
    const frame = encode([{ id: 'i', type: 't', data: Buffer.alloc(3), metadata: Buffer.alloc(3) }])
    frame[0] = 9
    expect(() => decodeFrame(frame, 1)).toThrow(corrupt)
  })
})

test.each(['', 'x'.repeat(256)])('an id of %j is refused', (id) => {
  const event = { id, type: 't', data: Buffer.alloc(0), metadata: Buffer.alloc(0) }
  expect(() => appendBytes([event])).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
})
