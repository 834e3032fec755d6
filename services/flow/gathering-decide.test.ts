import type { GatheringEvent } from '@weconnect/contracts/events/gathering'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Arrival, decide, type GatheringCommand, type Gathers } from './gathering-decide.ts'
import { emptyGathering, evolve, type Gathering, leftOf } from './gathering-state.ts'

const start = Date.parse('2026-01-01T00:00:00.000Z')
const arrival = (arrivalId: string, deliveryId?: string): Arrival => ({
  arrivalId,
  workflowId: 'w',
  workflowVersion: 1,
  workflowRevision: 1,
  trigger: 'webhook',
  input: [[{ json: { arrivalId } }]],
  ...(deliveryId !== undefined && { deliveryId }),
})
const debounce: Gathers = { kind: 'debounce', periodMs: 10, maxWaitMs: 25 }
const batch: Gathers = { kind: 'batch', maxSize: 3, timeoutMs: 20 }

/** A stream in memory. */
const stream = () => {
  let state: Gathering = emptyGathering
  const events: GatheringEvent[] = []
  const handle = (command: GatheringCommand, now: number): readonly GatheringEvent[] => {
    const decided = decide(command, state)
    for (const event of decided) {
      state = evolve(state, { ...event, revision: events.length, time: new Date(start + now).toISOString(), organisationId: 'o' })
      events.push(event)
    }
    return decided
  }
  return {
    events,
    state: () => state,
    gather: (ms: number, id: string, gathers: Gathers, delivery?: string) =>
      handle({ type: 'Gather', id: 'g', arrival: arrival(id, delivery), gathers, now: start + ms }, ms),
    close: (ms: number) => handle({ type: 'CloseGathering', id: 'g', now: start + ms }, ms),
    begun: (executionId: string) => handle({ type: 'NoteBegun', id: 'g', executionId }, 0),
  }
}
const types = (events: readonly GatheringEvent[]): string => events.map(({ type }) => type).join(' ')

test('a debounce is put off by every arrival, but not for ever', () => {
  const { gather, close, state } = stream()
  for (const ms of [0, 8, 16]) gather(ms, `a${ms}`, debounce)
  expect(state().open).toMatchObject({ executionId: 'a0', arrivals: 3, dueAt: start + 25, from: 0, to: 2 })
  expect(close(24)).toEqual([])
  expect(types(close(25))).toBe('GatheringClosed')
  expect(state()).toMatchObject({ closed: [{ executionId: 'a0', from: 0, to: 2 }] })
  expect(state().open).toBeUndefined()
})

test('a batch is closed in the append that fills it; what comes next begins another', () => {
  const { gather, state } = stream()
  gather(0, 'a', batch)
  gather(1, 'b', batch)
  expect(types(gather(2, 'c', batch))).toBe('ArrivalGathered GatheringClosed')
  gather(3, 'd', batch)
  expect(state()).toMatchObject({ open: { executionId: 'd', from: 4, to: 4 }, closed: [{ executionId: 'a', from: 0, to: 2, arrivals: 3 }] })
})

test('the timeout of a batch counts from its first arrival', () => {
  const { gather, close, state } = stream()
  gather(0, 'a', batch)
  gather(15, 'b', batch)
  expect(state().open?.dueAt).toBe(start + 20)
  expect(close(19)).toEqual([])
  expect(types(close(20))).toBe('GatheringClosed')
})

test('a delivery that is repeated is known in its window and after its close', () => {
  const { gather, state } = stream()
  gather(0, 'a', batch, 'd1')
  expect(gather(1, 'a', batch, 'd1')).toEqual([])
  gather(2, 'b', batch)
  gather(3, 'c', batch)
  expect(gather(4, 'a', batch, 'd1')).toEqual([])
  expect(state().open).toBeUndefined()
})

test('what has begun is noted once', () => {
  const { gather, close, begun, state } = stream()
  gather(0, 'a', debounce)
  close(10)
  expect(begun('a')).toEqual([{ type: 'GatheringBegun', data: { executionId: 'a', left: 0 } }])
  expect(begun('a')).toEqual([])
  expect(leftOf(state())).toBe(0)
})

test('every arrival is part of exactly one execution, whatever comes when, and a fold from the newest close is the fold of everything', () =>
  fc.assert(
    fc.property(
      fc.array(fc.record({ kind: fc.constantFrom('gather', 'gather', 'close', 'begun'), ms: fc.nat(15), repeats: fc.boolean() }), {
        maxLength: 80,
      }),
      fc.constantFrom(debounce, batch),
      (actions, gathers) => {
        const { gather, close, begun, state, events } = stream()
        let now = 0
        let count = 0
        for (const { kind, ms, repeats } of actions) {
          now += ms
          if (kind === 'gather') {
            gather(now, `a${count}`, gathers, `d${count}`)
            if (repeats) expect(gather(now, `a${count}`, gathers, `d${count}`)).toEqual([])
            count += 1
          }
          if (kind === 'close') close(now)
          if (kind === 'begun') begun(state().closed[0]?.executionId ?? '')
        }
        close(now + 1_000)
        const closes = events.flatMap((event) => (event.type === 'GatheringClosed' ? [event.data] : []))
        const members = closes.map(({ executionId, from, to }) =>
          events
            .slice(from, to + 1)
            .flatMap((event) => (event.type === 'ArrivalGathered' && event.data.executionId === executionId ? [event.data.arrivalId] : [])),
        )
        expect(members.flat()).toEqual(Array.from({ length: count }, (_, n) => `a${n}`))
        expect(closes.map(({ arrivals }) => arrivals)).toEqual(members.map(({ length }) => length))
        const from = events.findLastIndex(({ type }) => type === 'GatheringClosed')
        const folded = events
          .slice(Math.max(0, from))
          .reduce<Gathering>(
            (before, event, index) =>
              evolve(before, { ...event, revision: Math.max(0, from) + index, time: new Date(start).toISOString(), organisationId: 'o' }),
            emptyGathering,
          )
        if (from >= 0) expect(folded).toEqual(state())
      },
    ),
    { numRuns: 200 },
  ))
