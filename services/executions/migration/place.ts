import type { ExecutionMigrated } from '@weconnect/contracts/events/execution'
import type { Arrival } from '@weconnect/contracts/events/types'
import type { WorkflowNode } from '@weconnect/workflows/model'
import { type ExecutionOrder, Frontier, type Ready, type Standpoint } from '../graph/frontier.ts'
import { connectedInputs, type Graph } from '../graph/graph.ts'
import { planOf } from '../graph/plan.ts'
import { startNodeOf } from '../graph/start-node.ts'
import type { EngineParts } from '../parts.ts'
import { speaksOfResuming } from '../requests/execution-start.ts'
import type { RecordedExecution } from '../stream/recorded.ts'
import { type Problem, problemsOf } from './fit.ts'
import type { NodeMap } from './node-map.ts'

export type Place = Omit<ExecutionMigrated['data'], 'migrationId' | 'status' | 'until'>

/** A version of a workflow. */
export interface Version {
  readonly version: number
  readonly revision: number
  readonly graph: Graph
}

/** Where an execution stands, from the moves that are recorded. */
export const standpointOf = ({ state, moves, migrated }: RecordedExecution, graph: Graph, parts: EngineParts): Standpoint => {
  const { requested, started } = state
  if (!requested || !started) return { begun: [], arrivals: [], openSteps: 0 }
  const input = requested.input as unknown as readonly unknown[]
  const node = startNodeOf(graph, requested.trigger, requested.triggerNodeId, parts)
  const start: Ready = { node, inputs: input.map((_, output) => ({ input: output, step: -1, output })) }
  const frontier = new Frontier(graph, started.executionOrder as ExecutionOrder, start, (each) => requiredInputsOf(each, parts))
  if (migrated) frontier.standAt(migrated.standpoint)
  for (const { kind, step } of moves.slice(migrated?.moves ?? 0)) {
    if (kind === 'begin') frontier.begin(step.nodeId)
    else frontier.end(graph.byId.get(step.nodeId)!, step.step, step.outputCounts)
  }
  return frontier.standpoint
}

const requiredInputsOf = (node: WorkflowNode, parts: EngineParts): number => {
  try {
    return parts.prepare(node).requiredInputs
  } catch {
    return 1
  }
}

/**
 * Where an execution stands in another version, and all that keeps it from going on there. What it has done stays done: edges that lead on from steps
 * that have ended are not walked again.
 */
export const placeIn = (
  recorded: RecordedExecution,
  source: Graph,
  target: Version,
  map: NodeMap,
  parts: EngineParts,
): { readonly blockers: readonly Problem[]; readonly place: Place } => {
  const standpoint = standpointOf(recorded, source, parts)
  const { requested, started } = recorded.state
  const trigger = requested ? startNodeOf(source, requested.trigger, requested.triggerNodeId, parts).nodeId : ''
  const triggerNodeId = map.get(trigger)?.nodeId ?? ''
  const { graph } = target
  const resumeUrl =
    started?.resumeUrl === undefined && speaksOfResuming(graph) && requested ? parts.resumeUrl(requested.executionId) : undefined
  const place: Place = {
    fromVersion: requested?.workflowVersion ?? 0,
    workflowVersion: target.version,
    workflowRevision: target.revision,
    triggerNodeId,
    nodes: imagesOf(standpoint, source, map),
    plan: triggerNodeId === '' ? [] : planOf(graph, triggerNodeId),
    begun: standpoint.begun.flatMap((nodeId) => map.get(nodeId)?.nodeId ?? []),
    arrivals: standpoint.arrivals.flatMap((arrival) => arrivalIn(graph, arrival, map)),
    openSteps: standpoint.openSteps,
    ...(resumeUrl !== undefined && { resumeUrl }),
  }
  return { blockers: problemsOf({ recorded, standpoint, source, target: graph, map, trigger, parts }), place }
}

const imagesOf = ({ begun }: Standpoint, source: Graph, map: NodeMap): Place['nodes'] =>
  begun.flatMap((nodeId) => {
    const image = map.get(nodeId)
    const isSame = image?.nodeId === nodeId && image.name === source.byId.get(nodeId)?.name
    return !image || isSame ? [] : [{ nodeId, toNodeId: image.nodeId, toName: image.name }]
  })

/** A node that waited for inputs which it has no more, need not wait for them. */
const arrivalIn = (target: Graph, { nodeId, complete, ...arrived }: Arrival, map: NodeMap): Arrival[] => {
  const image = map.get(nodeId)
  if (!image) return []
  const known = new Set([...arrived.inputs.map(({ input }) => input), ...arrived.emptyInputs])
  const isComplete = complete || connectedInputs(target, image.nodeId).every((input) => known.has(input))
  return [{ ...arrived, nodeId: image.nodeId, complete: isComplete }]
}
