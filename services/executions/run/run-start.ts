import type { Context } from '@weconnect/contracts/envelope'
import type { ExecutionRequested, ExecutionStarted } from '@weconnect/contracts/events/execution'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import type { Graph } from '../graph/graph.ts'
import { startNodeOf } from '../graph/start-node.ts'
import type { EngineParts } from '../parts.ts'
import type { Watch } from '../scope/watch.ts'
import type { RecordedExecution } from '../stream/recorded.ts'
import type { Recorder } from '../stream/recorder.ts'
import { Runner } from './runner.ts'
import type { RunTimes } from './under-way.ts'

/** A run from its beginning, or from where its stream stands. */
export interface RunStart {
  readonly context: Context
  readonly graph: Graph
  readonly recorder: Recorder
  readonly requested: ExecutionRequested['data']
  readonly started: ExecutionStarted['data']
  /** Called when the answer of a Respond to Webhook node is durable. */
  readonly onAnswer?: (response: NodeResponse) => void
  readonly recovered?: RecordedExecution
  /** After a crash. */
  readonly watch?: Watch | undefined
}

export const runnerOf = (parts: EngineParts, start: RunStart, times: RunTimes): Runner => {
  const { context, graph, recorder, requested, started, onAnswer, watch } = start
  return new Runner({
    parts,
    graph,
    recorder,
    requested,
    started,
    organisationId: context.organisationId,
    correlationId: context.correlationId,
    startNode: startNodeOf(graph, requested.trigger, requested.triggerNodeId, parts),
    workflowActive: requested.workflowVersion > 0,
    times,
    onAnswer,
    watch,
  })
}
