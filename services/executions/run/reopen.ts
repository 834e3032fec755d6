import { isCompensable } from '../decider/compensation.ts'
import type { Failure } from '../decider/run-end.ts'
import type { Step } from '../decider/state.ts'
import type { Recovered } from '../stream/recorded.ts'
import { endWait, recordResumed } from './end-wait.ts'
import { outcomeOf } from './outcome-of.ts'
import { runTries } from './tries.ts'
import { isEnding, type RunUnderWay } from './under-way.ts'

/**
 * Brings a run to where the recorded events stand, and finishes what a crash or a pause left open.
 * @returns steps that may wait inside of the run: they go on when it does
 */
export const recover = async (run: RunUnderWay, recovered: Recovered): Promise<(() => Promise<void>)[]> => {
  const { open } = recovered
  await run.progress.recall(recovered)
  if (run.facts.recorder.state.cancellationRequested) await endInterrupted(run, open)
  const mayRest = ({ status }: Step): boolean => run.isParallel && status !== 'failed' && status !== 'incident'
  const resting = open.filter(mayRest).map((step) => () => reopen(run, step))
  for (const step of open) if (!isEnding(run) && !mayRest(step)) await reopen(run, step)
  return resting
}

/** Cancelled: a step that a crash interrupted is ended first when it can be undone, so that it is known what there is to undo. */
const endInterrupted = async (run: RunUnderWay, open: readonly Step[]): Promise<void> => {
  const { graph, recorder } = run.facts
  if (recorder.state.compensation) return
  for (const step of open) if (step.status === 'running' && isCompensable(graph, step.nodeId)) await reopen(run, step)
  run.halt.stop('cancelled')
}

const reopen = async (run: RunUnderWay, step: Step): Promise<void> => {
  const { facts, progress, waits } = run
  const { recorder } = facts
  const node = progress.nodeOf(step)
  if (!(await waits.again(step))) return
  const now = recorder.state.steps[step.step] ?? step
  if (now.status === 'waiting' || now.resumedRevision !== undefined) return endWait(run, node, now)
  if (step.status === 'failed') return progress.failed(await recordedFailure(run, step))
  if (recorder.state.pausedFor !== undefined) recordResumed(facts, step.step)
  await runTries(run, { node, inputs: step.inputs }, step, step.status === 'running' ? step.startedAt : undefined)
}

const recordedFailure = async ({ facts }: RunUnderWay, { step, nodeId, nodeName }: Step): Promise<Failure> => {
  const outcome = await outcomeOf(facts, step)
  const { code, error } = outcome?.type === 'StepFailed' ? outcome.data : nodeFailed(nodeName)
  return { step, nodeId, nodeName, code, error }
}

const nodeFailed = (nodeName: string): Pick<Failure, 'code' | 'error'> => {
  const code = 'NODE_FAILED'
  return { code, error: { code, message: `The node "${nodeName}" failed` } }
}
