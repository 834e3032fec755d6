import type { JsonValue } from '@weconnect/contracts/json'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonPieces, leastLength } from './json-pieces.ts'

const long = fc.integer({ min: 1, max: 3 }).map((size): JsonValue => 'x"é'.repeat(size * 60_000))
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue() as fc.Arbitrary<JsonValue>,
    { weight: 1, arbitrary: long },
    fc.array(tie('value'), { maxLength: 6 }) as fc.Arbitrary<JsonValue>,
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 6 }) as fc.Arbitrary<JsonValue>,
  ),
}))

test('the pieces are the text', () => {
  fc.assert(
    fc.property(value, (given) => {
      expect([...jsonPieces(given)].join('') === JSON.stringify(given)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('many small members make pieces of about the same length, and an absent one none', () => {
  const list = Array.from({ length: 20_000 }, (_, index) => ({ id: index, note: 'n'.repeat(index % 40), none: undefined }))
  const given = { a: list, none: undefined, b: Object.fromEntries(list.map((member) => [`k${member.id}`, member])) } as unknown as JsonValue
  const pieces = [...jsonPieces(given)]
  expect(pieces.join('')).toBe(JSON.stringify(given))
  expect(pieces.length).toBeGreaterThan(8)
  for (const piece of pieces) expect(piece.length).toBeLessThan(600_000)
})

test('the least length is never more than the length', () => {
  fc.assert(
    fc.property(value, (given) => {
      expect(leastLength(given, Number.POSITIVE_INFINITY)).toBeLessThanOrEqual(JSON.stringify(given).length + 1)
    }),
    { numRuns: 60 },
  )
})
