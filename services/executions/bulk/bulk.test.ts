import { specify } from '@weconnect/testing/specify'
import { expect, test } from 'vitest'
import { type Bulk, type BulkCommand, decideBulk, evolveBulk, initialBulk } from './state.ts'

type Event = Parameters<typeof evolveBulk>[1]
const given = specify<Bulk, BulkCommand, Event>({ decide: decideBulk, evolve: evolveBulk, initial: initialBulk() })
const ask = { operation: 'cancel', executionIds: ['a', 'b', 'c'], newestVersion: false } as const
const requested: Event = { type: 'BulkRequested', data: ask }
const progressed = (done: number, succeeded: number, skipped = 0, failures: readonly object[] = []): Event => ({
  type: 'BulkProgressed',
  data: { done, succeeded, skipped, failures: failures as never },
})
const failure = { executionId: 'b', code: 'NOT_FOUND', message: '' }

test('it is asked for once, and each execution is in it once', () => {
  given([])
    .when({ type: 'RequestBulk', ...ask, executionIds: ['a', 'b', 'a', 'c'] })
    .then([requested])
  given([requested])
    .when({ type: 'RequestBulk', ...ask })
    .then([])
})
test('too many are refused', () =>
  given([])
    .when({ type: 'RequestBulk', ...ask, executionIds: Array.from({ length: 10_001 }, (_, n) => String(n)) })
    .thenThrows('INVALID_INPUT'))
test('marks count on; the last one ends it', () => {
  given([requested])
    .when({ type: 'MarkProgress', outcomes: ['succeeded', failure] })
    .then([progressed(2, 1, 0, [failure])])
  given([requested, progressed(2, 1, 0, [failure])])
    .when({ type: 'MarkProgress', outcomes: ['skipped'] })
    .then([progressed(3, 1, 1), { type: 'BulkCompleted', data: {} }])
})
test('one of none ends at once, and what has ended takes no marks', () => {
  const none: Event = { type: 'BulkRequested', data: { ...ask, executionIds: [] } }
  given([none])
    .when({ type: 'MarkProgress', outcomes: [] })
    .then([{ type: 'BulkCompleted', data: {} }])
  given([none, { type: 'BulkCompleted', data: {} }])
    .when({ type: 'MarkProgress', outcomes: [] })
    .thenThrows('INVALID_STATE')
})
test('failures are gathered', () => {
  const events = [requested, progressed(1, 0, 0, [failure]), progressed(2, 0, 0, [failure])]
  expect(events.reduce(evolveBulk, initialBulk()).failures).toHaveLength(2)
})
