import type { ExecutionRequested } from '@weconnect/contracts/events/execution'
import { crashesAt, suspectAt } from '../decider/crashes.ts'
import { restsUntil } from '../decider/rest.ts'
import type { RunEnd } from '../decider/run-end.ts'
import { hasEnded } from '../decider/state.ts'
import { graphOf } from '../graph/graph.ts'
import { startNodeOf } from '../graph/start-node.ts'
import { settleHeld } from '../migration/participants.ts'
import { startedOf } from '../requests/execution-start.ts'
import type { RunStart } from '../run/run-start.ts'
import { Watch } from '../scope/watch.ts'
import { type RecordedExecution, readExecution } from '../stream/recorded.ts'
import type { Recorder } from '../stream/recorder.ts'
import { claimOf } from './claim.ts'
import { leaveToOthers, letGo, waitTurn } from './let-go.ts'
import type { EngineRoom, TakeUpOptions } from './room.ts'
import { recorderOf, rest, runHere } from './run-here.ts'

export type Taking = Pick<TakeUpOptions, 'onAnswer' | 'job' | 'isLeftBehind'>

/**
 * Claims an execution that has no live worker and goes on from its last durable step.
 * @returns undefined when there is nothing to go on with here
 */
export const goOn = async (room: EngineRoom, executionId: string, taking: Taking): Promise<RunEnd | undefined> => {
  const { parts, timers, suspects } = room
  const found = await readExecution(parts.journal, executionId)
  const { requested } = found.state
  if (!requested || hasEnded(found.state.status)) return leaveAlone(room, executionId)
  const isGiven = taking.job !== undefined || suspects.hasPutOff(executionId)
  if (isOthers(room, executionId, found.state, isGiven)) return leaveToOthers(room, executionId)
  const until = restsUntil(found.state)
  if (until > parts.clock.now()) {
    if (Number.isFinite(until)) timers.set(executionId, until)
    return leaveAlone(room, executionId, { kind: 'paused' })
  }
  if (found.state.migration) {
    await settleHeld(parts, executionId)
    return leaveAlone(room, executionId, { kind: 'paused' })
  }
  const crashes = crashesAt(found.state, parts.worker)
  if (crashes < suspectAt) return claimAndRun(room, executionId, { found, requested, crashes, taking })
  if (!suspects.enter(executionId)) return leaveAlone(room, executionId, { kind: 'paused' })
  try {
    return await claimAndRun(room, executionId, { found, requested, crashes, taking })
  } finally {
    suspects.leave(executionId)
  }
}

interface Going {
  readonly found: RecordedExecution
  readonly requested: ExecutionRequested['data']
  /** Of its engines in a row, now that it is claimed. */
  readonly crashes: number
  readonly taking: Taking
}

const claimAndRun = async (room: EngineRoom, executionId: string, going: Going): Promise<RunEnd | undefined> => {
  const { gate, suspects } = room
  const { found, requested, crashes, taking } = going
  const mayRun = requested.flow === undefined || found.state.cancellationRequested || (await gate.acquire(found, requested))
  if (!mayRun) return waitTurn(room, executionId)
  const recorder = recorderOf(room, executionId, found)
  const recovered = await claimed(room, executionId, found, recorder)
  if (!recovered) return undefined
  const start = await startOf(room, requested, recovered, recorder)
  // Left behind by whoever asked for it, or by an engine that died at it: from now on the log tells.
  if (taking.isLeftBehind && !recovered.state.started) await recorder.flush()
  const watch = crashes > 0 ? new Watch(() => suspects.leave(executionId)) : undefined
  return runHere(room, { ...start, watch, ...(taking.onAnswer && { onAnswer: taking.onAnswer }) })
}

/** Nothing of it is to be done now. @param end what whoever waits for it is told */
const leaveAlone = (room: EngineRoom, executionId: string, end: RunEnd = { kind: 'cancelled' }): undefined => {
  letGo(room, executionId)
  room.gate.left(executionId, true)
  room.parked.tell(executionId, end)
}

/** Whoever had it last goes on with it for as long as it lives; then it is its owner's. */
const isOthers = (
  { parts, peers }: EngineRoom,
  executionId: string,
  { worker, status }: RecordedExecution['state'],
  isGiven: boolean,
): boolean => {
  if (worker === parts.worker) return false
  const isHeld = worker !== undefined && peers.isAlive(worker)
  return isGiven ? isHeld && status === 'running' : isHeld || !peers.owns(executionId)
}

/** @returns how it stands when it is claimed; undefined when it has ended with that, or is to wait after all */
const claimed = async (
  room: EngineRoom,
  executionId: string,
  found: RecordedExecution,
  recorder: Recorder,
): Promise<RecordedExecution | undefined> => {
  const { parts } = room
  const claim = await claimOf(parts, found)
  for (const event of claim) recorder.record(event)
  await recorder.flush()
  if (hasEnded(recorder.state.status)) return leaveAlone(room, executionId)
  // Someone may have resumed it while it was claimed.
  const isAsFound = recorder.head.revision === found.head.revision + claim.length && recorder.state.incidents === found.state.incidents
  if (isAsFound) return found
  const recorded = await readExecution(parts.journal, executionId)
  if (restsUntil(recorded.state) <= parts.clock.now()) return recorded
  rest(room, executionId, recorded.state)
  return leaveAlone(room, executionId, { kind: 'paused' })
}

/** What it began with, which is recorded now when it was only asked for. */
const startOf = async (
  { parts }: EngineRoom,
  requested: ExecutionRequested['data'],
  recovered: RecordedExecution,
  recorder: Recorder,
): Promise<RunStart> => {
  const { context, state } = recovered
  const graph = graphOf(await parts.contentAt(requested.workflowId, requested.workflowRevision))
  const startNode = (): string => startNodeOf(graph, requested.trigger, requested.triggerNodeId, parts).nodeId
  const started = state.started ?? startedOf(parts, graph, startNode(), requested.executionId)
  if (!state.started) recorder.record({ type: 'ExecutionStarted', data: started })
  return { context, graph, recorder, requested, started, recovered }
}
