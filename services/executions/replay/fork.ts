import { WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionEvent, ExecutionRequested, ExecutionStarted } from '@weconnect/contracts/events/execution'
import type { Outputs } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import { evolve, type Recorded } from '../decider/evolve.ts'
import { type Execution, initialExecution } from '../decider/state.ts'
import { Frontier, type Ready } from '../graph/frontier.ts'
import type { Graph } from '../graph/graph.ts'
import { startNodeOf } from '../graph/start-node.ts'
import type { EngineParts } from '../parts.ts'
import { type Move, movesOf } from '../stream/recorded.ts'

/** Where a fork leaves the execution that it comes from. */
export interface ForkPoint {
  /** First step that runs anew; those before it are taken over as they were recorded. */
  readonly step?: number | undefined
  /** Name or id of a node instead: its first step. */
  readonly node?: string | undefined
}

/** The step that ended it. @throws WeConnectError INVALID_STATE when no step did */
export const failedStepOf = ({ status, steps }: Execution): number => {
  const failed = steps.find((step) => step?.status === 'failed')
  if (failed) return failed.step
  throw new WeConnectError('INVALID_STATE', `No step of the execution has failed (it is ${status}); rerun it from a step instead`)
}

/** @throws WeConnectError INVALID_INPUT naming the step or node that it does not have */
export const forkStepOf = ({ steps }: Execution, { step, node }: ForkPoint): number => {
  if (node !== undefined) {
    const found = steps.find((each) => each?.compensates === undefined && (each?.nodeName === node || each?.nodeId === node))
    if (found) return found.step
    throw new WeConnectError('INVALID_INPUT', `The execution has no step of a node "${node}"`)
  }
  if (step === undefined) return 0
  if (steps[step]?.compensates !== undefined) throw new WeConnectError('INVALID_INPUT', `Step ${step} undid another one`)
  if (Number.isInteger(step) && step >= 0 && step < steps.length) return step
  throw new WeConnectError('INVALID_INPUT', `The execution has the steps 0 to ${steps.length - 1}, but no step ${step}`)
}

/** What was undone cannot be taken over. @throws WeConnectError INVALID_STATE */
export const refuseUndone = ({ steps }: Execution, before: number): void => {
  const undone = steps.find((step) => step?.compensates !== undefined && step.compensates < before && step.status === 'completed')
  if (undone)
    throw new WeConnectError(
      'INVALID_STATE',
      `What step ${undone.compensates} did was undone by "${undone.nodeName}": run it from its beginning`,
    )
}

/** What is taken over of the steps before the fork: how they began and what came of them. */
const isTakenOver = (event: ExecutionEvent, before: number): boolean =>
  (event.type === 'StepStarted' || event.type === 'StepCompleted' || event.type === 'StepFailed' || event.type === 'StepRetryScheduled') &&
  event.data.step < before

const bare = ({ type, data }: ExecutionEvent): ExecutionEvent => ({ type, data }) as ExecutionEvent

/** The beginning of a forked execution's stream that is not run: what a replay takes as given too. */
export const forkedBeginning = (
  requested: ExecutionRequested['data'],
  started: ExecutionStarted['data'],
  events: readonly ExecutionEvent[],
): ExecutionEvent[] => [
  { type: 'ExecutionRequested', data: requested },
  { type: 'ExecutionStarted', data: started },
  ...events.filter((event) => isTakenOver(event, requested.forkedAtStep ?? 0)).map(bare),
]

/** The request of a fork: nobody waits for it, and neither a delivery nor a parent is answered by it. */
export const forkedRequest = (
  source: ExecutionRequested['data'],
  fork: {
    readonly executionId: string
    readonly step: number
    readonly version: number
    readonly revision: number
    readonly input?: Outputs | undefined
  },
): ExecutionRequested['data'] => {
  const { workflowId, trigger, triggerNodeId, input, priority } = source
  return {
    executionId: fork.executionId,
    workflowId,
    workflowVersion: fork.version,
    workflowRevision: fork.revision,
    trigger,
    ...(triggerNodeId !== undefined && { triggerNodeId }),
    input: fork.input === undefined ? input : (fork.input as unknown as JsonValue),
    forkedFromExecutionId: source.executionId,
    forkedAtStep: fork.step,
    ...(priority !== undefined && { priority }),
  }
}

/**
 * Another version may have other nodes and connections: the steps that are taken over must lead through it in the same way.
 * @throws WeConnectError INVALID_INPUT naming the first step that does not
 */
export const checkThatItFollows = (beginning: readonly ExecutionEvent[], graph: Graph, parts: EngineParts): void => {
  const { moves, state } = folded(beginning)
  const { requested, started } = state
  if (!requested || !started) return
  const node = startNodeOf(graph, requested.trigger, requested.triggerNodeId, parts)
  const input = requested.input as unknown as Outputs
  const start: Ready = { node, inputs: input.map((_, output) => ({ input: output, step: -1, output })) }
  const order = started.executionOrder as ConstructorParameters<typeof Frontier>[1]
  const frontier = new Frontier(graph, order, start, (each) => parts.prepare(each).requiredInputs)
  for (const { kind, step } of moves) {
    const its = graph.byId.get(step.nodeId)
    if (!its || (kind === 'begin' && !frontier.begin(step.nodeId)))
      throw new WeConnectError(
        'INVALID_INPUT',
        `In this version step ${step.step} ("${step.nodeName}") does not follow from the steps before it`,
      )
    if (kind === 'end') frontier.end(its, step.step, step.outputCounts)
  }
}

const folded = (events: readonly ExecutionEvent[]): { readonly moves: readonly Move[]; readonly state: Execution } => {
  const moves: Move[] = []
  const began = new Set<number>()
  let state = initialExecution()
  for (const [revision, event] of events.entries()) {
    state = evolve(state, { ...event, revision, time: '' } as Recorded)
    moves.push(...movesOf(event, state, began))
  }
  return { moves, state }
}
