import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import { specify } from '@weconnect/testing/specify'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide, type ExecutionCommand } from './decide.ts'
import { evolve, type Recorded } from './evolve.ts'
import { type Execution, initialExecution } from './state.ts'

type Bare = Pick<Recorded, 'type' | 'data'>

const time = '2026-01-01T00:00:00.000Z'
const fold = (execution: Execution, event: Bare): Execution =>
  evolve({ ...execution, steps: [...execution.steps] }, { ...event, revision: 0, time } as Recorded)
const given = specify<Execution, ExecutionCommand, Bare>({ decide, evolve: fold, initial: initialExecution() })

const requested = {
  type: 'ExecutionRequested',
  data: { executionId: 'e', workflowId: 'w', workflowVersion: 1, workflowRevision: 7, trigger: 'webhook', input: [[{ json: {} }]] },
} as Bare
const startedIn = (executionOrder: 'v1' | 'parallel'): Bare => ({
  type: 'ExecutionStarted',
  data: { worker: 'w0', epoch: 1, executionOrder, plan: [], seed: '00', engineVersion: '1', timezone: 'UTC', maxSteps: 10 },
})
const started = startedIn('v1')
const claimed = (number: number): Bare => ({ type: 'ExecutionClaimed', data: { worker: `w${number}`, epoch: number + 1 } })
const identity = (step: number, nodeType = 't') => ({
  ...{ step, nodeId: `n${step}`, nodeName: `Node ${step}`, nodeType, runIndex: 0, attempt: 1, inputs: [], startedAt: time },
})
const begun = (step: number, nodeType?: string): Bare => ({ type: 'StepStarted', data: identity(step, nodeType) })
const done = (step: number): Bare => ({ type: 'StepCompleted', data: { ...identity(step), durationMs: 1, outputCounts: [1] } })
const failed = (step: number): Bare => ({
  type: 'StepFailed',
  data: { ...identity(step), durationMs: 1, code: 'NODE_FAILED', error: {}, final: false },
})
const released: Bare = { type: 'ExecutionReleased', data: { epoch: 1 } }
const paused: Bare = { type: 'ExecutionPaused', data: { step: 0, until: time, waitFor: 'time' } }
const raised = (step: number, othersGoOn = false): Bare => ({
  type: 'IncidentRaised',
  data: {
    ...{ step, nodeId: `n${step}`, nodeName: `Node ${step}`, attempt: 1, crashes: 3 },
    detail: {
      code: 'ENGINE_CRASHED',
      message: expect.stringContaining(`died 3 times in a row while the node "Node ${step}" was under way`),
    },
    ...(othersGoOn && { othersGoOn: true }),
  },
})
const claim = (number: number): ExecutionCommand => ({ type: 'ClaimExecution', worker: `w${number}`, maxCrashes: 3 })
const twiceAt0 = [requested, started, begun(0), claimed(1), begun(0), claimed(2), begun(0)]

test('the third crash in a row at one step leaves it to a person, and names the step', () =>
  given(twiceAt0)
    .when(claim(3))
    .then([claimed(3), raised(0)]))

test('a step that ended, also badly, between two crashes begins the count anew', () => {
  for (const between of [done(0), failed(0)])
    given([...twiceAt0, between, begun(1)])
      .when(claim(3))
      .then([claimed(3)])
})

test('an engine that lets go in peace, and one that claims what it has, are no crashes, and what is waited for is none', () => {
  given([...twiceAt0, released])
    .when(claim(3))
    .then([claimed(3)])
  given(twiceAt0)
    .when(claim(2))
    .then([{ type: 'ExecutionClaimed', data: { worker: 'w2', epoch: 4 } }])
  given([...twiceAt0, paused])
    .when(claim(3))
    .then([claimed(3)])
})

test('a stop in peace does not wipe out the crashes before it', () =>
  given([...twiceAt0, released, claimed(3), begun(0)])
    .when(claim(4))
    .then([claimed(4), raised(0)]))

