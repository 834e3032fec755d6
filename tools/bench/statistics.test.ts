import { expect, test } from 'vitest'
import { median, medianOf, percentile, rounded } from './statistics.ts'

test('percentiles are values that occurred', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
  expect(percentile(hundred, 0.5)).toBe(50)
  expect(percentile(hundred, 0.99)).toBe(99)
  expect(percentile(hundred, 1)).toBe(100)
  expect(percentile(hundred, 0)).toBe(1)
  expect(percentile([7], 0.99)).toBe(7)
  expect(() => percentile([], 0.5)).toThrow(RangeError)
})

test('the median stands in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(() => median([])).toThrow(RangeError)
})

test('rounds are joined field by field', () => {
  const rounds = [
    { perSecond: 10, p50Ms: 9 },
    { perSecond: 30, p50Ms: 1 },
    { perSecond: 20, p50Ms: 5 },
  ]
  expect(medianOf(rounds)).toEqual({ perSecond: 20, p50Ms: 5 })
})

test('figures have three digits', () => {
  expect([0.12345, 12.345, 12345.6].map(rounded)).toEqual([0.123, 12.3, 12346])
})
