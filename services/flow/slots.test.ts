import { WeConnectError } from '@weconnect/contracts/errors'
import type { Journal } from '@weconnect/eventstore/journal'
import { openWork } from '@weconnect/open-work/open-work'
import { type JournalFixture, openJournalFixture } from '@weconnect/testing/journal-fixture'
import { afterEach, expect, test } from 'vitest'
import type { Demand } from './demands.ts'
import type { SlotParts, Standing } from './slot-parts.ts'
import { Slots } from './slots.ts'

const [slot, organisationId, workflowId] = ['5107', '0197aaaa-0000-7000-8000-000000000001', '0197aaaa-0000-7000-8000-000000000002']
const [one, other] = ['0197aaaa-0000-7000-8000-00000000000a', '0197aaaa-0000-7000-8000-00000000000b']
const another = '0197aaaa-0000-7000-8000-00000000000c'
const claimOf = (executionId: string) => ({
  ...{ executionId, workflowId, organisationId, epoch: 1, priority: 3 },
  requestedAt: '2026-01-01T00:00:00.000Z',
})

const fixtures: JournalFixture[] = []
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.close()
})

/** Slots whose time goes on when the test says so, on a log that can be full, of slots or of executions. */
const openSlots = (fixture: JournalFixture, standing: Standing['status'], found?: () => Promise<Standing>) => {
  const disk = { isFull: false, isDeaf: false }
  const refused = (): Promise<never> => Promise.reject(new WeConnectError('DISK_FULL', 'no space left'))
  const append: Journal['append'] = (...appended) => (disk.isFull ? refused() : fixture.journal.append(...appended))
  const due = new Map<string, () => void>()
  const errors: unknown[] = []
  const preempted: string[] = []
  const parts: SlotParts = {
    journal: { ...fixture.journal, append },
    now: () => Date.parse('2026-01-01T00:00:00.000Z'),
    alarms: (fire) => ({ set: (key) => void due.set(key, () => fire(key)), close: () => undefined }),
    worker: 'w',
    weightOf: () => 1,
    standing: found ?? (async () => ({ status: standing, epoch: 1, organisationId, flow: undefined })),
    granted: () => undefined,
    preempted: async (executionId) => {
      if (disk.isDeaf) await refused()
      preempted.push(executionId)
      return standing !== 'absent'
    },
    isHere: () => false,
    onError: (error) => void errors.push(error),
  }
  return { slots: new Slots(parts), disk, due, errors, preempted }
}

const openFixture = (): JournalFixture => {
  const fixture = openJournalFixture({ workOf: openWork.of })
  fixtures.push(fixture)
  return fixture
}
const held = async (fixture: JournalFixture): Promise<number> => (await fixture.store.openWork()).length
const patience = { timeout: 60_000 }

test('a log that cannot be written keeps nobody from starting: what was left is given back when it can be written again', async () => {
  const fixture = openFixture()
  const demand: Demand = { slot, kind: 'concurrency', scope: 'workflow', limit: 1, periodMs: 0 }
  await openSlots(fixture, 'running').slots.acquire(claimOf(one), [demand], true)
  expect(await held(fixture)).toBe(1)

  const { slots, disk, due, errors } = openSlots(fixture, 'ended')
  disk.isFull = true
  await slots.start(await fixture.store.openWork())
  expect(errors).toMatchObject([{ code: 'DISK_FULL' }])
  disk.isFull = false
  due.get(one)?.()
  await expect.poll(() => held(fixture), patience).toBe(0)
})

test('who asks anew keeps what it is granted: how it stood before is out of date', async () => {
  const fixture = openFixture()
  const demand: Demand = { slot, kind: 'concurrency', scope: 'workflow', limit: 1, periodMs: 0 }
  const found = Promise.withResolvers<Standing>()
  const { slots } = openSlots(fixture, 'waiting', () => found.promise)
  await slots.acquire(claimOf(one), [demand], true)
  slots.left(one, true)
  await slots.acquire({ ...claimOf(one), epoch: 2 }, [demand], false)
  found.resolve({ status: 'waiting', epoch: 1, organisationId, flow: undefined })
  expect(await slots.acquire(claimOf(another), [demand], true)).toBe(false)
})

test('who is to make way is told until that could be written', async () => {
  const fixture = openFixture()
  const demand: Demand = { slot, kind: 'singleton', scope: 'workflow', limit: 1, periodMs: 0, whenTaken: 'cancel', holdsWhileWaiting: true }
  const { slots, disk, due, errors, preempted } = openSlots(fixture, 'running')
  await slots.acquire(claimOf(one), [demand], true)
  disk.isDeaf = true
  expect(await slots.acquire(claimOf(other), [demand], true)).toBe(false)
  await expect.poll(() => errors, patience).toMatchObject([{ code: 'DISK_FULL' }])
  disk.isDeaf = false
  due.get(one)?.()
  await expect.poll(() => preempted, patience).toEqual([one])
})

test('who never came to be, and is to make way, leaves the queue: its turn would never come to show it', async () => {
  const fixture = openFixture()
  const demand: Demand = { slot, kind: 'singleton', scope: 'workflow', limit: 1, periodMs: 0, whenTaken: 'cancel', holdsWhileWaiting: true }
  const { slots, due, preempted } = openSlots(fixture, 'absent')
  await slots.acquire(claimOf(one), [demand], true)
  await slots.acquire(claimOf(other), [demand], true)
  await expect.poll(() => due.has(one), patience).toBe(true)
  expect(slots.isWaiting(other)).toBe(true)
  due.get(one)?.()
  await expect.poll(() => slots.isWaiting(other), patience).toBe(false)
  expect(preempted).toEqual([one, one])
})

test('who waited, was to make way and has ended when an engine starts, leaves the queue', async () => {
  const fixture = openFixture()
  const demand: Demand = { slot, kind: 'singleton', scope: 'workflow', limit: 1, periodMs: 0, whenTaken: 'cancel', holdsWhileWaiting: true }
  const before = openSlots(fixture, 'running').slots
  for (const executionId of [one, other, another]) await before.acquire(claimOf(executionId), [demand], true)
  const { slots } = openSlots(fixture, 'ended')
  await slots.start(await fixture.store.openWork())
  await expect.poll(() => slots.isWaiting(other), patience).toBe(false)
})
