import type { TriggerEvent } from '@weconnect/contracts/events/trigger'
import { specify } from '@weconnect/testing/specify'
import { expect, test } from 'vitest'
import { decide, type TriggerCommand } from './decide.ts'
import { executionIdOf } from './ids.ts'
import { absentTrigger, evolve, type Recorded, type Spec, type Trigger } from './state.ts'

const organisationId = 'org-1'
const ours = (event: TriggerEvent): Recorded => ({ ...event, organisationId })
const given = specify<Trigger, TriggerCommand, Recorded>({
  decide: (command, state) => decide(command, state).map(ours),
  evolve,
  initial: absentTrigger,
})
const triggerId = '5c0b2f5e-0000-4000-8000-00000000000a'
const spec = (changes: Partial<Spec> = {}): Spec => ({
  ...{ triggerId, workflowId: 'w', nodeId: 'n', nodeName: 'Feed', version: 1, kind: 'poll', source: 's', organisationId },
  ...changes,
})
const registered = (changes: Partial<Spec> = {}): Recorded => {
  const { organisationId: _, ...data } = spec(changes)
  return ours({ type: 'TriggerRegistered', data })
}
const register = (changes: Partial<Spec> = {}): TriggerCommand => ({ type: 'RegisterTrigger', triggerId, spec: spec(changes) })
const look = (items: readonly string[], cursor: string, version = 1): TriggerCommand => ({
  type: 'NoteLook',
  triggerId,
  version,
  items,
  cursor,
})
const fired = (number: number, items: string[], cursor: string): Recorded =>
  ours({ type: 'TriggerFired', data: { executionId: executionIdOf(triggerId, `fire ${number}`), workflowVersion: 1, items, cursor } })
const advanced = (cursor: string): Recorded => ours({ type: 'TriggerAdvanced', data: { cursor } })

test('a version takes the place of the one before', () =>
  given([registered()])
    .when(register({ version: 2 }))
    .then([registered({ version: 2 })]))
test('the same again changes nothing', () => given([registered()]).when(register()).then([]))
test('what is new becomes an execution', () =>
  given([registered()])
    .when(look(['a'], '1'))
    .then([fired(1, ['a'], '1')]))
test('the next has another id', () =>
  given([registered(), fired(1, ['a'], '1')])
    .when(look(['b'], '2'))
    .then([fired(2, ['b'], '2')]))
test('nothing new, but more seen', () =>
  given([registered()])
    .when(look([], '1'))
    .then([advanced('1')]))
test('nothing at all is no event', () =>
  given([registered(), advanced('1')])
    .when(look([], '1'))
    .then([]))
test('another version than the live one never fires (n8n #30607)', () =>
  given([registered({ version: 2 })])
    .when(look(['a'], '1'))
    .then([]))
test('nor does one that was released', () =>
  given([registered(), ours({ type: 'TriggerReleased', data: { workflowId: 'w' } })])
    .when(look(['a'], '1'))
    .then([]))
test('a failure is said once, and its end', () => {
  const failure: TriggerCommand = { type: 'NoteFailure', triggerId, code: 'EGRESS_FAILED', message: 'gone' }
  const failed = ours({ type: 'TriggerFailed', data: { code: 'EGRESS_FAILED', message: 'gone' } })
  const recovered = ours({ type: 'TriggerRecovered', data: {} })
  given([registered()]).when(failure).then([failed])
  given([registered(), failed]).when(failure).then([])
  given([registered(), failed])
    .when(look(['a'], '1'))
    .then([recovered, fired(1, ['a'], '1')])
})
test('what was seen counts for the next version that looks at the same, and for no other', () => {
  const after = (events: readonly Recorded[]) => events.reduce(evolve, absentTrigger).cursor
  expect(after([registered(), advanced('1'), registered({ version: 2 })])).toBe('1')
  expect(after([registered(), advanced('1'), registered({ version: 2, source: 'other' })])).toBeUndefined()
})
test('a checkpoint stands for all before it', () => {
  let state = [registered()].reduce(evolve, absentTrigger)
  const events: Recorded[] = []
  for (let n = 1; n <= 250; n += 1) {
    const made = decide(look([`${n}`], `${n}`), state).map(ours)
    events.push(...made)
    state = made.reduce(evolve, state)
  }
  const last = events.findLastIndex(({ type }) => type === 'TriggerCheckpointed')
  expect(last).toBeGreaterThan(100)
  expect(events.slice(last).reduce(evolve, absentTrigger)).toEqual(state)
})
