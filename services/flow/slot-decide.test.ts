import type { SlotEvent } from '@weconnect/contracts/events/slot'
import { specify } from '@weconnect/testing/specify'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide, dueTurn, type SlotCommand, type Terms } from './slot-decide.ts'
import { emptySlot, evolve, freeAt, freeOf, leftOf, type RecordedSlot, type Slot } from './slot-state.ts'

const start = Date.parse('2026-01-01T00:00:00.000Z')
const at = (second: number): string => new Date(start + second * 1000).toISOString()
const ours = 'org-a'

const given = specify<Slot, SlotCommand, SlotEvent>({
  decide,
  evolve: (slot, event) => evolve(slot, { ...event, organisationId: ours } as RecordedSlot),
  initial: emptySlot,
})

const claim = (executionId: string, second = 0, epoch = 1) => ({
  executionId,
  workflowId: 'w',
  epoch,
  priority: 3,
  weight: 1,
  requestedAt: at(second),
})
const one: Terms = { limit: 1, periodMs: 0 }
const acquire = (executionId: string, second: number, { terms = one, epoch = 1 }: { terms?: Terms; epoch?: number } = {}): SlotCommand => ({
  type: 'AcquireSlot',
  claim: claim(executionId, second, epoch),
  terms,
  organisationId: ours,
  now: start + second * 1000,
})
const release = (executionId: string, second: number, epoch = 99, reason: 'ended' | 'waiting' | 'withdrawn' = 'ended'): SlotCommand => ({
  type: 'ReleaseSlot',
  executionId,
  epoch,
  reason,
  organisationId: ours,
  now: start + second * 1000,
})
const granted = (
  executionId: string,
  second: number,
  left: number,
  { limit = 1, periodMs = 0, asked = second, epoch = 1 } = {},
): SlotEvent => ({
  type: 'SlotGranted',
  data: { claim: claim(executionId, asked, epoch), limit, periodMs, at: at(second), left },
})
const queued = (executionId: string, second: number, left: number, { limit = 1, periodMs = 0 } = {}): SlotEvent => ({
  type: 'SlotQueued',
  data: { claim: claim(executionId, second), limit, periodMs, at: at(second), left },
})
const released = (executionId: string, second: number, left: number, epoch = 99, reason: 'ended' | 'waiting' = 'ended'): SlotEvent => ({
  type: 'SlotReleased',
  data: { executionId, epoch, reason, at: at(second), left },
})

describe('a slot that is held', () => {
  test('is granted when it is free', () =>
    given([])
      .when(acquire('a', 0))
      .then([granted('a', 0, 1)]))
  test('is granted once', () =>
    given([granted('a', 0, 1)])
      .when(acquire('a', 1))
      .then([]))
  test('is waited for when it is taken', () =>
    given([granted('a', 0, 1)])
      .when(acquire('b', 1))
      .then([queued('b', 1, 2)]))
  test('is waited for once', () =>
    given([granted('a', 0, 1), queued('b', 1, 2)])
      .when(acquire('b', 2))
      .then([]))
  test('goes to who waits, in the append that releases it', () =>
    given([granted('a', 0, 1), queued('b', 1, 2)])
      .when(release('a', 2))
      .then([released('a', 2, 1), granted('b', 2, 1, { asked: 1 })]))
  test('is released once', () =>
    given([granted('a', 0, 1), released('a', 1, 0)])
      .when(release('a', 2))
      .then([]))
  test('is taken over by the same execution with a higher epoch', () =>
    given([granted('a', 0, 1)])
      .when(acquire('a', 1, { epoch: 2 }))
      .then([{ type: 'SlotGranted', data: { claim: claim('a', 1, 2), limit: 1, periodMs: 0, at: at(1), takesOver: 1, left: 1 } }]))
  test('a release of an earlier epoch does not reach who has taken it over', () =>
    given([granted('a', 0, 1, { epoch: 2 })])
      .when(release('a', 1, 1))
      .then([]))
  test('who leaves the queue is not granted anything later', () =>
    given([granted('a', 0, 1), queued('b', 1, 2), released('b', 2, 1)])
      .when(release('a', 3))
      .then([released('a', 3, 0)]))
  test('a queue that is full refuses, with a time', () => {
    const events = [granted('a', 0, 1), queued('b', 1, 2)]
    given(events)
      .when(acquire('c', 2, { terms: { ...one, queue: 1 } }))
      .thenThrows('QUEUE_FULL')
    given(events)
      .when(acquire('c', 2, { terms: { ...one, queue: 2 } }))
      .then([queued('c', 2, 3)])
  })
  test('a higher limit counts at once, also for those who wait under the lower one', () =>
    given([granted('a', 0, 1), queued('b', 1, 2)])
      .when(acquire('c', 2, { terms: { limit: 3, periodMs: 0 } }))
      .then([queued('c', 2, 3, { limit: 3 }), granted('b', 2, 3, { limit: 3, asked: 1 }), granted('c', 2, 3, { limit: 3 })]))
  test('who was asked for earlier does not set the limit back', () =>
    given([granted('b', 5, 1, { limit: 2 })])
      .when(acquire('a', 1, { terms: one, epoch: 2 }))
      .then([{ type: 'SlotGranted', data: { claim: claim('a', 1, 2), limit: 2, periodMs: 0, at: at(1), left: 2 } }]))
  test('who comes back from a wait comes before those who were asked for later', () =>
    given([granted('b', 1, 1), queued('c', 2, 2), queued('a', 0, 3)])
      .when(release('b', 4))
      .then([released('b', 4, 2), granted('a', 4, 2, { asked: 0 })]))
})

