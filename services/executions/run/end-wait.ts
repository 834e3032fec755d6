import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { WorkflowNode } from '@weconnect/workflows/model'
import type { Step } from '../decider/state.ts'
import type { RunFacts } from '../scope/run-facts.ts'
import { completed } from '../step/run-step.ts'
import { readAt } from '../stream/recorded.ts'
import { wokenOutputs } from '../waits/woken.ts'
import type { RunUnderWay } from './under-way.ts'

/** The step is done, with what ended its wait. */
export const endWait = async ({ facts, progress }: RunUnderWay, node: WorkflowNode, waited: Step): Promise<void> => {
  const { parts, memory } = facts
  const { step, nodeId, nodeName, nodeType, runIndex, attempt, inputs: references, startedAt } = waited
  const inputs = await memory.loadInputs(references)
  const by = parts.wokenBy ? parts.wokenBy(step) : await wokenBy(facts, waited)
  const identity = { step, nodeId, nodeName, nodeType, runIndex, attempt, inputs: references, startedAt }
  const durationMs = Math.max(0, parts.clock.now() - Date.parse(startedAt))
  progress.completed(node, step, completed(identity, wokenOutputs(waited, by, inputs), inputs, { durationMs }))
}

/** Undefined when its time ended it. */
const wokenBy = async ({ parts, requested }: RunFacts, { resumedRevision }: Step): Promise<Envelope<ExecutionEvent> | undefined> =>
  resumedRevision === undefined ? undefined : readAt(parts.journal, requested.executionId, resumedRevision)
