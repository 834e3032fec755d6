import type { MigrationEvent } from '@weconnect/contracts/events/migration'
import { specify } from '@weconnect/testing/specify'
import { expect, test } from 'vitest'
import { evolve, type Recorded } from '../decider/evolve.ts'
import { type Execution, initialExecution } from '../decider/state.ts'
import { decideHold, decideMove, decideRelease, whyNotNow } from './hold.ts'
import { mapNodes, refuseUnknown } from './node-map.ts'
import { decideMigration, evolveMigration, initialMigration, type Migration, type MigrationCommand } from './state.ts'

const given = specify<Migration, MigrationCommand, MigrationEvent>({
  decide: decideMigration,
  evolve: evolveMigration,
  initial: initialMigration(),
})
const ask = { workflowId: 'w', toVersion: 2, toRevision: 7, nodes: [], executionIds: ['a', 'b'] }
const requested: MigrationEvent = { type: 'MigrationRequested', data: ask }
const committed: MigrationEvent = { type: 'MigrationCommitted', data: {} }
const completed: MigrationEvent = { type: 'MigrationCompleted', data: {} }
const blockers = [{ executionId: 'b', code: 'ENDED', message: 'It has ended: failed' }]
const abandoned: MigrationEvent = { type: 'MigrationAbandoned', data: { blockers: blockers as never } }
const progressed = (done: number): MigrationEvent => ({ type: 'MigrationProgressed', data: { done } })

test('it is asked for once, of each execution once, of one at least and 10,000 at most', () => {
  given([])
    .when({ type: 'RequestMigration', ...ask, executionIds: ['a', 'b', 'a'] })
    .then([requested])
  given([requested])
    .when({ type: 'RequestMigration', ...ask })
    .then([])
  given([])
    .when({ type: 'RequestMigration', ...ask, executionIds: [] })
    .thenThrows('INVALID_INPUT')
  given([])
    .when({ type: 'RequestMigration', ...ask, executionIds: Array.from({ length: 10_001 }, (_, n) => String(n)) })
    .thenThrows('INVALID_INPUT')
})
test('it is decided once: what was committed is not abandoned, and what was abandoned is not committed', () => {
  given([requested]).when({ type: 'CommitMigration' }).then([committed])
  given([requested, committed]).when({ type: 'CommitMigration' }).then([])
  given([requested, committed]).when({ type: 'AbandonMigration', blockers }).thenThrows('INVALID_STATE')
  given([requested]).when({ type: 'AbandonMigration', blockers }).then([abandoned])
  given([requested, abandoned]).when({ type: 'AbandonMigration', blockers }).then([])
  given([requested, abandoned]).when({ type: 'CommitMigration' }).thenThrows('INVALID_STATE')
})
test('marks count on, and it ends when it is decided', () => {
  given([requested])
    .when({ type: 'MarkProgress', done: 2 })
    .then([progressed(2)])
  given([requested, progressed(2)])
    .when({ type: 'MarkProgress', done: 2 })
    .then([])
  given([requested]).when({ type: 'CompleteMigration' }).thenThrows('INVALID_STATE')
  given([requested, committed]).when({ type: 'CompleteMigration' }).then([completed])
  given([requested, committed, completed]).when({ type: 'CompleteMigration' }).then([])
  expect([requested, progressed(2), committed].reduce(evolveMigration, initialMigration())).toMatchObject({ status: 'moving', done: 0 })
  expect([requested, committed, completed].reduce(evolveMigration, initialMigration())).toMatchObject({ status: 'completed', done: 2 })
  expect([requested, abandoned, completed].reduce(evolveMigration, initialMigration())).toMatchObject({ status: 'abandoned', blockers })
})

const time = '2026-01-31T12:00:00.000Z'
const until = '2026-01-31T12:10:00.000Z'
const event = (type: string, data: object, revision = 0) => ({ type, data, revision, time }) as unknown as Recorded
const began = { step: 0, nodeId: 'n1', nodeName: 'Old', nodeType: 't', runIndex: 0, attempt: 1, inputs: [], startedAt: time }
const execution = (...events: readonly Recorded[]): Execution =>
  [
    event('ExecutionRequested', {
      executionId: 'e',
      workflowId: 'w',
      workflowVersion: 1,
      workflowRevision: 3,
      trigger: 'api',
      input: [[]],
    }),
    event('ExecutionStarted', { worker: 'one', epoch: 1, plan: [], executionOrder: 'v1' }),
    ...events,
  ].reduce(evolve, initialExecution())
