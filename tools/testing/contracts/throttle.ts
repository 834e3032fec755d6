import type { Rate, Throttle } from '@weconnect/http/token-bucket'
import { describe, expect, test } from 'vitest'

/** Every adapter of the token buckets passes it. Some count by a clock of their own, so time passes for real. */
export const describeThrottles = (name: string, open: (rate: Rate) => Promise<Throttle>): void => {
  describe(name, () => {
    test('a burst passes, then nobody is let through until they have waited as long as they are told', async () => {
      const throttle = await open({ burst: 3, perSecond: 1 })
      const first: number[] = []
      for (let n = 0; n < 4; n += 1) first.push(await throttle.take('a'))
      expect(first.slice(0, 3)).toEqual([0, 0, 0])
      expect(first[3]).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 1_050))
      expect(await throttle.take('a')).toBe(0)
    })

    test('one client does not use up the tokens of another', async () => {
      const throttle = await open({ burst: 1, perSecond: 0.01 })
      expect([await throttle.take('a'), await throttle.take('b')]).toEqual([0, 0])
      expect(await throttle.take('a')).toBeGreaterThan(0)
    })

    test('of many at the same time, as many pass as there are tokens', async () => {
      const throttle = await open({ burst: 10, perSecond: 0.001 })
      const waits = await Promise.all(Array.from({ length: 50 }, async () => throttle.take('a')))
      expect(waits.filter((wait) => wait === 0)).toHaveLength(10)
    })
  })
}
