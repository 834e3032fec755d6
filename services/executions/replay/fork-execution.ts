import type { Context, WriteToken } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionStarted } from '@weconnect/contracts/events/execution'
import type { Item, Outputs } from '@weconnect/contracts/items'
import { noStream } from '@weconnect/eventstore/journal'
import type { Workflows } from '@weconnect/workflows/face'
import { hasEnded } from '../decider/state.ts'
import type { ForkRequest } from '../face.ts'
import { graphOf } from '../graph/graph.ts'
import { startNodeOf } from '../graph/start-node.ts'
import type { EngineParts } from '../parts.ts'
import { startedOf } from '../requests/execution-start.ts'
import type { Runs } from '../requests/runs.ts'
import { executionStream, readExecution } from '../stream/recorded.ts'
import { eventsOf } from '../view/view.ts'
import { checkThatItFollows, failedStepOf, forkedBeginning, forkedRequest, forkStepOf, refuseUndone } from './fork.ts'
import { underNewNames } from './stretches.ts'

export interface Forking {
  readonly engine: Runs
  readonly parts: EngineParts
  readonly workflows: Workflows
  readonly newId: () => string
}

/**
 * Begins a new execution with the steps of another before a point, as they were recorded, and runs it from there. The other is left as it is.
 * @throws WeConnectError NOT_FOUND, INVALID_STATE while it runs, INVALID_INPUT for a point or version that does not fit, APPEND_TOO_LARGE when the
 * steps before the point are more than one append holds
 */
export const forkExecution = async (
  { engine, parts, workflows, newId }: Forking,
  executionId: string,
  request: ForkRequest,
  context: Context,
): Promise<{ readonly executionId: string; readonly token: WriteToken }> => {
  const events = underNewNames(await eventsOf(parts.journal, executionId, context.organisationId))
  const { state } = await readExecution(parts.journal, executionId)
  if (!hasEnded(state.status)) throw new WeConnectError('INVALID_STATE', `The execution is ${state.status}; cancel it, or wait for its end`)
  if (!state.requested) throw new WeConnectError('NOT_FOUND', `There is no execution ${executionId}`)
  const step = request.from === 'failedStep' ? failedStepOf(state) : forkStepOf(state, request.from)
  refuseUndone(state, step)
  const version = await versionOf(workflows, state.requested, request.version, context.organisationId)
  const id = newId()
  const bare = forkedRequest(state.requested, { executionId: id, step, ...version, input: inputFor(step, request.items) })
  const content = await parts.contentAt(bare.workflowId, bare.workflowRevision)
  const requested = { ...bare, ...engine.forkedFlow(bare, content, context.organisationId) }
  const graph = graphOf(content)
  const startNode = startNodeOf(graph, requested.trigger, requested.triggerNodeId, parts)
  const isSameVersion = version.revision === state.requested.workflowRevision
  // Chance, zone and variables stay as they were, so that what differs comes from what was changed.
  const { seed = parts.newSeed() } = state.started ?? {}
  const own = startedOf(parts, graph, startNode.nodeId, id)
  const { resumeUrl } = own
  const started: ExecutionStarted['data'] =
    isSameVersion && state.started
      ? { ...state.started, worker: parts.worker, epoch: 1, ...(resumeUrl !== undefined && { resumeUrl }) }
      : { ...own, seed }
  const beginning = forkedBeginning(requested, started, events)
  checkThatItFollows(beginning, graph, parts)
  const { token } = await parts.journal.append(executionStream(id), noStream, beginning, {
    ...context,
    correlationId: id,
    causationId: executionId,
  })
  engine.take(id)
  return { executionId: id, token }
}

const inputFor = (step: number, items: readonly Item[] | undefined): Outputs | undefined => {
  if (items === undefined) return undefined
  if (step > 0) throw new WeConnectError('INVALID_INPUT', 'Other items can be given only when the execution is run from its beginning')
  return [items]
}

/** The version that ran, a published one, or the newest: of a draft that ran, the draft as it is now. */
const versionOf = async (
  workflows: Workflows,
  { workflowId, workflowVersion, workflowRevision }: { workflowId: string; workflowVersion: number; workflowRevision: number },
  wanted: ForkRequest['version'],
  organisationId: string,
): Promise<{ readonly version: number; readonly revision: number }> => {
  if (wanted === undefined || wanted === 'same') return { version: workflowVersion, revision: workflowRevision }
  const { workflow, revision } = await workflows.load(workflowId, organisationId)
  if (wanted === 'newest' && workflowVersion === 0) return { version: 0, revision }
  const version = wanted === 'newest' ? Math.max(0, ...workflow.versions.keys()) : wanted
  const published = workflow.versions.get(version)
  if (!published) throw new WeConnectError('NOT_FOUND', `The workflow has no version ${version}`)
  return { version, revision: published.revision }
}