describe('a singleton', () => {
  const skip: Terms = { ...one, whenTaken: 'skip' }
  const cancel: Terms = { ...one, whenTaken: 'cancel' }
  test('skips what comes while it is taken', () =>
    given([granted('a', 0, 1)])
      .when(acquire('b', 1, { terms: skip }))
      .then([{ type: 'SlotSkipped', data: { executionId: 'b', heldBy: 'a' } }]))
  test('or cancels what is there, running and waiting, for the newest', () =>
    given([granted('a', 0, 1), queued('b', 1, 2)])
      .when(acquire('c', 2, { terms: cancel }))
      .then([
        { type: 'SlotPreempted', data: { executionId: 'a', by: 'c' } },
        { type: 'SlotPreempted', data: { executionId: 'b', by: 'c' } },
        queued('c', 2, 3),
      ]))
  test('who is being cancelled gets no turn', () =>
    given([granted('a', 0, 1), queued('b', 1, 2), { type: 'SlotPreempted', data: { executionId: 'b', by: 'c' } }, queued('c', 2, 3)])
      .when(release('a', 3))
      .then([released('a', 3, 2), granted('c', 3, 2, { asked: 2 })]))
})

describe('a pace', () => {
  const pace: Terms = { limit: 2, periodMs: 10_000 }
  const begun = [granted('a', 0, 0, pace), granted('b', 1, 0, pace)]
  test('begins so many within its period; the next waits', () =>
    given(begun)
      .when(acquire('c', 2, { terms: pace }))
      .then([queued('c', 2, 1, pace)]))
  test('and gets its turn when the first has left the period', () => {
    given([...begun, queued('c', 2, 1, pace)])
      .when({ type: 'AdvanceSlot', organisationId: ours, now: start + 9_999 })
      .then([])
    given([...begun, queued('c', 2, 1, pace)])
      .when({ type: 'AdvanceSlot', organisationId: ours, now: start + 10_000 })
      .then([granted('c', 10, 0, { ...pace, asked: 2 })])
  })
  test('with no queue it refuses, and says when it goes on', () => {
    const command = acquire('c', 2, { terms: { ...pace, queue: 0 } })
    given(begun).when(command).thenThrows('RATE_LIMITED')
    const slot = begun.reduce((state, event) => evolve(state, { ...event, organisationId: ours }), emptySlot)
    expect(() => decide(command, slot)).toThrow(expect.objectContaining({ retryAfterSeconds: 8 }))
  })
  test('a start that never came to be does not count', () =>
    given(begun)
      .when(release('b', 2, 99, 'withdrawn'))
      .then([{ type: 'SlotReleased', data: { executionId: 'b', epoch: 99, reason: 'withdrawn', at: at(2), left: 0 } }]))
})

const organisations = ['org-a', 'org-b', 'org-c']

/** One slot in the hands of a few executions that do whatever they like, in any order. */
const action = fc.record({
  kind: fc.constantFrom('acquire', 'acquire', 'acquire', 'end', 'end', 'wait', 'goOn', 'crash', 'stale', 'pass'),
  who: fc.nat(11),
  limit: fc.constantFrom(1, 2, 3),
  priority: fc.integer({ min: 1, max: 5 }),
  ms: fc.nat(500),
})

