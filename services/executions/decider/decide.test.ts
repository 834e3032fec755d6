import type { ExecutionRequested, ExecutionStarted } from '@weconnect/contracts/events/execution'
import { specify } from '@weconnect/testing/specify'
import { describe, expect, test } from 'vitest'
import { decide, type ExecutionCommand } from './decide.ts'
import { evolve, type Recorded } from './evolve.ts'
import { type Execution, initialExecution } from './state.ts'

const request: ExecutionRequested['data'] = {
  executionId: '01a207a5-0000-7000-8000-000000000001',
  workflowId: '01a207a5-0000-7000-8000-000000000002',
  workflowVersion: 1,
  workflowRevision: 7,
  trigger: 'webhook',
  input: [[{ json: {} }]],
}
const start: Omit<ExecutionStarted['data'], 'epoch'> = {
  worker: 'one',
  executionOrder: 'v1',
  plan: [],
  seed: '00',
  engineVersion: '1',
  timezone: 'UTC',
  maxSteps: 10,
}
const identity = {
  step: 0,
  nodeId: 'n',
  nodeName: 'N',
  nodeType: 't',
  runIndex: 0,
  attempt: 1,
  inputs: [],
  startedAt: '2026-01-01T00:00:00.000Z',
}

type Bare = Pick<Recorded, 'type' | 'data'>
const given = specify<Execution, ExecutionCommand, Bare>({
  decide: (command, execution) => decide(command, execution),
  evolve: (execution, event) =>
    evolve({ ...execution, steps: [...execution.steps] }, { ...event, revision: 0, time: '2026-01-01T00:00:00.000Z' } as Recorded),
  initial: initialExecution(),
})

const requested: Bare = { type: 'ExecutionRequested', data: request }
const started: Bare = { type: 'ExecutionStarted', data: { ...start, epoch: 1 } }
const paused: Bare = { type: 'ExecutionPaused', data: { step: 0, until: '2026-01-02T00:00:00.000Z', waitFor: 'time' } }
const stepStarted: Bare = { type: 'StepStarted', data: identity }
const completed: Bare = { type: 'ExecutionCompleted', data: { lastStep: 0, steps: 1, durationMs: 1 } }

test('a request makes an execution', () =>
  given([])
    .when({ type: 'RequestExecution', request })
    .then([requested as never]))