const paused = event('ExecutionPaused', { step: 0, waitFor: 'time', until: '2026-02-01T00:00:00.000Z' })
const waits = () => execution(event('StepStarted', began), paused)
const place = {
  fromVersion: 1,
  workflowVersion: 2,
  workflowRevision: 7,
  triggerNodeId: 'n0',
  nodes: [{ nodeId: 'n1', toNodeId: 'n9', toName: 'New' }],
  plan: [],
  begun: ['n9'],
  arrivals: [],
  openSteps: 1,
}

test('one that waits is held under a new epoch until the migration is decided, and held once', () => {
  expect(decideHold(waits(), 'm', until)).toEqual([{ type: 'ExecutionMigrationPrepared', data: { migrationId: 'm', epoch: 2, until } }])
  const held = evolve(waits(), event('ExecutionMigrationPrepared', { migrationId: 'm', epoch: 2, until }))
  expect(held).toMatchObject({ epoch: 2, migration: { id: 'm', until }, status: 'waiting' })
  expect(decideHold(held, 'm', until)).toEqual([])
  expect(whyNotNow(held)?.code).toBe('MIGRATING')
})
test('moved, it is on the other version and its steps are of the nodes there; released, it is as it was; both once', () => {
  const held = () => evolve(waits(), event('ExecutionMigrationPrepared', { migrationId: 'm', epoch: 2, until }))
  const rest = { status: 'waiting', until: '2026-02-01T00:00:00.000Z' }
  expect(decideMove(held(), 'm', place)).toEqual([{ type: 'ExecutionMigrated', data: { migrationId: 'm', ...place, ...rest } }])
  expect(decideMove(held(), 'other', place)).toEqual([])
  const moved = evolve(held(), event('ExecutionMigrated', { migrationId: 'm', ...place, ...rest }))
  expect(moved.migration).toBeUndefined()
  expect(moved.requested).toMatchObject({ workflowVersion: 2, workflowRevision: 7, triggerNodeId: 'n0' })
  expect(moved.steps).toMatchObject([{ nodeId: 'n9', nodeName: 'New', status: 'waiting', dueAt: '2026-02-01T00:00:00.000Z' }])
  expect(decideMove(moved, 'm', place)).toEqual([])
  expect(decideRelease(held(), 'm')).toEqual([{ type: 'ExecutionMigrationReleased', data: { migrationId: 'm', ...rest } }])
  const released = evolve(held(), event('ExecutionMigrationReleased', { migrationId: 'm', ...rest }))
  expect(released).toEqual({ ...waits(), epoch: 2, migration: undefined })
  expect(decideRelease(released, 'm')).toEqual([])
})
test.each([
  ['RUNNING', execution(event('StepStarted', began))],
  ['RUNNING', execution(event('StepStarted', began), event('PauseRequested', {}))],
  ['CANCELLING', evolve(waits(), event('CancellationRequested', {}))],
  ['COMPENSATING', evolve(waits(), event('CompensationStarted', { cause: 'failed', firstStep: 1, error: null }))],
  ['ENDED', evolve(waits(), event('ExecutionCancelled', { steps: 1, durationMs: 1 }))],
])('%s: it cannot be held', (code, state) => {
  expect(whyNotNow(state)?.code).toBe(code)
  expect(() => decideHold(state, 'm', until)).toThrow()
})

const nodes = (...pairs: readonly (readonly [string, string])[]) => ({ nodes: pairs.map(([nodeId, name]) => ({ nodeId, name })) }) as never
const mapped = (...args: Parameters<typeof mapNodes>) =>
  Object.fromEntries([...mapNodes(...args)].map(([from, { nodeId }]) => [from, nodeId]))

test('nodes are found as given, else by id, else by name; each stands for one', () => {
  const from = nodes(['1', 'A'], ['2', 'B'], ['3', 'C'])
  expect(mapped(from, nodes(['1', 'Renamed'], ['9', 'B']), [])).toEqual({ 1: '1', 2: '9' })
  expect(mapped(from, nodes(['1', 'A'], ['2', 'B']), [{ from: 'A', to: 'B' }])).toEqual({ 1: '2' })
  expect(mapped(from, nodes(['2', 'A'], ['1', 'B']), [{ from: 'A', to: 'A' }])).toEqual({ 1: '2', 2: '1' })
  expect(() => mapNodes(from, nodes(['1', 'A']), [{ from: 'A', to: 'Z' }])).toThrow(/no node "Z"/)
  expect(() =>
    mapNodes(from, nodes(['1', 'A']), [
      { from: 'A', to: 'A' },
      { from: 'B', to: '1' },
    ]),
  ).toThrow(/Two nodes/)
  expect(() => refuseUnknown([from], [{ from: 'Z', to: 'A' }])).toThrow(/has a node "Z"/)
})
