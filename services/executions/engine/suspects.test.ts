import { expect, test } from 'vitest'
import { Suspects } from './suspects.ts'

const open = () => {
  let now = 10_000
  const due: [string, number][] = []
  const taken: string[] = []
  const ends = new Map<string, () => void>()
  const suspects = new Suspects({
    clock: { now: () => now, monotonicMs: () => now },
    timers: { set: (executionId, at) => void due.push([executionId, at]) },
    takeUp: (executionId) => {
      taken.push(executionId)
      return new Promise<void>((resolve) => ends.set(executionId, resolve))
    },
  })
  return { suspects, due, taken, ends, later: (ms: number) => (now += ms) }
}

test('an engine that has just begun leaves suspects for later', () => {
  const { suspects, due, later } = open()
  expect(suspects.enter('one')).toBe(false)
  expect(due).toEqual([['one', 12_000]])
  later(2_000)
  expect(suspects.enter('one')).toBe(true)
})

test('one suspect at a time goes on; the next does when something of it is done', () => {
  const { suspects, taken, later } = open()
  later(2_000)
  expect(['one', 'two', 'three', 'one'].map((executionId) => suspects.enter(executionId))).toEqual([true, false, false, true])
  expect(taken).toEqual([])
  suspects.leave('two')
  expect(taken).toEqual([])
  suspects.leave('one')
  expect(taken).toEqual(['two'])
  expect(suspects.enter('three')).toBe(false)
  expect(suspects.enter('two')).toBe(true)
  suspects.leave('one')
  expect(taken).toEqual(['two'])
})

test("who was put off is known to be this engine's, until it goes", () => {
  const { suspects, later } = open()
  expect(suspects.hasPutOff('one')).toBe(false)
  suspects.enter('one')
  expect(suspects.hasPutOff('one')).toBe(true)
  later(2_000)
  suspects.enter('one')
  suspects.enter('two')
  expect([suspects.hasPutOff('one'), suspects.hasPutOff('two')]).toEqual([false, true])
})

test('one that does not come when it is its turn keeps nobody', async () => {
  const { suspects, taken, ends, later } = open()
  later(2_000)
  for (const executionId of ['one', 'two', 'three']) suspects.enter(executionId)
  suspects.leave('one')
  ends.get('two')?.()
  await expect.poll(() => taken).toEqual(['two', 'three'])
  expect(suspects.enter('three')).toBe(true)
})
