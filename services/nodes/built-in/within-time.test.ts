import { expect, test } from 'vitest'
import { withinTime } from './within-time.ts'

test('gives back what the work gives or throws', () => {
  expect(withinTime('Adding', () => 1 + 1)).toBe(2)
  expect(() =>
    withinTime('Failing', () => {
      throw new TypeError('own')
    }),
  ).toThrow(TypeError)
})

test('ends a pattern that would not end, also inside a catch', () => {
  const stuck = () => {
    try {
      return /^(?=(a+)+$)\1b/.test(`${'a'.repeat(40)}!`)
    } catch {
      return true
    }
  }
  expect(() => withinTime('Matching', stuck, 50)).toThrow('Matching took longer than 50 ms')
  expect(withinTime('Adding', () => 2)).toBe(2)
})
