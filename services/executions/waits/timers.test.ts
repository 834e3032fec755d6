import { simulatedTime } from '@weconnect/testing/simulated-time'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { Timers } from './timers.ts'

const settled = async (): Promise<void> => undefined
let timers: Timers
afterEach(() => timers.close())

const collect = (time = simulatedTime(0)) => {
  const fired: { key: string; at: number }[] = []
  timers = new Timers(time.clock, time.timer, (key) => fired.push({ key, at: time.clock.now() }))
  return { time, fired }
}

test('each fires once, at its time, whatever the order in which they were set, moved and cleared', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          key: fc.integer({ min: 0, max: 20 }).map(String),
          at: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
        }),
      ),
      async (changes) => {
        const { time, fired } = collect()
        const expected = new Map<string, number>()
        for (const { key, at } of changes) {
          expected.delete(key)
          if (at === undefined) timers.clear(key)
          else {
            timers.set(key, at)
            expected.set(key, at)
          }
        }
        await time.runTo(200, settled)
        expect(fired.map(({ at }) => at)).toEqual(fired.map(({ at }) => at).toSorted((one, other) => one - other))
        expect(new Map(fired.map(({ key, at }) => [key, at]))).toEqual(expected)
        expect(fired).toHaveLength(expected.size)
        timers.close()
      },
    ),
  ))

test('two hundred thousand of them take no longer each than a few do, also when most are cleared', async () => {
  const { time, fired } = collect()
  const count = 200_000
  for (let number = 0; number < count; number += 1) timers.set(`kept ${number}`, 1_000 * (1 + (number % 100)))
  for (let number = 0; number < count; number += 1) {
    timers.set(`cleared ${number}`, 86_400_000)
    timers.clear(`cleared ${number}`)
  }
  await time.runTo(50_000, settled)
  expect(fired.length).toBe(count / 2)
  time.jumpTo(2 * count)
  await time.runTo(2 * count, settled)
  timers.set('now', time.clock.now())
  await time.runTo(2 * count + 1, settled)
  expect(fired.length).toBe(count + 1)
})

test('a clock that jumps ahead is noticed within the hour', async () => {
  const { time, fired } = collect()
  timers.set('tomorrow', 24 * 3_600_000)
  await time.runTo(1_000, settled)
  time.jumpTo(25 * 3_600_000)
  await time.runTo(26 * 3_600_000, settled)
  expect(fired).toMatchObject([{ key: 'tomorrow' }])
  expect(fired[0]!.at).toBeLessThanOrEqual(26 * 3_600_000)
})
