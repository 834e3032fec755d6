import { expect, test } from 'vitest'
import { heardAfter, listener, since } from './heard.ts'

const began = Date.parse('2026-05-05T07:00:00.000Z')
const time = (ms: number): string => new Date(began + ms).toISOString()

test('what was heard counts from the time in the event, and from a time on', () => {
  let now = began
  const { seen, ends, note } = listener(() => now)
  for (const [at, waited, type] of [
    [-1, 900, 'ExecutionCompleted'],
    [0, 10, 'ExecutionStarted'],
    [5, 20, 'StepCompleted'],
    [9, 30, 'ExecutionCompleted'],
  ] as const) {
    now = began + at + waited
    note(type, time(at))
  }
  expect(heardAfter(seen, began)).toEqual({ count: 3, p50Ms: 20, p99Ms: 30 })
  expect(since(ends, began)).toEqual([{ at: began + 9, heardAt: began + 39 }])
})

test('figures of a listener that heard nothing are none', () => {
  expect(() => heardAfter([], began)).toThrow(RangeError)
})
