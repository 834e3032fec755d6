import type { ExecutionEvent, StepCompleted } from '@weconnect/contracts/events/execution'
import type { Outputs } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { WorkflowNode } from '@weconnect/workflows/model'
import { type Graph, timeoutMsOf } from '../graph/graph.ts'

export type Stop = 'cancelled' | 'timeout' | 'shutdown'

/** How a run left off. `outputs`: of the last step. `paused`: it will go on later; `stopped`: this process lets go of it, another takes over. */
export type RunEnd =
  | { readonly kind: 'completed'; readonly outputs: Outputs }
  | { readonly kind: 'failed'; readonly code: string; readonly error: JsonValue }
  /** `within`: it was put aside, to be part of this execution. */
  | { readonly kind: 'paused'; readonly within?: string }
  | { readonly kind: 'cancelled' | 'timeout' | 'stopped' }

/** The step that no other may follow. */
export interface Failure {
  readonly step: number
  readonly nodeId: string
  readonly nodeName: string
  readonly code: string
  readonly error: JsonValue
}

/** The error that a step's node went on after. */
export const survivedBy = ({ step, nodeId, nodeName, error }: StepCompleted['data']): Failure | undefined =>
  error === undefined ? undefined : { step, nodeId, nodeName, code: String((error as JsonObject)['code'] ?? 'NODE_FAILED'), error }

/** @param step that would have been the next */
export const stepLimitReached = (step: number, node: WorkflowNode, maxSteps: number): Failure => {
  const code = 'STEP_LIMIT'
  const message = `The execution was stopped at its limit of ${maxSteps} steps; a loop may never end (settings.maxSteps raises the limit)`
  return { step, nodeId: node.nodeId, nodeName: node.name, code, error: { code, message, nodeName: node.name } }
}

/** Where a run stands when nothing more can be begun. */
export interface LeftOff {
  readonly stop: Stop | undefined
  readonly failure: Failure | undefined
  readonly paused: boolean
  /** A person has paused it: nothing ends it but a cancellation, or its time limit. */
  readonly held: boolean
  /** -1 = none. */
  readonly lastStep: number
}

/** The event that ends the stream; undefined while it is only paused. */
export const endingOf = (
  { stop, failure, paused, held, lastStep }: LeftOff,
  graph: Graph,
  ended: { readonly steps: number; readonly durationMs: number },
): ExecutionEvent | undefined => {
  if (stop === 'cancelled') return { type: 'ExecutionCancelled', data: ended }
  if (stop === 'timeout') return { type: 'ExecutionTimedOut', data: { ...ended, timeoutMs: timeoutMsOf(graph) ?? 0 } }
  if (held) return undefined
  if (failure) {
    const { step, nodeId, nodeName, code, error } = failure
    return { type: 'ExecutionFailed', data: { ...ended, step, nodeId, code, error: { ...(error as JsonObject), nodeName } } }
  }
  return paused ? undefined : { type: 'ExecutionCompleted', data: { ...ended, lastStep } }
}

/** What an error workflow is told; undefined for an end that is no failure. @param nextStep number that the next step would have had */
export const failureOf = (
  event: ExecutionEvent,
  failure: Failure | undefined,
  nextStep: number,
): { readonly error: JsonValue; readonly step: number; readonly lastNodeExecuted: string | undefined } | undefined => {
  if (event.type === 'ExecutionFailed')
    return { error: event.data.error, step: failure?.step ?? nextStep, lastNodeExecuted: failure?.nodeName }
  if (event.type !== 'ExecutionTimedOut') return undefined
  const message = `The execution was stopped at its time limit of ${event.data.timeoutMs} ms (settings.executionTimeout)`
  return { error: { code: 'EXECUTION_TIMEOUT', message }, step: nextStep, lastNodeExecuted: undefined }
}
