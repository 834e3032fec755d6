import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { WorkflowNode } from '@weconnect/workflows/model'
import { heldBy, type Step } from '../decider/state.ts'
import type { RunFacts } from '../scope/run-facts.ts'
import { completed } from '../step/run-step.ts'
import { readAt } from '../stream/recorded.ts'
import type { AsOf } from '../stream/recorder.ts'
import { wokenOutputs } from '../waits/woken.ts'
import type { RunUnderWay } from './under-way.ts'

/** The step is done, with what ended its wait. */
export const endWait = async ({ facts, progress }: RunUnderWay, node: WorkflowNode, atTheEnd: Step): Promise<void> => {
  const { parts, memory } = facts
  const waited = atTheEnd.status === 'waiting' ? await resumed(facts, atTheEnd) : atTheEnd
  const { step, nodeId, nodeName, nodeType, runIndex, attempt, inputs: references, startedAt } = waited
  const inputs = await memory.loadInputs(references)
  const by = parts.wokenBy ? parts.wokenBy(step) : await wokenBy(facts, waited)
  const identity = { step, nodeId, nodeName, nodeType, runIndex, attempt, inputs: references, startedAt }
  const durationMs = Math.max(0, parts.clock.now() - Date.parse(startedAt))
  progress.completed(node, step, completed(identity, wokenOutputs(waited, by, inputs), inputs, { durationMs }))
}

/** Its time is over: from here on nobody can end it. Who did so before that, and was told so, has. */
const resumed = async (facts: RunFacts, waiting: Step): Promise<Step> => {
  recordResumed(facts, waiting.step)
  await facts.recorder.flush()
  return facts.recorder.state.steps[waiting.step] ?? waiting
}

/** That it goes on with a step. */
export const recordResumed = ({ recorder }: RunFacts, step: number): void => {
  const asOf: AsOf = (state) => ({ type: 'ExecutionResumed', data: { step, ...heldBy(state) } })
  recorder.record({ type: 'ExecutionResumed', data: { step } }, undefined, asOf)
}

/** Undefined when its time ended it. */
const wokenBy = async ({ parts, requested }: RunFacts, { resumedRevision }: Step): Promise<Envelope<ExecutionEvent> | undefined> =>
  resumedRevision === undefined ? undefined : readAt(parts.journal, requested.executionId, resumedRevision)
