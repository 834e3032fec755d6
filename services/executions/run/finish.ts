import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import { compensationStarted, compensationsOf, endingAfter, failureBefore, hasCompensations } from '../decider/compensation.ts'
import { endingOf, type Failure, failureOf, type RunEnd } from '../decider/run-end.ts'
import { isoTime } from '../iso-time.ts'
import { deadlineOf } from '../waits/deadline.ts'
import { stopping } from './halt.ts'
import { keepOutcome } from './keep-outcome.ts'
import type { RunUnderWay } from './under-way.ts'
import { undoSteps } from './undoing.ts'

/** Nothing more can be begun: records how the run ended, or what it waits for. @throws WeConnectError LEASE_LOST when another goes on with it */
export const finish = async (run: RunUnderWay): Promise<RunEnd> => {
  const { facts, halt, progress, waits } = run
  const { recorder, graph } = facts
  if (halt.isLettingGo) throw stopping()
  const failure = progress.failure ?? lastError(run)
  const left = { stop: halt.reason, failure, paused: waits.any, held: waits.held, lastStep: progress.lastStep }
  const event = await undone(run, endingOf(left, graph, endedAfter(run, progress.steps)), failure)
  if (event) {
    await report(run, event, failure ?? (recorder.state.compensation && failureBefore(recorder.state.compensation)))
    recorder.record(event)
  } else if (!recorder.state.compensation) waits.record(deadline(run))
  await recorder.flush()
  if (event?.type === 'ExecutionFailed') return { kind: 'failed', code: event.data.code, error: event.data.error }
  if (event?.type === 'ExecutionCompleted')
    return { kind: 'completed', outputs: progress.lastStep < 0 ? [] : await facts.memory.load(progress.lastStep) }
  return { kind: event?.type === 'ExecutionCancelled' ? 'cancelled' : event ? 'timeout' : 'paused' }
}

/** n8n's orders: nothing came after a node that went on after its error, so the error is how the run ended. */
const lastError = ({ isParallel, progress, waits }: RunUnderWay): Failure | undefined =>
  isParallel || waits.any ? undefined : progress.survived

const endedAfter = (
  { facts, times: { requestedAtMs } }: RunUnderWay,
  steps: number,
): { readonly steps: number; readonly durationMs: number } => ({
  steps,
  durationMs: Math.max(0, facts.parts.clock.now() - requestedAtMs),
})

/** ISO 8601. */
const deadline = ({ facts, times }: RunUnderWay): string | undefined => {
  const at = deadlineOf(facts, times.begunAtMs)
  return at === undefined ? undefined : isoTime(at)
}

/**
 * Before it ends badly, the executions that its steps wait for are stopped, and what its steps did is undone.
 * @returns undefined while that is not done
 */
const undone = async (
  run: RunUnderWay,
  event: ExecutionEvent | undefined,
  failure: Failure | undefined,
): Promise<ExecutionEvent | undefined> => {
  const { recorder, parts } = run.facts
  if (parts.givenUndoing) await recorder.flush()
  if (recorder.state.compensation === undefined) {
    const begun = beginGiven(run) ?? (await beginUndoing(run, event, failure))
    if (begun === undefined) return event
    recorder.record(begun)
  }
  return undo(run)
}

/** A replay begins to undo where the record did. */
const beginGiven = ({ facts: { recorder, parts } }: RunUnderWay): ExecutionEvent | undefined => {
  const data = parts.givenUndoing?.(recorder.state)
  return data && { type: 'CompensationStarted', data }
}

const beginUndoing = async (
  run: RunUnderWay,
  event: ExecutionEvent | undefined,
  failure: Failure | undefined,
): Promise<ExecutionEvent | undefined> => {
  const { recorder, graph } = run.facts
  if (event === undefined || event.type === 'ExecutionCompleted') return undefined
  await recorder.flush()
  if (run.halt.reason) await cancelSubWorkflows(run)
  if (!hasCompensations(graph) || compensationsOf(recorder.state, graph).length === 0) return undefined
  return compensationStarted(event, failure, recorder.state.steps.length)
}

const cancelSubWorkflows = async ({ facts: { recorder, parts, requested, organisationId } }: RunUnderWay): Promise<void> => {
  const steps = recorder.state.steps.filter(({ status }) => status !== 'completed')
  await parts.subWorkflows.cancel({ executionId: requested.executionId, organisationId, steps })
}

/** @returns how it ends when everything is undone */
const undo = async (run: RunUnderWay): Promise<ExecutionEvent | undefined> => {
  const { facts, halt, waits } = run
  const undone = await undoSteps({
    run: { ...facts, signal: halt.undoingSignal },
    isHeld: () => waits.held || halt.isShutDown,
    keep: () => keepOutcome(facts, halt),
  })
  if (halt.isShutDown) throw stopping()
  const { compensation, steps } = facts.recorder.state
  return undone === 'all' && compensation ? endingAfter(compensation, facts.graph, endedAfter(run, steps.length)) : undefined
}

/** The error workflow is asked for before the failure is recorded, so that nobody needs to remember to do it. */
const report = async ({ facts, progress }: RunUnderWay, event: ExecutionEvent, failure: Failure | undefined): Promise<void> => {
  const { parts, requested, graph, organisationId, correlationId, recorder } = facts
  const failed = failureOf(event, failure, progress.steps)
  if (!failed) return
  const { content } = graph
  await parts.errorWorkflows.report({ ...failed, requested, content, organisationId, correlationId, durable: () => recorder.flush() })
}
