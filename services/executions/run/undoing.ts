import type { ExecutionEvent, ExecutionPaused, StepFailed } from '@weconnect/contracts/events/execution'
import type { RetryPolicy } from '@weconnect/contracts/events/types'
import type { WorkflowNode } from '@weconnect/workflows/model'
import { type Compensation, compensationsOf } from '../decider/compensation.ts'
import type { Execution } from '../decider/state.ts'
import type { RunFacts, StepNumbers } from '../scope/run-facts.ts'
import { attemptStep } from '../step/attempt.ts'
import { mayTryAgain, retryPolicyOf } from '../step/retry-policy.ts'
import type { IsLastTry, StepOutcome } from '../step/run-step.ts'
import { isDue, scheduleRetry } from '../waits/due.ts'

/** What stops it between two steps. */
export interface UndoingOptions {
  readonly run: RunFacts
  /** A person has paused the execution, or the engine stops. */
  readonly isHeld: () => boolean
  /** Makes what is recorded durable. */
  readonly keep: () => Promise<void>
}

export type Undone = 'all' | 'paused'

/**
 * Runs the compensations of an execution that fails or is stopped, the step that ended last first, each once and with keys of its own. One that has
 * failed for good is an incident: a person says whether it is done again, was done otherwise, or is left.
 */
export const undoSteps = async (options: UndoingOptions): Promise<Undone> => {
  const { run, isHeld, keep } = options
  for (;;) {
    await keep()
    const next = nextOf(run)
    if (next === undefined) return 'all'
    if (isHeld() || !(await undo(options, next))) return 'paused'
  }
}

/** One that has begun is done first; then the step that ended last. In a replay ends are known that came only while others were undone. */
const nextOf = ({ recorder: { state }, graph, parts }: RunFacts): Compensation | undefined => {
  const left = compensationsOf(state, graph)
  const given = parts.givenUndone?.(newStepOf(state))
  return left.find(({ begun }) => begun) ?? left.find(({ undone }) => undone.step === given) ?? left[0]
}

/** In a replay there may be fewer: those that had no end are not begun. */
const newStepOf = ({ steps, compensation }: Execution): number => Math.max(steps.length, compensation?.firstStep ?? 0)

const numbersOf = ({ recorder, parts }: RunFacts, { node, undone, begun }: Compensation): StepNumbers => {
  const { steps } = recorder.state
  const step = begun?.step ?? newStepOf(recorder.state)
  const attempt = begun?.attempt ?? 1
  const interrupted = begun?.status === 'running'
  return {
    step,
    attempt,
    runIndex: begun?.runIndex ?? steps.filter(({ nodeId }) => nodeId === node.nodeId).length,
    startedAt: interrupted ? begun.startedAt : parts.startedAt(step, attempt, true),
    effectEpoch: begun?.effectEpoch ?? 0,
    interrupted,
    compensates: undone.step,
  }
}

/** @returns false when it goes on later */
const undo = async (options: UndoingOptions, compensation: Compensation): Promise<boolean> => {
  const { run, keep, isHeld } = options
  const { node, undone, begun } = compensation
  const inputs = [{ input: 0, step: undone.step, output: 0 }]
  const policy = retryPolicyOf(node.options)
  let status: number | undefined
  const isLastTry: IsLastTry = (_, answered) => {
    status = answered
    return false
  }
  if (begun?.status === 'incident') return false
  if (begun && !(await isDue(run, begun))) return pause(run, { step: begun.step, waitFor: 'retry', until: begun.dueAt ?? '' })
  let numbers = numbersOf(run, compensation)
  run.memory.begin(node.name, numbers.step, inputs)
  for (;;) {
    const outcome = await attemptStep(run, { node, inputs }, numbers, isLastTry)
    if (outcome.kind === 'unended' || outcome.kind === 'held' || (isHeld() && run.signal.aborted)) return false
    const event = eventOf(outcome, node, numbers)
    run.recorder.record(event)
    if (event.type === 'StepFailed' && !event.data.final) {
      const next = await again(options, policy, numbers, event, status)
      if (next === undefined) return false
      numbers = next
      continue
    }
    await keep()
    if (event.type === 'IncidentRaised') return false
    if (outcome.kind === 'completed') run.memory.keep(numbers.step, outcome.outputs)
    return true
  }
}

/**
 * What comes after a failed try, in one append with it: after a crash between the two it would be done again unasked.
 * @returns the next try; undefined when it comes later, or when a person has to decide
 */
const again = async (
  { run, keep, isHeld }: UndoingOptions,
  policy: RetryPolicy,
  numbers: StepNumbers,
  failed: StepFailed,
  status: number | undefined,
): Promise<StepNumbers | undefined> => {
  const { step, attempt } = numbers
  const { parts, recorder } = run
  const { nodeId, nodeName, error, code } = failed.data
  if (!mayTryAgain(policy, { attempt, code, status })) {
    recorder.record({ type: 'IncidentRaised', data: { step, nodeId, nodeName, attempt, detail: error } })
    await keep()
    return undefined
  }
  const { waitMs, dueAt } = scheduleRetry(run, policy, step, attempt)
  if (waitMs > parts.longestWaitMs) {
    await pause(run, { step, waitFor: 'retry', until: dueAt })
    return undefined
  }
  await keep()
  await parts.timer.wait(waitMs, run.signal)
  if (isHeld()) return undefined
  return { ...numbers, attempt: attempt + 1, startedAt: parts.startedAt(step, attempt + 1, true), interrupted: false }
}

const pause = async ({ recorder }: RunFacts, data: ExecutionPaused['data']): Promise<false> => {
  recorder.record({ type: 'ExecutionPaused', data })
  await recorder.flush()
  return false
}

/** A compensation cannot wait for somebody: a person is asked instead. */
const eventOf = (
  outcome: Exclude<StepOutcome, { kind: 'unended' | 'held' }>,
  { nodeId, name: nodeName }: WorkflowNode,
  { step, attempt }: StepNumbers,
): ExecutionEvent => {
  if (outcome.kind !== 'paused') return outcome.event
  const detail = { code: 'NODE_FAILED', message: `The node "${nodeName}" undoes another one, so it cannot wait` }
  return { type: 'IncidentRaised', data: { step, nodeId, nodeName, attempt, detail } }
}
