import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFrame, type Frame, frameReader, type ToRunner } from './runner/frames.ts'

const cut = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
  const pieces: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}

test('frames come out as they went in, however the bytes are cut', () => {
  const frame = fc.record({
    header: fc.record({ kind: fc.constant('run' as const), code: fc.string({ unit: 'grapheme' }) }),
    body: fc.string({ unit: 'grapheme' }),
  })
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (frames, sizes) => {
      const read: Frame<ToRunner>[] = []
      const take = frameReader<ToRunner>((found) => void read.push(found), 1_000_000)
      for (const piece of cut(Buffer.concat(frames.map(({ header, body }) => encodeFrame(header, body))), sizes)) take(piece)
      expect(read).toEqual(frames)
    }),
  )
})

test('a frame over the limit is refused before its body has arrived', () => {
  const take = frameReader(() => undefined, 100)
  expect(() => take(encodeFrame({ kind: 'ready' }, 'x'.repeat(200)).subarray(0, 10))).toThrow(RangeError)
})
