import type { CompensationStarted, ExecutionEvent } from '@weconnect/contracts/events/execution'
import { isJsonObject, type JsonObject } from '@weconnect/contracts/json'
import type { WorkflowNode } from '@weconnect/workflows/model'
import { type Graph, timeoutMsOf } from '../graph/graph.ts'
import type { Failure } from './run-end.ts'
import type { Execution, Step } from './state.ts'

/** `connectionType` of a step that undoes another one, its `parentStep`. */
export const undoes = 'compensation'

/** A step that is to be undone, and the node that does it. */
export interface Compensation {
  readonly undone: Step
  readonly node: WorkflowNode
  /** The step that has begun to do it. */
  readonly begun: Step | undefined
}

/** The node that undoes what a node did; undefined when there is none, or nothing that it did. */
const compensationOf = ({ byId, byName }: Graph, nodeId: string): WorkflowNode | undefined => {
  const { compensation, disabled } = byId.get(nodeId)?.options ?? {}
  return compensation === undefined || disabled ? undefined : byName.get(compensation)
}

/** Whether what a node does can be undone. */
export const isCompensable = (graph: Graph, nodeId: string): boolean => compensationOf(graph, nodeId) !== undefined

export const hasCompensations = ({ content }: Graph): boolean => content.nodes.some(({ options }) => options.compensation !== undefined)

/** A pinned node did nothing, nor did one whose result was known. */
const didSomething = ({ requested }: Execution, { content }: Graph, step: Step): boolean => {
  if (step.status !== 'completed' || step.compensates !== undefined || step.cacheHit || (step.outputCounts[0] ?? 0) <= 0) return false
  return (
    requested?.trigger !== 'manual' ||
    !isJsonObject(content.pinData ?? null) ||
    !Object.hasOwn(content.pinData as JsonObject, step.nodeName)
  )
}

/** What is still to be undone, the step that ended last first. Each step once, also of a loop. */
export const compensationsOf = (state: Execution, graph: Graph): readonly Compensation[] => {
  const undoing = new Map(state.steps.flatMap((step) => (step?.compensates === undefined ? [] : [[step.compensates, step] as const])))
  return state.steps
    .filter((step) => step !== undefined && didSomething(state, graph, step))
    .sort((a, b) => (b.outcomeRevision ?? 0) - (a.outcomeRevision ?? 0))
    .flatMap((undone) => {
      const node = compensationOf(graph, undone.nodeId)
      const begun = undoing.get(undone.step)
      const isDone = begun?.status === 'completed' || begun?.status === 'failed'
      return node === undefined || isDone ? [] : [{ undone, node, begun }]
    })
}

/** Why it will have ended, for after a crash. @param event how it would end, were there nothing to undo */
export const compensationStarted = (event: ExecutionEvent, failure: Failure | undefined, firstStep: number): CompensationStarted => {
  const type = 'CompensationStarted'
  if (event.type === 'ExecutionCancelled') return { type, data: { cause: 'cancelled', firstStep, error: null } }
  if (event.type !== 'ExecutionFailed') return { type, data: { cause: 'timeout', firstStep, error: null } }
  const { step, nodeId, code, error } = event.data
  const where = failure && { failedStep: failure.step, nodeName: failure.nodeName }
  const named = { ...(step !== undefined && { failedStep: step }), ...where, ...(nodeId !== undefined && { nodeId }) }
  return { type, data: { cause: 'failed', firstStep, ...named, code, error } }
}

/** How it ends now that everything is undone. */
export const endingAfter = (
  { cause, failedStep, nodeId, code = 'NODE_FAILED', error }: CompensationStarted['data'],
  graph: Graph,
  ended: { readonly steps: number; readonly durationMs: number },
): ExecutionEvent => {
  if (cause === 'cancelled') return { type: 'ExecutionCancelled', data: ended }
  if (cause === 'timeout') return { type: 'ExecutionTimedOut', data: { ...ended, timeoutMs: timeoutMsOf(graph) ?? 0 } }
  const where = { ...(failedStep !== undefined && { step: failedStep }), ...(nodeId !== undefined && { nodeId }) }
  return { type: 'ExecutionFailed', data: { ...ended, ...where, code, error } }
}

/** The failure that was recorded before anything was undone. */
export const failureBefore = ({ failedStep, nodeId, nodeName, code, error }: CompensationStarted['data']): Failure | undefined =>
  failedStep === undefined || nodeId === undefined
    ? undefined
    : { step: failedStep, nodeId, nodeName: nodeName ?? '', code: code ?? 'NODE_FAILED', error }