test('a step that waits for the workflow that it called is not blamed for what that one does', () => {
  const called = begun(0, 'n8n-nodes-base.executeWorkflow')
  given([requested, started, called, claimed(1), called, claimed(2), called])
    .when(claim(3))
    .then([claimed(3)])
})

test('in order parallel each step that was under way is left to a person, and the others go on', () => {
  const both = [begun(0), begun(1)]
  given([requested, startedIn('parallel'), ...both, claimed(1), ...both, claimed(2), ...both])
    .when(claim(3))
    .then([claimed(3), raised(0, true), raised(1, true)])
})

test('without any step that it may have been, the execution goes on until it was ten times', () => {
  const crashed = (times: number): Bare[] => [requested, started, ...Array.from({ length: times - 1 }, (_, index) => claimed(index + 1))]
  given(crashed(9))
    .when(claim(9))
    .then([claimed(9)])
  given(crashed(10)).when(claim(10)).thenThrows('ENGINE_CRASHED')
})

test('a person who has it tried again gives the same try under the same keys three more crashes', () => {
  const retry: ExecutionCommand = { type: 'ResolveIncident', step: 0, resolution: 'retry' }
  const resolved: Bare = { type: 'IncidentResolved', data: { step: 0, resolution: 'retry', effectEpoch: 0, remaining: 0, atRest: true } }
  const incident = [...twiceAt0, claimed(3), raised(0)]
  given(incident).when(retry).then([resolved])
  expect([...incident, resolved].reduce(fold, initialExecution()).steps[0]).toMatchObject({ status: 'running', crashes: undefined })
  const again = [...incident, resolved, claimed(4), begun(0), claimed(5), begun(0)]
  given(again)
    .when(claim(6))
    .then([claimed(6)])
  given([...again, claimed(6), begun(0)])
    .when(claim(7))
    .then([claimed(7), raised(0)])
})

test('a person who gives it up is told of the crashes', () => {
  const decided = decide(
    { type: 'ResolveIncident', step: 0, resolution: 'fail' },
    [...twiceAt0, claimed(3), raised(0)].reduce(fold, initialExecution()),
  )
  expect(decided).toMatchObject([{ type: 'IncidentResolved' }, { type: 'StepFailed', data: { code: 'ENGINE_CRASHED', final: true } }])
})

/** What an engine does with an execution before it is no more, and whether that was a crash. */
interface Life {
  readonly steps: number
  readonly ends: 'crash' | 'peace'
}
const life = fc.record<Life>({
  steps: fc.nat({ max: 2 }),
  ends: fc.constantFrom('crash', 'crash', 'crash', 'peace'),
})

/** The length of the newest run of crashes with no step done, counted by hand. */
const crashesInARow = (lives: readonly Life[]): number => {
  let crashes = 0
  for (const { steps, ends } of lives) {
    if (steps > 0) crashes = 0
    if (ends === 'crash') crashes += 1
  }
  return crashes
}

test('whatever engines do with it, a person is asked exactly when three in a row crashed with no step done', () =>
  fc.assert(
    fc.property(fc.array(life, { minLength: 1, maxLength: 12 }), (lives) => {
      let state = [requested, started].reduce(fold, initialExecution())
      let step = 0
      for (const [index, { steps, ends }] of lives.entries()) {
        for (let number = 0; number < steps; number += 1) {
          state = [begun(step), done(step)].reduce(fold, state)
          step += 1
        }
        state = fold(state, begun(step))
        if (ends === 'peace') state = fold(state, released)
        const events = decide({ type: 'ClaimExecution', worker: `w${index + 1}`, maxCrashes: 3 }, state)
        const isAsked = events.some(({ type }: ExecutionEvent) => type === 'IncidentRaised')
        const soFar = crashesInARow(lives.slice(0, index + 1))
        expect(isAsked).toBe(soFar >= 3)
        if (isAsked) return
        state = events.reduce<Execution>((folded, event) => fold(folded, event), state)
      }
    }),
  ))
