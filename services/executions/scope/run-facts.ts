import type { ExecutionRequested } from '@weconnect/contracts/events/execution'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { NodeContext } from '@weconnect/nodes/sdk/node'
import type { ExecutionOrder } from '../graph/frontier.ts'
import type { Graph } from '../graph/graph.ts'
import type { EngineParts } from '../parts.ts'
import type { Recorder } from '../stream/recorder.ts'
import type { RunMemory } from './run-memory.ts'
import { StaticData } from './static-data.ts'
import type { Watch } from './watch.ts'

/** What was read when the execution began. */
export interface Started {
  readonly seed: string
  readonly timezone: string
  readonly executionOrder: ExecutionOrder
  readonly maxSteps: number
  readonly timeoutMs?: number
  readonly variables?: JsonValue
  readonly resumeUrl?: string
}

/** What is known of a run before its first step. */
export interface RunOrigin {
  readonly parts: EngineParts
  readonly graph: Graph
  readonly recorder: Recorder
  readonly requested: ExecutionRequested['data']
  readonly started: Started
  readonly organisationId: string
  readonly correlationId: string
  readonly workflowActive: boolean
  /** After a crash. */
  readonly watch?: Watch | undefined
}

/** What all steps of one run share. */
export interface RunFacts extends Omit<RunOrigin, 'workflowActive'> {
  readonly workflow: NodeContext['workflow']
  readonly mode: NodeContext['mode']
  readonly memory: RunMemory
  readonly staticData: StaticData
  /** Contexts of nodes by name, for `$node["X"].context`. */
  readonly contexts: Map<string, JsonObject>
  /** $execution.customData, as it stands. */
  customData: Record<string, string>
  /** Aborts on cancellation, on the time limit and on shutdown. */
  readonly signal: AbortSignal
}

export const runFactsOf = (origin: RunOrigin, memory: RunMemory, signal: AbortSignal): RunFacts => {
  const { parts, graph, recorder, requested, started, organisationId, correlationId, workflowActive, watch } = origin
  const { workflowId: id, name } = graph.content
  return {
    parts,
    graph,
    recorder,
    requested,
    started,
    organisationId,
    correlationId,
    workflow: { id, name, active: workflowActive },
    mode: modeOf(requested.trigger),
    memory,
    staticData: new StaticData(),
    contexts: new Map(),
    customData: {},
    signal,
    watch,
  }
}

const modeOf = (trigger: ExecutionRequested['data']['trigger']): NodeContext['mode'] =>
  trigger === 'manual' || trigger === 'webhook' ? trigger : trigger === 'execution' ? 'integrated' : 'trigger'

/** Which try of which step. */
export interface StepNumbers {
  readonly step: number
  readonly runIndex: number
  /** From 1. */
  readonly attempt: number
  /** ISO 8601: $now of the step. */
  readonly startedAt: string
  /** Rises only when a person asks for the effects of the step again. */
  readonly effectEpoch: number
  /** Number of the step that this one undoes. */
  readonly compensates?: number
  /** A crash interrupted this try: what it did before that, nobody knows. */
  readonly interrupted: boolean
}