test('the same request again changes nothing', () => given([requested]).when({ type: 'RequestExecution', request }).then([]))
test('an execution starts once, with epoch 1', () => {
  given([requested])
    .when({ type: 'StartExecution', start })
    .then([started as never])
  given([requested, started]).when({ type: 'StartExecution', start }).thenThrows('INVALID_STATE')
})
test('every claim raises the epoch', () => {
  given([requested, started])
    .when({ type: 'ClaimExecution', worker: 'two', maxCrashes: 3 })
    .then([{ type: 'ExecutionClaimed', data: { worker: 'two', epoch: 2 } }])
  given([requested, started, { type: 'ExecutionClaimed', data: { worker: 'two', epoch: 2 } }])
    .when({ type: 'ClaimExecution', worker: 'three', maxCrashes: 3 })
    .then([{ type: 'ExecutionClaimed', data: { worker: 'three', epoch: 3 } }])
})
test('what has ended is neither claimed nor cancelled', () => {
  given([requested, started, completed]).when({ type: 'ClaimExecution', worker: 'two', maxCrashes: 3 }).thenThrows('INVALID_STATE')
  given([requested, started, completed]).when({ type: 'RequestCancellation' }).thenThrows('INVALID_STATE')
  given([requested, started, completed]).when({ type: 'CancelExecution', at: 0 }).then([])
})
test('cancelling twice asks once', () => {
  given([requested])
    .when({ type: 'RequestCancellation', reason: 'enough' })
    .then([{ type: 'CancellationRequested', data: { reason: 'enough', atRest: true } }])
  given([requested, { type: 'CancellationRequested', data: {} }])
    .when({ type: 'RequestCancellation' })
    .then([])
})
test('a waiting execution is resumed at the step that waits', () => {
  const forCall: Bare = { type: 'ExecutionPaused', data: { step: 0, waitFor: 'webhook' } }
  given([requested, started, stepStarted, forCall])
    .when({ type: 'ResumeExecution', input: [[]] })
    .then([{ type: 'ExecutionResumed', data: { step: 0, input: [[]] } }])
  given([requested, started, stepStarted, paused])
    .when({ type: 'ResumeExecution', input: [[]] })
    .thenThrows('INVALID_STATE')
  given([requested, started, stepStarted, forCall, { type: 'ExecutionResumed', data: { step: 0, input: [[]] } }])
    .when({ type: 'ResumeExecution', input: [[]] })
    .thenThrows('INVALID_STATE')
  given([requested, started])
    .when({ type: 'ResumeExecution', input: [[]] })
    .thenThrows('INVALID_STATE')
})
test('an execution whose time limit struck while it waited is not resumed: it has ended', () => {
  const forCall: Bare = { type: 'ExecutionPaused', data: { step: 0, waitFor: 'webhook' } }
  const timedOut: Bare = { type: 'ExecutionTimedOut', data: { steps: 1, durationMs: 10_000, timeoutMs: 10_000 } }
  given([requested, started, stepStarted, forCall, timedOut])
    .when({ type: 'ResumeExecution', input: [[]] })
    .thenThrows('INVALID_STATE')
})
describe('an incident', () => {
  const inDoubt = (step: number): Bare[] => [
    { type: 'StepStarted', data: { ...identity, step } },
    { type: 'IncidentRaised', data: { step, nodeId: 'n', nodeName: 'N', attempt: 1, detail: { code: 'EFFECT_UNKNOWN', message: '' } } },
  ]
  const resolved = (resolution: 'retry' | 'skip' | 'fail', more: object = {}): Bare => ({
    type: 'IncidentResolved',
    data: { step: 0, resolution, effectEpoch: resolution === 'retry' ? 1 : 0, remaining: 0, atRest: true, ...more },
  })
  const now = [requested, started, ...inDoubt(0)]

  test('is retried under a new epoch of effects, and once more under the next', () => {
    given(now)
      .when({ type: 'ResolveIncident', step: 0, resolution: 'retry', reason: 'it was not there' })
      .then([resolved('retry', { reason: 'it was not there' }) as never])
    given([...now, resolved('retry'), ...inDoubt(0)])
      .when({ type: 'ResolveIncident', step: 0, resolution: 'retry' })
      .then([resolved('retry', { effectEpoch: 2 }) as never])
  })
  test('is skipped with an output, which is the output of the step', () => {
    const outputs = [[{ json: { receipt: 7 } }], []]
    const step = { ...identity, durationMs: 0, outputCounts: [1, 0], outputs, skipped: 'incident' }
    given(now)
      .when({ type: 'ResolveIncident', step: 0, resolution: 'skip', outputs })
      .then([resolved('skip') as never, { type: 'StepCompleted', data: step } as never])
  })
  test('fails its step for good', () => {
    const message = 'The node "N" was interrupted, and was given up: lost'
    const step = { ...identity, durationMs: 0, code: 'EFFECT_UNKNOWN', error: { code: 'EFFECT_UNKNOWN', message }, final: true }
    given(now)
      .when({ type: 'ResolveIncident', step: 0, resolution: 'fail', reason: 'lost' })
      .then([resolved('fail', { reason: 'lost' }) as never, { type: 'StepFailed', data: step } as never])
  })
  test('an output is for skipping, and skipping needs one', () => {
    given(now).when({ type: 'ResolveIncident', step: 0, resolution: 'skip' }).thenThrows('INVALID_INPUT')
    given(now)
      .when({ type: 'ResolveIncident', step: 0, resolution: 'retry', outputs: [[]] })
      .thenThrows('INVALID_INPUT')
  })
  test('what is no incident, or no longer, is not resolved', () => {
    given([requested, started, stepStarted]).when({ type: 'ResolveIncident', step: 0, resolution: 'retry' }).thenThrows('INVALID_STATE')
    given(now).when({ type: 'ResolveIncident', step: 5, resolution: 'retry' }).thenThrows('INVALID_STATE')
    given([...now, resolved('retry')])
      .when({ type: 'ResolveIncident', step: 0, resolution: 'retry' })
      .thenThrows('INVALID_STATE')
    given([...now, completed])
      .when({ type: 'ResolveIncident', step: 0, resolution: 'retry' })
      .thenThrows('INVALID_STATE')
  })
  test('the execution is one as long as any of its steps is', () => {
    const two = [...now, ...inDoubt(1)]
    const later = (resolution: 'retry' | 'fail') => ({ type: 'ResolveIncident', step: 1, resolution }) as const
    given(two)
      .when(later('retry'))
      .then([{ type: 'IncidentResolved', data: { step: 1, resolution: 'retry', effectEpoch: 1, remaining: 1, atRest: true } }])
    const state = [...two, resolved('retry', { remaining: 1 })].reduce(
      (folded, event) => evolve(folded, { ...event, revision: 0, time: '2026-01-01T00:00:00.000Z' } as Recorded),
      initialExecution(),
    )
    expect(state).toMatchObject({ status: 'incident', incidents: 1, steps: [{ status: 'retrying' }, { status: 'incident' }] })
  })
})

