import { isCompensable } from '../decider/compensation.ts'
import type { Ready } from '../graph/frontier.ts'
import type { StepNumbers } from '../scope/run-facts.ts'
import { attemptStep } from '../step/attempt.ts'
import { knownNode } from '../step/known-node.ts'
import { mayTryAgain, retryPolicyOf } from '../step/retry-policy.ts'
import type { IsLastTry, StepOutcome } from '../step/run-step.ts'
import { endWait } from './end-wait.ts'
import { stopping } from './halt.ts'
import { keepOutcome } from './keep-outcome.ts'
import type { FirstTry } from './progress.ts'
import type { RunUnderWay } from './under-way.ts'

/**
 * One step with all its tries, to its outcome or to where it waits outside of the run.
 * @param interruptedAt when the try began that a crash interrupted: it is the same try, so that its requests are the same
 */
export const runTries = async (run: RunUnderWay, ready: Ready, from: FirstTry, interruptedAt?: string): Promise<void> => {
  const { facts, halt, progress, waits } = run
  const { node } = ready
  const { step, runIndex, effectEpoch } = from
  const policy = retryPolicyOf(node.options)
  for (let attempt = from.attempt; ; attempt += 1) {
    const interrupted = interruptedAt !== undefined && attempt === from.attempt
    const startedAt = interrupted ? interruptedAt : facts.parts.startedAt(step, attempt)
    const numbers = { step, runIndex, attempt, startedAt, effectEpoch, interrupted }
    const outcome = await tryOnce(run, ready, numbers, (code, status) => !mayTryAgain(policy, { attempt, code, status }))
    if (halt.signal.aborted && halt.reason === 'shutdown') throw stopping()
    if (outcome.kind === 'completed') {
      progress.completed(node, step, outcome)
      if (facts.watch?.isOn || knownNode(facts.parts, node)?.isExternal) await keepOutcome(facts, halt)
      facts.watch?.done()
      return
    }
    if (outcome.kind === 'unended') return
    if (outcome.kind === 'held') return waits.putAside()
    if (outcome.kind === 'paused') return waitFor(run, ready, step, outcome)
    if (outcome.kind === 'incident') return waits.raise(outcome.event)
    if (failed(run, ready, step, outcome) || !(await waits.retry(step, attempt, policy))) return
  }
}

const tryOnce = async ({ facts, halt }: RunUnderWay, ready: Ready, numbers: StepNumbers, isLastTry: IsLastTry): Promise<StepOutcome> => {
  const known = knownNode(facts.parts, ready.node)
  const isDelicate = known?.isExternal === true && known.afterCrash !== 'repeat'
  const isUndoable = isCompensable(facts.graph, ready.node.nodeId)
  halt.enter(isDelicate, isUndoable)
  try {
    return await attemptStep(facts, ready, numbers, isLastTry)
  } finally {
    halt.leave(isDelicate, isUndoable)
  }
}

const waitFor = async (
  run: RunUnderWay,
  { node }: Ready,
  step: number,
  outcome: Extract<StepOutcome, { kind: 'paused' }>,
): Promise<void> => {
  const waited = await run.waits.begin(node, step, outcome)
  if (waited) await endWait(run, node, waited)
}

/** @returns whether no other try follows */
const failed = (
  { facts, halt, progress }: RunUnderWay,
  { node: { nodeId, name: nodeName } }: Ready,
  step: number,
  { event, code, error }: Extract<StepOutcome, { kind: 'failed' }>,
): boolean => {
  facts.recorder.record(event)
  progress.keepTraces(event.data)
  const isFinal = event.data.final || (halt.reason !== undefined && halt.reason !== 'shutdown')
  if (isFinal) progress.failed({ step, nodeId, nodeName, code, error })
  return isFinal
}