interface World {
  slot: Slot
  now: number
  epochs: number[]
  most: number
}

const organisationOf = (who: number): string => organisations[who % organisations.length]!

const handled = (world: World, command: SlotCommand): void => {
  const apply = (next: SlotCommand): void => {
    for (const event of decide(next, world.slot)) {
      const before = world.slot.holders.length
      world.slot = evolve(world.slot, { ...event, organisationId: next.organisationId } as RecordedSlot)
      const isNew = event.type === 'SlotGranted' && event.data.takesOver === undefined && event.data.periodMs === 0
      if (isNew) expect(before).toBeLessThan(world.slot.limit)
      if ('left' in event.data) expect(event.data.left).toBe(leftOf(world.slot))
    }
  }
  apply(command)
  for (let turn = dueTurn(world.slot, world.now); turn !== undefined; turn = dueTurn(world.slot, world.now))
    apply({ type: 'AdvanceSlot', organisationId: turn, now: world.now })
}

const asks = (world: World, who: number, terms: Terms, priority: number): SlotCommand => ({
  type: 'AcquireSlot',
  claim: { ...claim(`e${who}`, who, world.epochs[who]! + 1), priority },
  terms,
  organisationId: organisationOf(who),
  now: world.now,
})
const gives = (world: World, who: number, epoch: number, reason: 'ended' | 'waiting'): SlotCommand => ({
  type: 'ReleaseSlot',
  executionId: `e${who}`,
  epoch,
  reason,
  organisationId: organisationOf(who),
  now: world.now,
})

test('in any interleaving of starts, waits, crashes, ends and late releases there are never more holders than the limit, and everybody gets in at last', () =>
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), fc.boolean(), (actions, paced) => {
      const world: World = { slot: emptySlot, now: start, epochs: Array(12).fill(0), most: 0 }
      const terms = (limit: number): Terms => ({ limit, periodMs: paced ? 1000 : 0 })
      for (const { kind, who, limit, priority, ms } of actions) {
        world.now += ms
        const holds = world.slot.holders.find(({ executionId }) => executionId === `e${who}`)
        if (holds) world.epochs[who] = holds.epoch
        if (kind === 'acquire' || kind === 'goOn' || kind === 'crash') handled(world, asks(world, who, terms(limit), priority))
        if (kind === 'end') handled(world, gives(world, who, 2 ** 31 - 1, 'ended'))
        if (kind === 'wait') handled(world, gives(world, who, world.epochs[who]!, 'waiting'))
        if (kind === 'stale') handled(world, gives(world, who, world.epochs[who]! - 1, 'waiting'))
        if (kind === 'pass') handled(world, { type: 'AdvanceSlot', organisationId: organisationOf(who), now: world.now })
        expect(freeOf(world.slot, world.now) === 0 || world.slot.waiters.length === 0).toBe(true)
      }
      // From here on whoever holds it ends.
      for (let turns = 0; world.slot.waiters.length > 0; turns += 1) {
        expect(turns).toBeLessThan(50)
        const [holder] = world.slot.holders
        if (holder) handled(world, gives(world, Number(holder.executionId.slice(1)), 2 ** 31 - 1, 'ended'))
        else {
          world.now = freeAt(world.slot, world.now)!
          handled(world, { type: 'AdvanceSlot', organisationId: 'org-a', now: world.now })
        }
      }
    }),
    { numRuns: 300 },
  ))

test('folding a slot that was carried over gives what folding all of it gives', () =>
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const world: World = { slot: emptySlot, now: start, epochs: Array(12).fill(0), most: 0 }
      for (const { kind, who, limit, priority, ms } of actions) {
        world.now += ms
        handled(world, kind === 'end' ? gives(world, who, 99, 'ended') : asks(world, who, { limit, periodMs: 0 }, priority))
        const carried = JSON.parse(JSON.stringify(world.slot))
        const opened: SlotEvent = { type: 'SlotSegmentOpened', data: { segment: 1, slot: carried } }
        expect(evolve(emptySlot, { ...opened, organisationId: ours })).toEqual(world.slot)
      }
    }),
    { numRuns: 50 },
  ))
