import type { ExecutionEvent, SignalReceived, StepFailed, WaitOpened } from '@weconnect/contracts/events/execution'
import { crashesAt } from './crashes.ts'
import { migrated } from './migrated.ts'
import { type Execution, type Status, type Step, type StepStatus, statusBelow } from './state.ts'

/** What `evolve` needs of an event; `revision` and `time` come from its envelope. */
export type Recorded = ExecutionEvent & { readonly revision: number; readonly time: string }

const noCounts: readonly number[] = []

const begin = (
  state: Execution,
  data: Pick<Step, 'step' | 'nodeId' | 'nodeName' | 'nodeType' | 'runIndex' | 'attempt' | 'inputs' | 'startedAt' | 'durationMs'> &
    Pick<StepFailed['data'], 'parentStep' | 'connectionType'>,
  status: StepStatus,
  outcome: Partial<Pick<Step, 'outputCounts' | 'cacheHit' | 'outcomeRevision'>> = {},
): void => {
  const { step, nodeId, nodeName, nodeType, runIndex, attempt, inputs, startedAt, durationMs } = data
  const { outputCounts = noCounts, cacheHit = false, outcomeRevision } = outcome
  const known = state.steps[step]
  state.steps[step] = {
    step,
    nodeId,
    nodeName,
    nodeType,
    runIndex,
    attempt,
    status,
    inputs,
    outputCounts,
    startedAt,
    durationMs,
    cacheHit,
    effectEpoch: known?.effectEpoch ?? 0,
    outcomeRevision,
    ...(data.connectionType === 'compensation' && { compensates: data.parentStep }),
    ...(known?.wait && { wait: known.wait }),
    ...(known?.resumedRevision !== undefined && { resumedRevision: known.resumedRevision }),
  }
}

const change = (state: Execution, step: number, changes: Partial<Step>): void => {
  const known = state.steps[step]
  if (known) state.steps[step] = { ...known, ...changes }
}

/** What people make of its status: who has to act comes first. */
const heldOr = ({ incidents, pausedByHand }: Pick<Execution, 'incidents' | 'pausedByHand'>, status: Status): Status =>
  incidents > 0 ? 'incident' : pausedByHand ? 'paused' : status

/** A person need not act any more: what they held up is counted. */
const letGo = (state: Execution, time: string): Execution => {
  if (state.incidents > 0 || state.pausedByHand) return state
  return { ...state, heldSince: undefined, heldMs: state.heldMs + Math.max(0, Date.parse(time) - Date.parse(state.heldSince ?? time)) }
}

/** Ends the wait of a step with what an event brought. */
const wake = (state: Execution, step: number, resumedRevision: number): Execution => {
  change(state, step, { status: 'running', dueAt: undefined, waitFor: undefined, resumedRevision })
  return { ...state, status: heldOr(state, 'running'), pausedUntil: undefined, pausedFor: undefined }
}

const openWait = (state: Execution, { step, nodeId: _, nodeName: __, ...wait }: WaitOpened['data']): Execution => {
  const early = wait.waitFor === 'signal' ? state.signals.find(({ name }) => name === wait.name) : undefined
  if (!early) {
    change(state, step, { status: 'waiting', waitFor: wait.waitFor, dueAt: wait.until, wait })
    return state
  }
  change(state, step, { status: 'running', wait, resumedRevision: early.revision })
  return { ...state, signals: state.signals.filter((signal) => signal !== early) }
}

const receive = (state: Execution, { name, step, signalId }: SignalReceived['data'], revision: number): Execution => {
  const known = signalId === undefined ? state : { ...state, signalIds: new Set([...state.signalIds, signalId]) }
  return step === undefined ? { ...known, signals: [...known.signals, { name, revision }] } : wake(known, step, revision)
}

/** Something of it was done: crashes before that count no more. */
const cameOn = (state: Execution): Execution => (state.crashes === 0 ? state : { ...state, crashes: 0 })

