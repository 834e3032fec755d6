import type { Context } from '@weconnect/contracts/envelope'
import type { ExecutionRequested, ExecutionStarted } from '@weconnect/contracts/events/execution'
import type { Item, Outputs } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import type { Admitted } from '../flow/flow-gate.ts'
import { type Graph, timeoutMsOf } from '../graph/graph.ts'
import { planOf } from '../graph/plan.ts'
import type { EngineParts } from '../parts.ts'

/** Steps of one execution unless settings.maxSteps says otherwise. */
const defaultMaxSteps = 100_000

export interface ExecuteRequest {
  readonly executionId: string
  readonly workflowId: string
  /** 0 = the draft. */
  readonly workflowVersion: number
  readonly workflowRevision: number
  readonly trigger: ExecutionRequested['data']['trigger']
  readonly triggerNode?: string | undefined
  readonly input: Outputs
  readonly deliveryId?: string | undefined
  readonly parent?: { readonly executionId: string; readonly step: number } | undefined
  readonly answer?: 'immediately' | 'lastNode' | 'responseNode' | undefined
  /** It was put aside before: it is not put aside again, and nobody can be refused any more. */
  readonly isGathered?: boolean
  readonly context: Context
}

/** All that a replay needs, as it is at the beginning. */
export const startedOf = (parts: EngineParts, graph: Graph, startNodeId: string, executionId: string): ExecutionStarted['data'] => {
  const { settings } = graph.content
  const { executionOrder: order, maxSteps } = settings
  const timeoutMs = timeoutMsOf(graph)
  const variables = parts.variables()
  return {
    worker: parts.worker,
    epoch: 1,
    executionOrder: order === 'v1' || order === 'parallel' ? order : 'v0',
    plan: planFor(graph, startNodeId),
    seed: parts.newSeed(),
    engineVersion: parts.engineVersion,
    timezone: timezoneOf(settings['timezone'], parts.defaultTimezone),
    maxSteps: typeof maxSteps === 'number' && maxSteps > 0 ? maxSteps : defaultMaxSteps,
    ...(speaksOfResuming(graph) && { resumeUrl: parts.resumeUrl(executionId) }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(Object.keys(variables).length > 0 && { variables: variables as JsonValue }),
  }
}

export const requestedOf = (
  request: ExecuteRequest,
  triggerNodeId: string,
  admitted?: Pick<Admitted, 'flow' | 'priority'>,
): ExecutionRequested['data'] => ({
  executionId: request.executionId,
  workflowId: request.workflowId,
  workflowVersion: request.workflowVersion,
  workflowRevision: request.workflowRevision,
  trigger: request.trigger,
  triggerNodeId,
  input: request.input as unknown as JsonValue,
  ...(request.deliveryId !== undefined && { deliveryId: request.deliveryId }),
  ...(request.parent && { parentExecutionId: request.parent.executionId, parentStep: request.parent.step }),
  ...(request.answer && { answer: request.answer }),
  ...(admitted && { priority: admitted.priority }),
  ...(admitted?.flow && { flow: admitted.flow as unknown as JsonValue }),
})

const plans = new WeakMap<Graph, Map<string, ReturnType<typeof planOf>>>()
const planFor = (graph: Graph, startNodeId: string): ReturnType<typeof planOf> => {
  const known = plans.get(graph) ?? new Map<string, ReturnType<typeof planOf>>()
  plans.set(graph, known)
  const plan = known.get(startNodeId) ?? planOf(graph, startNodeId)
  known.set(startNodeId, plan)
  return plan
}

const speaking = new WeakMap<Graph, boolean>()
/** Whether an expression or code may ask for the address that ends a wait: it is a fact of the run then, recorded for replays. */
export const speaksOfResuming = (graph: Graph): boolean => {
  const known = speaking.get(graph)
  if (known !== undefined) return known
  const speaks = graph.content.nodes.some(({ parameters }) => /resume(?:Webhook|Form)?Url/.test(JSON.stringify(parameters)))
  speaking.set(graph, speaks)
  return speaks
}

const timezoneOf = (setting: JsonValue | undefined, fallback: string): string =>
  typeof setting === 'string' && setting !== '' && setting !== 'DEFAULT' ? setting : fallback

/** Items for a start by hand: one empty item, as n8n gives. */
export const manualInput = (items: readonly Item[] | undefined): Outputs => [items && items.length > 0 ? items : [{ json: {} }]]
