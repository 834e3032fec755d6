import type { Envelope } from '@weconnect/contracts/envelope'
import { type ErrorCode, errorCodes, WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionEvent, StepCompleted, StepFailed } from '@weconnect/contracts/events/execution'
import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import { isGivenEnd } from '../decider/incident.ts'
import { survivedBy } from '../decider/run-end.ts'
import type { Execution } from '../decider/state.ts'
import type { CallSite, Calls, EngineParts, GivenTry, StepTryNumbers } from '../parts.ts'
import type { RunMemory } from '../scope/run-memory.ts'
import { recordedSubWorkflows } from '../sub-workflows/sub-workflows.ts'

export type Outcome = StepCompleted | StepFailed

/** How the tries of a recorded execution ended. */
export interface History {
  /** By step and try, see keyOf. */
  readonly outcomes: ReadonlyMap<string, Outcome>
  /** The last try of a step whose end is recorded. */
  readonly lastTries: ReadonlyMap<number, number>
  readonly events: readonly Envelope<ExecutionEvent>[]
  readonly steps: Execution['steps']
  /** What it was undone for, if it was. */
  readonly compensation: Execution['compensation']
  /** Whether every try that began has ended; not so when it was cancelled, failed beside it, or goes on. */
  readonly isComplete: boolean
}

/** Names a try among the outcomes of a history. */
export const keyOf = (step: number, attempt: number): string => `${step}/${attempt}`

export const outcomesOf = (events: readonly ExecutionEvent[]): Map<string, Outcome> => {
  const outcomes = new Map<string, Outcome>()
  for (const event of events) {
    if (event.type === 'StepCompleted' || event.type === 'StepFailed') outcomes.set(keyOf(event.data.step, event.data.attempt), event)
  }
  return outcomes
}

export const historyOf = (events: readonly Envelope<ExecutionEvent>[], { status, steps, compensation }: Execution): History => {
  const outcomes = outcomesOf(events)
  const lastTries = new Map([...outcomes.values()].map(({ data }) => [data.step, data.attempt]))
  return {
    events,
    outcomes,
    lastTries,
    steps,
    compensation,
    isComplete: status === 'completed',
  }
}

/** Makes the calls of one try from their record. */
export type RecordedCalls = (site: CallSite, recorded: JsonValue | undefined) => Calls

type Outside =
  | 'calls'
  | 'subWorkflows'
  | 'errorWorkflows'
  | 'cache'
  | 'timer'
  | 'longestWaitMs'
  | 'givenEnd'
  | 'givenUndoing'
  | 'givenUndone'
  | 'wokenBy'
  | 'startedAt'

/** Everything that the outside said at the time: calls, other workflows, times, limits that struck, people. */
export const recordedOutside = (
  parts: EngineParts,
  { events, outcomes, lastTries, steps, compensation, isComplete }: History,
  recordedCalls: RecordedCalls,
  memory: RunMemory,
): Pick<EngineParts, Outside> => {
  const recordedOf = ({ step, attempt }: StepTryNumbers): Outcome | undefined => outcomes.get(keyOf(step, attempt))
  const isCached = (outcome: Outcome | undefined): boolean => outcome?.type === 'StepCompleted' && outcome.data.cacheHit === true
  const struck = (outcome: Outcome | undefined): boolean =>
    outcome !== undefined && (outcome.type === 'StepFailed' ? outcome.data.code : survivedBy(outcome.data)?.code) === 'NODE_TIMEOUT'
  /** Where its steps began to be undone, the recorded run had ended. */
  const isOver = ({ step, compensates }: GivenTry): boolean =>
    compensates === undefined && compensation !== undefined && step >= compensation.firstStep
  const isUnended = (of: GivenTry): boolean => !isComplete && (isOver(of) || of.attempt > (lastTries.get(of.step) ?? 0))
  return {
    calls: (site) => recordedCalls(site, recordedOf(site)?.data.calls),
    subWorkflows: recordedSubWorkflows(parts, async (site) => {
      const outcome = recordedOf(site)
      if (outcome?.type === 'StepFailed') throw failureOf(outcome)
      return memory.load(site.step)
    }),
    errorWorkflows: { report: async () => undefined },
    cache: { get: (_key, _now, of) => (isCached(recordedOf(of)) ? memory.outputs(of.step) : undefined), set: () => undefined },
    longestWaitMs: Number.POSITIVE_INFINITY,
    // A step that was never recorded has no time: where it begins, the replay differs already.
    startedAt: (step, attempt) =>
      outcomes.get(keyOf(step, attempt))?.data.startedAt ?? steps[step]?.startedAt ?? '1970-01-01T00:00:00.000Z',
    givenEnd: async (of) => {
      if (isUnended(of)) return { kind: 'unended' }
      const outcome = recordedOf(of)
      if (!outcome || !isGivenEnd(outcome)) return undefined
      if (outcome.type === 'StepCompleted')
        return { kind: 'completed', event: outcome, outputs: await memory.load(of.step), context: undefined }
      return { kind: 'failed', code: outcome.data.code, error: outcome.data.error, event: outcome }
    },
    givenUndoing: (state) => {
      const isReached = steps.every(({ step, status, compensates }) => {
        const hasEnded = compensates === undefined && (status === 'completed' || status === 'failed')
        return !hasEnded || state.steps[step]?.status === status
      })
      return isReached ? compensation : undefined
    },
    givenUndone: (step) => steps[step]?.compensates,
    wokenBy: (step) => events[steps[step]?.resumedRevision ?? -1],
    timer: {
      wait: () => Promise.resolve(),
      limit: (_ms, signal, of) => (of && struck(recordedOf(of)) ? Promise.resolve() : aborted(signal)),
    },
  }
}

const failureOf = ({ data: { code, error } }: StepFailed): WeConnectError => {
  const message = isJsonObject(error) ? error['message'] : undefined
  return new WeConnectError(code in errorCodes ? (code as ErrorCode) : 'NODE_FAILED', typeof message === 'string' ? message : code)
}

/** Nothing takes time in a replay, and no limit strikes but those that did. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
