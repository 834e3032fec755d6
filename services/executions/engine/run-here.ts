import { restsUntil } from '../decider/rest.ts'
import type { RunEnd } from '../decider/run-end.ts'
import type { Execution } from '../decider/state.ts'
import { type RunStart, runnerOf } from '../run/run-start.ts'
import type { Runner } from '../run/runner.ts'
import type { RunTimes } from '../run/under-way.ts'
import { executionStream } from '../stream/recorded.ts'
import { Recorder, type Recording } from '../stream/recorder.ts'
import { deadlineOf } from '../waits/deadline.ts'
import { handOver } from './hand-over.ts'
import type { EngineRoom } from './room.ts'
import type { RunHere } from './runs-here.ts'

/** Milliseconds until an execution whose append failed (a full disk) is tried again. */
const retryAfterMs = 1000

/** A recorder whose run hears what others say. */
export const recorderOf = ({ parts, here }: EngineRoom, executionId: string, from: Omit<Recording, 'stream'>): Recorder => {
  const heard = (state: Execution): void => here.get(executionId)?.runner.notice(state)
  return new Recorder(parts.journal, parts.clock, { stream: executionStream(executionId), ...from }, heard)
}

/** Runs to the end, to a pause, or until it is taken away; keeps the books of what is running. */
export const runHere = async (room: EngineRoom, start: RunStart): Promise<RunEnd> => {
  const { recorder, recovered, requested } = start
  const { executionId } = requested
  const times = timesOf(recovered?.state, room.parts.clock.now())
  const deadline = deadlineOf(start, times.begunAtMs)
  const { runner, ended } = begin(room, start, times, deadline)
  const settled = deadline === undefined ? undefined : limitTime(room, runner, deadline)
  try {
    const end = await ended
    leave(room, start, end)
    return end
  } catch (error) {
    room.here.leave(executionId)
    if (!recovered && recorder.head.revision >= 0) retryLater(room, executionId, error)
    throw error
  } finally {
    settled?.abort()
  }
}

const timesOf = ({ requestedAt, startedAt }: Pick<Execution, 'requestedAt' | 'startedAt'> = {}, nowMs: number): RunTimes => ({
  requestedAtMs: requestedAt ? Date.parse(requestedAt) : nowMs,
  begunAtMs: startedAt ? Date.parse(startedAt) : nowMs,
})

const begin = ({ parts, here, closing }: EngineRoom, start: RunStart, times: RunTimes, deadline: number | undefined): RunHere => {
  const { recorder, recovered, requested } = start
  const runner = runnerOf(parts, start, times)
  if (deadline !== undefined && deadline <= parts.clock.now() && !recorder.state.cancellationRequested) runner.stop('timeout')
  const isTold = here.wasTold(requested.executionId)
  const run = { runner, ended: isTold || recovered ? resumed(runner, start, isTold) : runner.run() }
  here.begin(requested.executionId, run)
  if (closing.aborted) runner.stop('shutdown')
  return run
}

/** What was said before the run could hear it, is read first. */
const resumed = async (runner: Runner, { recorder, recovered }: RunStart, isTold: boolean): Promise<RunEnd> => {
  if (recovered) await runner.resume(recovered)
  else await recorder.flush()
  if (isTold) await runner.refresh()
  return runner.run()
}

const limitTime = ({ parts: { clock, timer } }: EngineRoom, runner: Runner, deadline: number): AbortController => {
  const settled = new AbortController()
  void timer.limit(Math.max(0, deadline - clock.now()), settled.signal).then(() => {
    if (!settled.signal.aborted) runner.stop('timeout')
  })
  return settled
}

const leave = (room: EngineRoom, { requested: { executionId, flow }, recorder }: RunStart, end: RunEnd): void => {
  const { here, gate } = room
  here.leave(executionId)
  here.ran(executionId)
  if (end.kind === 'paused') rest(room, executionId, recorder.state)
  else here.wasTold(executionId)
  if (flow !== undefined) gate.left(executionId)
}

/** Left alone until it is due; what was said while its run ended may have made it so. */
export const rest = (room: EngineRoom, executionId: string, state: Execution): void => {
  const until = restsUntil(state)
  if (until <= room.parts.clock.now() || room.here.wasTold(executionId)) void room.takeUp(executionId)
  else if (!Number.isFinite(until)) return
  else if (state.requested?.flow !== undefined) room.timers.set(executionId, until)
  else handOver(room, { executionId, kind: state.pausedFor === 'retry' ? 'retry' : 'goOn', dueAt: until })
}

export const retryLater = ({ parts, timers, closing, onError }: EngineRoom, executionId: string, error: unknown): void => {
  onError(error, executionId)
  if (!closing.aborted) timers.set(executionId, parts.clock.now() + retryAfterMs)
}
