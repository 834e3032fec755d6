import type { Context } from '@weconnect/contracts/envelope'
import type { Outputs } from '@weconnect/contracts/items'
import { noStream } from '@weconnect/eventstore/journal'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import type { RunEnd } from '../decider/run-end.ts'
import { initialExecution } from '../decider/state.ts'
import { kindOfTrigger } from '../dispatch/dispatch.ts'
import type { Place } from '../dispatch/run-queue.ts'
import type { Admitted } from '../flow/flow-gate.ts'
import { graphOf } from '../graph/graph.ts'
import { startNodeOf } from '../graph/start-node.ts'
import { claimFiles, hasLargeFiles } from '../items/claim-files.ts'
import { type Accepted, type Execution, refused } from '../requests/execution-handle.ts'
import { type ExecuteRequest, requestedOf, startedOf } from '../requests/execution-start.ts'
import type { RunStart } from '../run/run-start.ts'
import { letGo, waitTurn } from './let-go.ts'
import type { EngineRoom } from './room.ts'
import { recorderOf, runHere } from './run-here.ts'

/** Begins an execution here. With `answer: immediately` the request is appended first, and the run waits for its turn in the queue. */
export const execute = (room: EngineRoom, request: ExecuteRequest): Execution => {
  if (room.here.has(request.executionId)) return refused(request.executionId)
  const answer = Promise.withResolvers<NodeResponse | undefined>()
  const accepted = Promise.withResolvers<Accepted>()
  room.here.enter(request.executionId)
  const ended = begin(room, request, accepted.resolve, answer.resolve)
  ended.then(
    () => answer.resolve(undefined),
    (error: unknown) => {
      accepted.reject(error)
      answer.reject(error)
    },
  )
  for (const promise of [answer.promise, accepted.promise, ended]) promise.catch(() => undefined)
  return { accepted: accepted.promise, answered: answer.promise, ended }
}

const begin = async (
  room: EngineRoom,
  request: ExecuteRequest,
  accept: (accepted: Accepted) => void,
  answer: (response: NodeResponse) => void,
): Promise<RunEnd> => {
  const { parts, gate, store } = room
  const { executionId, context } = request
  let admitted: Admitted | undefined
  try {
    const content = await parts.contentAt(request.workflowId, request.workflowRevision)
    const graph = graphOf(content)
    const { nodeId } = startNodeOf(graph, request.trigger, request.triggerNode, parts)
    const input = await claimed(room, request)
    const flow = gate.declares(content)
    if (flow) admitted = await gate.admit(flow, { ...request, input }, content)
    if (admitted?.gathered) return putAside(room, executionId, admitted.gathered, accept)
    const requested = requestedOf({ ...request, input }, nodeId, admitted)
    const recorder = recorderOf(room, executionId, { context, head: noStream, state: initialExecution() })
    recorder.record({ type: 'ExecutionRequested', data: requested }, () => accept(recorder.token(store.logId)))
    const start = { context, graph, recorder, requested, started: startedOf(parts, graph, nodeId, executionId), onAnswer: answer }
    const isNow = (admitted?.granted ?? true) && request.answer !== 'immediately'
    return await (isNow ? run(room, start) : runLater(room, request, start, admitted))
  } catch (error) {
    letGo(room, executionId)
    if (admitted) gate.left(executionId)
    throw error
  }
}

const claimed = ({ parts }: EngineRoom, { input, context: { organisationId } }: ExecuteRequest): Outputs | Promise<Outputs> =>
  hasLargeFiles(input) ? claimFiles(input, organisationId, parts.binaries) : input

/** What came is on disk, and becomes part of an execution later. */
const putAside = (
  { here }: EngineRoom,
  executionId: string,
  { executionId: within, token }: NonNullable<Admitted['gathered']>,
  accept: (to: Accepted) => void,
): RunEnd => {
  here.leave(executionId)
  accept({ ...token, within })
  return { kind: 'paused', within }
}

const run = (room: EngineRoom, start: RunStart): Promise<RunEnd> => {
  start.recorder.record({ type: 'ExecutionStarted', data: start.started })
  return runHere(room, start)
}

/** The request is on disk first. Then it runs elsewhere, when it has what it must hold, or when there is a place for it here. */
const runLater = async (
  room: EngineRoom,
  { executionId, answer, trigger, context }: ExecuteRequest,
  start: RunStart,
  admitted: Admitted | undefined,
): Promise<RunEnd> => {
  const { here, queue, parked, peers, dispatch } = room
  const isHanded = admitted === undefined && dispatch.takes(kindOfTrigger(trigger))
  if (isHanded) here.leave(executionId)
  await start.recorder.flush()
  // Whoever follows the log hands it over.
  if (isHanded) return { kind: 'stopped' }
  if (admitted?.granted === false) {
    const ended = parked.park(executionId, answer === 'immediately' ? undefined : start.onAnswer)
    waitTurn(room, executionId)
    return ended
  }
  if (!peers.owns(executionId)) {
    here.leave(executionId)
    return { kind: 'stopped' }
  }
  const place = placeOf(room, executionId, start.requested.priority, context)
  return new Promise((resolve, reject) => queue.add(() => run(room, start).then(resolve, reject), place))
}

const placeOf = ({ weightOf }: EngineRoom, id: string, priority: number | undefined, { organisationId }: Context): Place => ({
  id,
  priority,
  organisationId,
  weight: weightOf(organisationId),
})
