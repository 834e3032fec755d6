import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openThrottle } from './token-bucket.ts'

const clock = () => {
  let ms = 0
  return { now: () => ms, advance: (by: number) => (ms += by) }
}

test('a burst passes, then one request per interval', () => {
  const { now, advance } = clock()
  const throttle = openThrottle({ burst: 2, perSecond: 0.5 }, now)
  expect([1, 2, 3].map(() => throttle.take('a'))).toEqual([0, 0, 2])
  advance(1000)
  expect(throttle.take('a')).toBe(1)
  advance(1000)
  expect(throttle.take('a')).toBe(0)
  expect(throttle.take('a')).toBe(2)
})

test('one client does not use up the tokens of another', () => {
  const throttle = openThrottle({ burst: 1, perSecond: 1 }, clock().now)
  expect([throttle.take('a'), throttle.take('b'), throttle.take('a')]).toEqual([0, 0, 1])
})

test('whoever waits as long as they were told gets through', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.integer({ min: 1, max: 200 }),
      (burst, perSecond, tries) => {
        const { now, advance } = clock()
        const throttle = openThrottle({ burst, perSecond }, now)
        let wait = 0
        for (let n = 0; n < tries && wait === 0; n++) wait = throttle.take('a')
        advance(wait * 1000)
        if (wait > 0) expect(throttle.take('a')).toBe(0)
      },
    ),
  )
})

test('in any time, no more than the burst and what filled meanwhile passes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 200 }), (pauses) => {
      const { now, advance } = clock()
      const throttle = openThrottle({ burst: 5, perSecond: 2 }, now)
      let passed = 0
      for (const pause of pauses) {
        advance(pause)
        if (throttle.take('a') === 0) passed += 1
      }
      expect(passed).toBeLessThanOrEqual(5 + (now() / 1000) * 2 + 1e-6)
    }),
  )
})
