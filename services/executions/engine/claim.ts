import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import { compensationsOf, hasCompensations, isCompensable } from '../decider/compensation.ts'
import { decide } from '../decider/decide.ts'
import type { Execution } from '../decider/state.ts'
import { graphOf } from '../graph/graph.ts'
import type { EngineParts } from '../parts.ts'
import type { RecordedExecution } from '../stream/recorded.ts'

/** What a worker appends before it goes on with an execution; of one that is to be stopped and has nothing to undo, its end. */
export const claimOf = async (parts: EngineParts, { state, context: { organisationId } }: RecordedExecution): Promise<ExecutionEvent[]> => {
  if (state.cancellationRequested && !(await undoes(parts, state))) {
    const steps = state.steps.filter(({ status }) => status !== 'completed')
    if (state.requested) await parts.subWorkflows.cancel({ executionId: state.requested.executionId, organisationId, steps })
    return decide({ type: 'CancelExecution', at: parts.clock.now() }, state)
  }
  return state.status === 'pending' ? [] : decide({ type: 'ClaimExecution', worker: parts.worker, maxCrashes: parts.maxCrashes }, state)
}

const undoes = async (parts: EngineParts, state: Execution): Promise<boolean> => {
  if (state.compensation) return true
  const { requested, steps } = state
  if (!requested || steps.length === 0) return false
  const graph = graphOf(await parts.contentAt(requested.workflowId, requested.workflowRevision))
  const isInterrupted = steps.some(({ status, nodeId }) => status === 'running' && isCompensable(graph, nodeId))
  return hasCompensations(graph) && (isInterrupted || compensationsOf(state, graph).length > 0)
}
