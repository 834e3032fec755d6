import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openCpuUse } from './cpu-use.ts'

test('what was used counts half after half a minute, for its organisation alone', () => {
  let nowMs = 0
  const use = openCpuUse(() => nowMs)
  use.add('a', 1_000)
  nowMs = 30_000
  expect([use.lately('a'), use.lately('b')]).toEqual([500, 0])
  use.add('a', 100)
  expect(use.lately('a')).toBe(600)
  expect(use.restOf('a')).toBe(0)
})

test('whoever rests when told so uses its budget, and not much more', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 120 }),
      fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 50, maxLength: 200 }),
      (budget, steps) => {
        let nowMs = 0
        const use = openCpuUse(() => nowMs, budget)
        let total = 0
        for (const milliseconds of steps) {
          nowMs += use.restOf('a')
          expect(use.restOf('a')).toBe(0)
          nowMs += milliseconds
          total += milliseconds
          use.add('a', milliseconds)
        }
        // A minute's worth at once, and the last step.
        const atOnce = budget * 1_000 + Math.max(...steps)
        expect(total).toBeLessThanOrEqual((nowMs / 60_000) * budget * 1_000 + atOnce + 1)
      },
    ),
  )
})
