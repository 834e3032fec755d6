import type { DomainEvent } from '@weconnect/contracts/envelope'
import { noStream } from '@weconnect/eventstore/journal'
import { completed, executionStarted, idOf, requested } from '@weconnect/testing/execution-events'
import { type JournalFixture, openJournalFixture, someContext } from '@weconnect/testing/journal-fixture'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cancelFor } from './cancel-for.ts'
import { executionStream, readExecution } from './recorded.ts'

let fixture: JournalFixture
beforeEach(() => {
  fixture = openJournalFixture()
})
afterEach(() => fixture.close())

const [one, other] = [idOf(1), idOf(2)]
const undoing: DomainEvent = {
  type: 'CompensationStarted',
  data: { cause: 'failed', firstStep: 1, failedStep: 0, code: 'NODE_FAILED', error: null },
}
const given = (...events: DomainEvent[]) =>
  fixture.journal.append(executionStream(one), noStream, [requested(1), executionStarted, ...events] as never, someContext())

test('who makes way for another of its singleton is cancelled, once', async () => {
  await given()
  await cancelFor(fixture.journal, one, other)
  await cancelFor(fixture.journal, one, other)
  expect((await readExecution(fixture.journal, one)).state.cancellationRequested).toBe(true)
  expect((await readExecution(fixture.journal, one)).head.revision).toBe(2)
})

test('one that is not in the log cannot be told', async () => {
  expect(await cancelFor(fixture.journal, one, other)).toBe(false)
})

test('one that undoes what it did ends by itself: it is left alone', async () => {
  await given(completed(0, [[]]), undoing)
  await cancelFor(fixture.journal, one, other)
  expect((await readExecution(fixture.journal, one)).state.cancellationRequested).toBe(false)
})
