import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { open, seal } from './seal.ts'

const key = randomBytes(32)
const buffer = fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes))

test('what is sealed opens with the same key and place', () =>
  fc.assert(
    fc.property(buffer, buffer, (plaintext, aad) => {
      const sealed = seal(key, plaintext, aad)
      expect(sealed).toHaveLength(plaintext.length + 28)
      expect(open(key, sealed, aad)).toEqual(plaintext)
    }),
  ))

test('a changed byte, another place or another key does not open', () =>
  fc.assert(
    fc.property(buffer, buffer, fc.nat(), fc.integer({ min: 1, max: 255 }), (plaintext, aad, place, mask) => {
      const sealed = seal(key, plaintext, aad)
      expect(() => open(key, sealed, Buffer.concat([aad, Buffer.from('x')]))).toThrow()
      expect(() => open(randomBytes(32), sealed, aad)).toThrow()
      sealed[place % sealed.length] = (sealed[place % sealed.length] as number) ^ mask
      expect(() => open(key, sealed, aad)).toThrow()
    }),
  ))

test('bytes that are too short are refused', () => {
  expect(() => open(key, Buffer.alloc(27), Buffer.alloc(0))).toThrow()
})

test('nonces do not repeat', () => {
  const nonces = new Set(Array.from({ length: 5000 }, () => seal(key, Buffer.alloc(0), Buffer.alloc(0)).toString('hex', 0, 12)))
  expect(nonces.size).toBe(5000)
})