test('what does not exist is not found', () =>
  given([]).when({ type: 'ClaimExecution', worker: 'one', maxCrashes: 3 }).thenThrows('NOT_FOUND'))

describe('evolve', () => {
  const fold = (events: readonly Bare[]): Execution =>
    events.reduce(
      (state, event, revision) => evolve(state, { ...event, revision, time: '2026-01-01T00:00:00.000Z' } as Recorded),
      initialExecution(),
    )

  test('a completed step names the event that holds its items', () => {
    const state = fold([requested, started, { type: 'StepCompleted', data: { ...identity, durationMs: 1, outputCounts: [2] } }])
    expect(state).toMatchObject({ status: 'running', lastStep: 0, steps: [{ status: 'completed', outcomeRevision: 2, outputCounts: [2] }] })
  })
  test('a failed try is followed by its retry', () => {
    const failed: Bare = { type: 'StepFailed', data: { ...identity, durationMs: 1, code: 'NODE_FAILED', error: {}, final: false } }
    expect(fold([requested, started, failed]).steps[0]?.status).toBe('retrying')
    const retried = fold([
      requested,
      started,
      failed,
      { type: 'StepRetryScheduled', data: { step: 0, attempt: 2, dueAt: '2026-01-01T00:00:01.000Z' } },
    ])
    expect(retried.steps[0]).toMatchObject({ status: 'retrying', attempt: 2 })
  })
  test('a retry that is waited for is a pause, and its step is still to be retried', () => {
    const events: Bare[] = [
      { type: 'StepFailed', data: { ...identity, durationMs: 1, code: 'NODE_FAILED', error: {}, final: false } },
      { type: 'StepRetryScheduled', data: { step: 0, attempt: 2, dueAt: '2026-01-02T00:00:00.000Z' } },
      { type: 'ExecutionPaused', data: { step: 0, until: '2026-01-02T00:00:00.000Z', waitFor: 'retry' } },
    ]
    const waiting = fold([requested, started, ...events])
    expect(waiting).toMatchObject({ status: 'waiting', steps: [{ status: 'retrying', attempt: 2, dueAt: '2026-01-02T00:00:00.000Z' }] })
    const resumed = fold([requested, started, ...events, { type: 'ExecutionResumed', data: { step: 0 } }])
    expect(resumed).toMatchObject({ status: 'running', steps: [{ status: 'retrying' }] })
  })
  test('pause and resume', () => {
    expect(fold([requested, started, stepStarted, paused])).toMatchObject({ status: 'waiting', pausedUntil: '2026-01-02T00:00:00.000Z' })
    expect(fold([requested, started, stepStarted, paused, { type: 'ExecutionResumed', data: { step: 0 } }]).status).toBe('running')
  })
})

