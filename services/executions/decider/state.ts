import type { Context } from '@weconnect/contracts/envelope'
import type {
  CompensationStarted,
  ExecutionEvent,
  ExecutionPaused,
  ExecutionRequested,
  ExecutionStarted,
  SignalReceived,
  StepFailed,
  WaitOpened,
} from '@weconnect/contracts/events/execution'
import type { StepInput } from '@weconnect/contracts/events/types'
import type { JsonValue } from '@weconnect/contracts/json'
import { migrated } from './migrated.ts'

export type WaitFor = ExecutionPaused['data']['waitFor']
export type StepStatus = 'running' | 'completed' | 'failed' | 'retrying' | 'waiting' | 'incident'

export type OpenWait = Omit<WaitOpened['data'], 'step' | 'nodeId' | 'nodeName'>

/** A signal that came before a step waited for it. */
export interface EarlySignal {
  readonly name: string
  readonly revision: number
}

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
  /** Number of the step that this one undoes. */
  readonly compensates?: number | undefined
  readonly dueAt?: string | undefined
  /** While it waits: for what. */
  readonly waitFor?: WaitFor | undefined
  /** What it waits for, when a signal or an approval. */
  readonly wait?: OpenWait | undefined
  /** Revision of the event that ended its wait from outside: where what came with it can be read. */
  readonly resumedRevision?: number | undefined
  /** Part of the keys of its effects: rises only when a person asks for them again. */
  readonly effectEpoch: number
  /** Revision of the event that holds the outcome: where its items can be read. */
  readonly outcomeRevision?: number | undefined
}

export type Status = 'absent' | 'pending' | 'running' | 'waiting' | 'paused' | 'incident' | 'completed' | 'failed' | 'cancelled' | 'timeout'

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
  /** ISO 8601: when its time limit strikes although it waits. */
  readonly deadline?: string | undefined
  /** While a person has paused it. */
  readonly pausedByHand?: { readonly since: string; readonly reason?: string | undefined } | undefined
  /** While a migration that is not decided holds it; `until`, ISO 8601, at most. */
  readonly migration?: { readonly id: string; readonly until: string } | undefined
  /** Not yet taken by a step, oldest first. */
  readonly signals: readonly EarlySignal[]
  /** Ids of signals that senders gave: each is taken once. */
  readonly signalIds: ReadonlySet<string>
  /** Since then its steps are undone, last first. */
  readonly compensation?: CompensationStarted['data'] | undefined
  /** Steps whose effect is in doubt until a person decides. */
  readonly incidents: number
  /** ISO 8601: since when a person has to act: an incident, or a pause by hand. */
  readonly heldSince?: string | undefined
  /** Milliseconds that people have held it: no time limit counts them. */
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
  signals: [],
  signalIds: new Set(),
})

export const hasEnded = (status: Status): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'timeout'

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

/** What the events about an execution say beside its status, for readers that keep no more of it than that. */
export const heldBy = (state: Pick<Execution, 'incidents' | 'pausedByHand'>): { readonly held: 'incident' | 'paused' } | undefined => {
  if (state.incidents > 0) return { held: 'incident' }
  return state.pausedByHand && { held: 'paused' }
}

/** Its status when no person holds it. */
export const statusBelow = ({ started, pausedFor }: Execution): 'pending' | 'running' | 'waiting' =>
  started === undefined ? 'pending' : pausedFor === undefined ? 'running' : 'waiting'

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
        epoch: event.data.epoch,
      }
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
      return event.data.connectionType === 'compensation' ? state : { ...state, lastStep: event.data.step }
    case 'StepFailed':
      begin(state, event.data, event.data.final ? 'failed' : 'retrying', { outcomeRevision: event.revision })
      return state
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
      }
    case 'ExecutionResumed': {
      const { step, input } = event.data
      const came = input !== undefined && { resumedRevision: event.revision }
      if (state.steps[step]?.status === 'waiting') change(state, step, { status: 'running', dueAt: undefined, waitFor: undefined, ...came })
      return { ...state, status: heldOr(state, 'running'), pausedUntil: undefined, pausedFor: undefined }
    }
    case 'PauseRequested': {
      const held = { ...state, pausedByHand: { since: event.time, reason: event.data.reason }, heldSince: state.heldSince ?? event.time }
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
      return openWait(state, event.data)
    case 'SignalReceived':
      return receive(state, event.data, event.revision)
    case 'ApprovalDecided':
      return wake(state, event.data.step, event.revision)
    case 'CompensationStarted':
      // Whatever its steps waited for is waited for no more: whoever takes it over goes on with the compensations.
      return { ...state, compensation: event.data, status: heldOr(state, 'running'), pausedUntil: undefined, pausedFor: undefined }
    case 'IncidentRaised':
      change(state, event.data.step, { status: 'incident', attempt: event.data.attempt })
      return { ...state, status: 'incident', incidents: state.incidents + 1, heldSince: state.heldSince ?? event.time }
    case 'IncidentResolved': {
      const { step, effectEpoch, remaining } = event.data
      change(state, step, { status: 'retrying', effectEpoch, dueAt: undefined })
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
