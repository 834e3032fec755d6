import type { Context } from '@weconnect/contracts/envelope'
import type { ExecutionEvent, ExecutionPaused, ExecutionRequested, ExecutionStarted } from '@weconnect/contracts/events/execution'
import type { StepInput } from '@weconnect/contracts/events/types'
import type { JsonValue } from '@weconnect/contracts/json'

export type WaitFor = ExecutionPaused['data']['waitFor']
export type StepStatus = 'running' | 'completed' | 'failed' | 'retrying' | 'waiting' | 'incident'

export interface Step {
  readonly step: number
  readonly nodeId: string
  readonly nodeName: string
  readonly nodeType: string
  readonly runIndex: number
  readonly attempt: number
  readonly status: StepStatus
  readonly inputs: readonly StepInput[]
  readonly outputCounts: readonly number[]
  readonly startedAt: string
  readonly durationMs?: number | undefined
  readonly cacheHit: boolean
  readonly dueAt?: string | undefined
  /** While it waits: for what. */
  readonly waitFor?: WaitFor | undefined
  /** Revision of the event that ended its wait from outside: where what came with it can be read. */
  readonly resumedRevision?: number | undefined
  /** Part of the keys of its effects: rises only when a person asks for them again. */
  readonly effectEpoch: number
  /** Revision of the event that holds the outcome: where its items can be read. */
  readonly outcomeRevision?: number | undefined
}

export type Status = 'absent' | 'pending' | 'running' | 'waiting' | 'incident' | 'completed' | 'failed' | 'cancelled' | 'timeout'

/**
 * An execution folded from its stream. `steps` is one growing list that `evolve` writes in place, so that folding n events costs n and not n²;
 * everything else is replaced. Items are not held: a step names the event that has them.
 */
export interface Execution {
  readonly status: Status
  readonly requested?: ExecutionRequested['data']
  readonly started?: ExecutionStarted['data']
  readonly context?: Context
  readonly requestedAt?: string
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly durationMs?: number
  readonly worker?: string
  readonly epoch: number
  readonly steps: Step[]
  readonly cancellationRequested: boolean
  readonly pausedUntil?: string | undefined
  /** What it waits for, while it waits. */
  readonly pausedFor?: WaitFor | undefined
  /** Steps whose effect is in doubt until a person decides. */
  readonly incidents: number
  /** ISO 8601: when the first of them came up. */
  readonly incidentSince?: string | undefined
  /** Milliseconds that incidents have held it: no time limit counts them. */
  readonly heldMs: number
  readonly error?: JsonValue
  readonly errorCode?: string
  readonly lastStep: number
}

export const initialExecution = (): Execution => ({
  status: 'absent',
  epoch: 0,
  steps: [],
  cancellationRequested: false,
  lastStep: -1,
  incidents: 0,
  heldMs: 0,
})

export const hasEnded = (status: Status): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'timeout'

/** What `evolve` needs of an event; `revision` and `time` come from its envelope. */
export type Recorded = ExecutionEvent & { readonly revision: number; readonly time: string }

const noCounts: readonly number[] = []

const begin = (
  state: Execution,
  data: Pick<Step, 'step' | 'nodeId' | 'nodeName' | 'nodeType' | 'runIndex' | 'attempt' | 'inputs' | 'startedAt' | 'durationMs'>,
  status: StepStatus,
  outcome: Partial<Pick<Step, 'outputCounts' | 'cacheHit' | 'outcomeRevision'>> = {},
): void => {
  const { step, nodeId, nodeName, nodeType, runIndex, attempt, inputs, startedAt, durationMs } = data
  const { outputCounts = noCounts, cacheHit = false, outcomeRevision } = outcome
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
    effectEpoch: state.steps[step]?.effectEpoch ?? 0,
    outcomeRevision,
  }
}

const change = (state: Execution, step: number, changes: Partial<Step>): void => {
  const known = state.steps[step]
  if (known) state.steps[step] = { ...known, ...changes }
}

const heldOr = (state: Execution, status: Status): Status => (state.incidents > 0 ? 'incident' : status)

/** The one fold: live runs, recovery, replay and readers all use it. */
export const evolve = (state: Execution, event: Recorded): Execution => {
  switch (event.type) {
    case 'ExecutionRequested':
      return { ...state, status: 'pending', requested: event.data, requestedAt: event.time }
    case 'ExecutionStarted':
      return { ...state, status: 'running', started: event.data, startedAt: event.time, worker: event.data.worker, epoch: event.data.epoch }
    case 'ExecutionClaimed':
      return { ...state, worker: event.data.worker, epoch: event.data.epoch }
    case 'StepStarted':
      begin(state, event.data, 'running')
      return state
    case 'StepCompleted':
      begin(state, event.data, 'completed', {
        outputCounts: event.data.outputCounts,
        cacheHit: event.data.cacheHit ?? false,
        outcomeRevision: event.revision,
      })
      return { ...state, lastStep: event.data.step }
    case 'StepFailed':
      begin(state, event.data, event.data.final ? 'failed' : 'retrying', { outcomeRevision: event.revision })
      return state
    case 'StepRetryScheduled':
      change(state, event.data.step, { status: 'retrying', attempt: event.data.attempt, dueAt: event.data.dueAt })
      return state
    case 'StepSkipped':
      return state
    case 'ExecutionPaused':
      if (event.data.waitFor !== 'retry') {
        const { step, until, waitFor } = event.data
        change(state, step, { status: 'waiting', dueAt: until, waitFor })
      }
      return { ...state, status: heldOr(state, 'waiting'), pausedUntil: event.data.until, pausedFor: event.data.waitFor }
    case 'ExecutionResumed': {
      const { step, input } = event.data
      const came = input !== undefined && { resumedRevision: event.revision }
      if (state.steps[step]?.status === 'waiting') change(state, step, { status: 'running', dueAt: undefined, waitFor: undefined, ...came })
      return { ...state, status: heldOr(state, 'running'), pausedUntil: undefined, pausedFor: undefined }
    }
    case 'IncidentRaised':
      change(state, event.data.step, { status: 'incident', attempt: event.data.attempt })
      return { ...state, status: 'incident', incidents: state.incidents + 1, incidentSince: state.incidentSince ?? event.time }
    case 'IncidentResolved': {
      const { step, effectEpoch, remaining } = event.data
      change(state, step, { status: 'retrying', effectEpoch, dueAt: undefined })
      if (remaining > 0) return { ...state, incidents: remaining }
      const heldMs = state.heldMs + Math.max(0, Date.parse(event.time) - Date.parse(state.incidentSince ?? event.time))
      return { ...state, status: 'running', incidents: 0, incidentSince: undefined, heldMs }
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