describe('a pause by hand', () => {
  const byHand: Bare = { type: 'PauseRequested', data: { reason: 'why' } }
  const running = [requested, started]
  const pause = { type: 'PauseExecution', reason: 'why' } as const
  const goOn = { type: 'UnpauseExecution' } as const
  const inDoubt: Bare = { type: 'IncidentRaised', data: { step: 0, nodeId: 'n', nodeName: 'N', attempt: 1, detail: null } }
  test('is noted once', () => {
    given(running)
      .when(pause)
      .then([byHand as never])
    given([...running, byHand])
      .when(pause)
      .then([])
  })
  test('what has ended, or is being cancelled, is not paused', () => {
    given([...running, completed])
      .when(pause)
      .thenThrows('INVALID_STATE')
    given([...running, { type: 'CancellationRequested', data: {} }])
      .when(pause)
      .thenThrows('INVALID_STATE')
  })
  test('only what is paused goes on', () => given(running).when(goOn).thenThrows('INVALID_STATE'))
  test('its end says what the execution does from here on', () => {
    given([requested, byHand])
      .when(goOn)
      .then([{ type: 'PauseEnded', data: { status: 'pending' } } as never])
    given([...running, byHand])
      .when(goOn)
      .then([{ type: 'PauseEnded', data: { status: 'running', worker: 'one', epoch: 1 } } as never])
    given([...running, stepStarted, paused, byHand])
      .when(goOn)
      .then([{ type: 'PauseEnded', data: { status: 'waiting', until: '2026-01-02T00:00:00.000Z' } } as never])
    given([...running, stepStarted, inDoubt, byHand])
      .when(goOn)
      .then([{ type: 'PauseEnded', data: { status: 'incident' } } as never])
  })
  test('an incident shows before it', () =>
    given([...running, stepStarted, inDoubt])
      .when(pause)
      .then([{ type: 'PauseRequested', data: { reason: 'why', held: 'incident' } } as never]))
})

describe('signals and decisions', () => {
  const wait = (step: number, more: object): Bare => ({ type: 'WaitOpened', data: { step, nodeId: 'n', nodeName: 'N', ...more } as never })
  const begun = (step: number): Bare => ({ type: 'StepStarted', data: { ...identity, step } })
  const signal = { type: 'SignalExecution', name: 'paid', payload: 1 } as const
  const came = (more: object = {}): Bare => ({ type: 'SignalReceived', data: { name: 'paid', payload: 1, ...more } })
  const waiting = [requested, started, begun(0), wait(0, { waitFor: 'signal', name: 'paid' })]
  test('a signal wakes the step that waits for its name; without one it is kept', () => {
    given(waiting)
      .when(signal)
      .then([came({ step: 0 }) as never])
    given([...waiting, came({ step: 0 })])
      .when(signal)
      .then([came() as never])
    given(waiting)
      .when({ ...signal, name: 'other' })
      .then([{ type: 'SignalReceived', data: { name: 'other', payload: 1 } } as never])
  })
  test('a step takes what was kept, once', () => {
    const early = [requested, started, came(), begun(0), wait(0, { waitFor: 'signal', name: 'paid' })]
    given([...early, begun(1), wait(1, { waitFor: 'signal', name: 'paid' })])
      .when(signal)
      .then([came({ step: 1 }) as never])
  })
  test('the same id is taken once', () => {
    const named = { ...signal, signalId: 'a' }
    given(waiting)
      .when(named)
      .then([came({ step: 0, signalId: 'a' }) as never])
    given([...waiting, came({ step: 0, signalId: 'a' })])
      .when(named)
      .then([])
  })
  test('one without a name is refused, and so is one for what has ended', () => {
    given(waiting)
      .when({ ...signal, name: ' ' })
      .thenThrows('INVALID_INPUT')
    given([...waiting, completed])
      .when(signal)
      .thenThrows('INVALID_STATE')
  })
  const asking = [requested, started, begun(0), wait(0, { waitFor: 'approval', title: 't', roles: ['admin'] })]
  const yes = { type: 'DecideApproval', approved: true, role: 'admin', comment: 'c' } as const
  const approved: Bare = { type: 'ApprovalDecided', data: { step: 0, approved: true, role: 'admin', comment: 'c' } }
  test('a decision is made once, by a role that may', () => {
    given(asking)
      .when(yes)
      .then([approved as never])
    given(asking)
      .when({ ...yes, role: 'editor' })
      .thenThrows('FORBIDDEN')
    given([...asking, approved])
      .when(yes)
      .thenThrows('INVALID_STATE')
    given(waiting).when(yes).thenThrows('INVALID_STATE')
  })
  test('when several ask, the step is named', () => {
    const both = [...asking, begun(1), wait(1, { waitFor: 'approval', title: 'u' })]
    given(both).when(yes).thenThrows('INVALID_INPUT')
    given(both)
      .when({ ...yes, step: 1 })
      .then([{ ...approved, data: { ...approved.data, step: 1 } } as never])
    given(both)
      .when({ ...yes, step: 2 })
      .thenThrows('INVALID_STATE')
  })
})