/** The one fold: live runs, recovery, replay and readers all use it. */
export const evolve = (state: Execution, event: Recorded): Execution => {
  switch (event.type) {
    case 'ExecutionRequested':
      return { ...state, status: 'pending', requested: event.data, requestedAt: event.time }
    case 'ExecutionStarted':
      return {
        ...state,
        status: heldOr(state, 'running'),
        started: event.data,
        startedAt: event.time,
        worker: event.data.worker,
        runBy: event.data.worker,
        epoch: event.data.epoch,
      }
    case 'ExecutionClaimed': {
      const { worker, epoch } = event.data
      return { ...state, worker, epoch, runBy: worker, crashes: crashesAt(state, worker) }
    }
    case 'ExecutionReleased':
      return { ...state, runBy: undefined }
    case 'StepStarted':
      begin(state, event.data, 'running')
      return state
    case 'StepCompleted':
      begin(state, event.data, 'completed', {
        outputCounts: event.data.outputCounts,
        cacheHit: event.data.cacheHit ?? false,
        outcomeRevision: event.revision,
      })
      return event.data.connectionType === 'compensation' ? cameOn(state) : { ...state, crashes: 0, lastStep: event.data.step }
    case 'StepFailed':
      begin(state, event.data, event.data.final ? 'failed' : 'retrying', { outcomeRevision: event.revision })
      return cameOn(state)
    case 'StepRetryScheduled':
      change(state, event.data.step, { status: 'retrying', attempt: event.data.attempt, dueAt: event.data.dueAt })
      return state
    case 'StepSkipped':
      return state
    case 'ExecutionPaused':
      if (event.data.waitFor !== 'retry' && event.data.waitFor !== 'incident') {
        const { step, until, waitFor } = event.data
        if (state.steps[step]?.resumedRevision === undefined) change(state, step, { status: 'waiting', dueAt: until, waitFor })
      }
      return {
        ...state,
        status: heldOr(state, 'waiting'),
        pausedUntil: event.data.until,
        pausedFor: event.data.waitFor,
        deadline: event.data.deadline,
        runBy: undefined,
        crashes: 0,
      }
    case 'ExecutionResumed': {
      const { step, input } = event.data
      const came = input !== undefined && { resumedRevision: event.revision }
      if (state.steps[step]?.status === 'waiting') change(state, step, { status: 'running', dueAt: undefined, waitFor: undefined, ...came })
      return { ...state, status: heldOr(state, 'running'), pausedUntil: undefined, pausedFor: undefined }
    }
    case 'PauseRequested': {
      const pausedByHand = { since: event.time, reason: event.data.reason }
      const held = { ...state, pausedByHand, heldSince: state.heldSince ?? event.time, runBy: undefined }
      return { ...held, status: heldOr(held, 'paused') }
    }
    case 'PauseEnded': {
      const free = letGo({ ...state, pausedByHand: undefined }, event.time)
      return { ...free, status: heldOr(free, statusBelow(free)) }
    }
    case 'ExecutionMigrationPrepared': {
      const { migrationId: id, epoch, until } = event.data
      return { ...state, epoch, migration: { id, until } }
    }
    case 'ExecutionMigrationReleased':
      return { ...state, migration: undefined }
    case 'ExecutionMigrated':
      return migrated(state, event.data)
    case 'WaitOpened':
      return openWait(cameOn(state), event.data)
    case 'SignalReceived':
      return receive(state, event.data, event.revision)
    case 'ApprovalDecided':
      return wake(state, event.data.step, event.revision)
    case 'CompensationStarted':
      // Whatever its steps waited for is waited for no more: whoever takes it over goes on with the compensations.
      return { ...state, compensation: event.data, status: heldOr(state, 'running'), pausedUntil: undefined, pausedFor: undefined }
    case 'IncidentRaised': {
      const { step, attempt, crashes, othersGoOn } = event.data
      change(state, step, { status: 'incident', attempt, crashes })
      const held = { ...state, incidents: state.incidents + 1, heldSince: state.heldSince ?? event.time }
      return { ...held, status: 'incident', crashes: 0, runBy: othersGoOn ? state.runBy : undefined }
    }
    case 'IncidentResolved': {
      const { step, effectEpoch, remaining } = event.data
      // After crashes it is the same try that goes on, under the same keys.
      const status = state.steps[step]?.crashes === undefined ? 'retrying' : 'running'
      change(state, step, { status, effectEpoch, crashes: undefined, dueAt: undefined })
      const left = { ...state, incidents: remaining, pausedUntil: undefined, pausedFor: undefined }
      return { ...letGo(left, event.time), status: heldOr(left, 'running') }
    }
    case 'CancellationRequested':
      return { ...state, cancellationRequested: true }
    case 'ExecutionCompleted':
      return { ...state, status: 'completed', finishedAt: event.time, durationMs: event.data.durationMs }
    case 'ExecutionFailed':
      return {
        ...state,
        status: 'failed',
        finishedAt: event.time,
        durationMs: event.data.durationMs,
        error: event.data.error,
        errorCode: event.data.code,
      }
    case 'ExecutionCancelled':
      return { ...state, status: 'cancelled', finishedAt: event.time, durationMs: event.data.durationMs }
    case 'ExecutionTimedOut':
      return { ...state, status: 'timeout', finishedAt: event.time, durationMs: event.data.durationMs }
  }
}
