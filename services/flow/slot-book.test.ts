import type { Journal } from '@weconnect/eventstore/journal'
import { type JournalFixture, openJournalFixture } from '@weconnect/testing/journal-fixture'
import { recountSlots } from '@weconnect/testing/recount-slots'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { flowWork } from './open-work.ts'
import { openSlotBook, type SlotBook } from './slot-book.ts'
import type { SlotCommand } from './slot-decide.ts'

vi.setConfig({ testTimeout: 60_000 })

let fixture: JournalFixture
beforeEach(() => {
  fixture = openJournalFixture({ workOf: flowWork })
})
afterEach(() => fixture.close())

const organisationId = '5c0b2f5e-0000-4000-8000-000000000001'
const now = Date.parse('2026-01-01T00:00:00.000Z')
const acquire = (executionId: string, limit: number, epoch = 1, queue?: number): SlotCommand => ({
  type: 'AcquireSlot',
  claim: { executionId, workflowId: 'w', epoch, priority: 3, weight: 1, requestedAt: new Date(now).toISOString() },
  terms: { limit, periodMs: 0, queue },
  organisationId,
  now,
})
const release = (executionId: string): SlotCommand => ({
  type: 'ReleaseSlot',
  executionId,
  epoch: 99,
  reason: 'ended',
  organisationId,
  now,
})
const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${prefix}${n}`)
const comeAndGo = async (book: SlotBook, prefix: string, count: number): Promise<void> => {
  await Promise.all(names(prefix, count).map((name) => book.handle('x', acquire(name, 1000))))
  await Promise.all(names(prefix, count).map((name) => book.handle('x', release(name))))
}
const streams = async (): Promise<string[]> =>
  [...new Set((await fixture.journal.readAll({ limit: 100_000 })).map(({ stream }) => stream))].sort()
const holdersOf = async (book: SlotBook): Promise<string[]> =>
  (await book.load('x')).holders.map(({ executionId, epoch }) => `${executionId}/${epoch}`).sort()

test('a long stream goes on in another that carries the holders over; only the newest is open work', async () => {
  const book = openSlotBook(fixture.journal, 'me', 50)
  await book.handle('x', acquire('stays', 1000, 7))
  for (let turn = 0; turn < 10; turn += 1) await comeAndGo(book, `t${turn}-`, 10)
  expect(await streams()).toEqual(['slot-x', 'slot-x-1', 'slot-x-2', 'slot-x-3'])
  expect(await holdersOf(book)).toEqual(['stays/7'])
  const another = openSlotBook(fixture.journal, 'you', 50)
  expect(await another.load('x')).toEqual(await book.load('x'))
  expect((await fixture.store.openWork()).map(({ stream }) => stream)).toEqual(['slot-x-3'])
  expect((await recountSlots(fixture.journal)).held.get('x')).toEqual(['stays'])
  await another.handle('x', release('stays'))
  expect(await holdersOf(openSlotBook(fixture.journal, 'me', 50))).toEqual([])
  expect(await fixture.store.openWork()).toEqual([])
})

test('cut off between the close of a stream and the next, whoever comes next goes on there', async () => {
  const cut: Pick<Journal, 'append' | 'read'> = {
    ...fixture.journal,
    append: async (stream, ...rest) => {
      if (stream === 'slot-x-1') throw new Error('power cut')
      return fixture.journal.append(stream, ...rest)
    },
  }
  const book = openSlotBook(cut, 'me', 20)
  await book.handle('x', acquire('stays', 1000))
  await comeAndGo(book, 'a', 12)
  expect(await streams()).toEqual(['slot-x'])
  expect((await fixture.store.openWork()).map(({ stream }) => stream)).toEqual(['slot-x'])
  const another = openSlotBook(fixture.journal, 'you', 20)
  expect(await holdersOf(another)).toEqual(['stays/1'])
  await another.handle('x', acquire('next', 1000))
  expect(await streams()).toEqual(['slot-x', 'slot-x-1'])
  expect(await holdersOf(openSlotBook(fixture.journal, 'they', 20))).toEqual(['next/1', 'stays/1'])
  expect((await fixture.store.openWork()).map(({ stream }) => stream)).toEqual(['slot-x-1'])
})

test('two engines on one log: each append is decided on what is there, and nobody gets in twice or beyond the limit', async () => {
  const books = [openSlotBook(fixture.journal, 'one', 60), openSlotBook(fixture.journal, 'two', 60)] as const
  const work = async (book: SlotBook, prefix: string): Promise<void> => {
    for (const name of names(prefix, 60)) {
      await book.handle('x', acquire(name, 3))
      await book.handle('x', release(name))
    }
  }
  await Promise.all([work(books[0], 'a'), work(books[1], 'b'), work(books[0], 'c'), work(books[1], 'd'), work(books[1], 'e')])
  const count = await recountSlots(fixture.journal)
  expect(count.most.get('x')).toBeLessThanOrEqual(3)
  expect(count.held.get('x')).toEqual([])
  expect(count.waiting.get('x')).toEqual([])
  expect(count.problems).toEqual([])
  expect((await streams()).length).toBeGreaterThan(3)
})

test('who was refused is nowhere, also when the append with the refusal had to be decided again', async () => {
  const books = [openSlotBook(fixture.journal, 'one'), openSlotBook(fixture.journal, 'two')] as const
  const outcomes = await Promise.allSettled(names('n', 40).map((name, n) => books[n % 2]!.handle('x', acquire(name, 2, 1, 3))))
  const refused = outcomes.flatMap((outcome, n) => (outcome.status === 'rejected' ? [`n${n}`] : []))
  expect(refused).toHaveLength(35)
  const { holders, waiters } = await openSlotBook(fixture.journal, 'three').load('x')
  expect([holders.length, waiters.length]).toEqual([2, 3])
  expect([...holders, ...waiters].filter(({ executionId }) => refused.includes(executionId))).toEqual([])
})
