import { errorCodes, isWeConnectError, publicError, WeConnectError } from '@weconnect/contracts/errors'
import type { RunEnd } from '../decider/run-end.ts'
import type { Work } from '../dispatch/dispatch.ts'
import { failUnrunnable } from '../stream/unrunnable.ts'
import { goOn, type Taking } from './go-on.ts'
import { letGo } from './let-go.ts'
import type { EngineRoom, TakeUpOptions } from './room.ts'
import { retryLater } from './run-here.ts'

/** Times that an execution is taken up again after an error that nobody foresaw, before it fails. */
const unknownErrorTries = 5

/** Goes on with an execution when there is a place for it. @returns undefined when it is not to be gone on with here */
export const takeUp = (room: EngineRoom, executionId: string, options: TakeUpOptions = {}): Promise<RunEnd | undefined> => {
  const { here, closing, queue, parked } = room
  if (here.has(executionId) || closing.aborted) return Promise.resolve(undefined)
  here.enter(executionId)
  const { promise, resolve } = Promise.withResolvers<RunEnd | undefined>()
  const { priority, job, isLeftBehind, onAnswer = parked.answerOf(executionId) } = options
  queue.add(() => inItsTurn(room, executionId, { onAnswer, job, isLeftBehind }, resolve), { id: executionId, priority })
  return promise
}

/** @param resolve told before what comes after its end, so that whoever waits is not kept */
const inItsTurn = async (
  room: EngineRoom,
  executionId: string,
  taking: Taking,
  resolve: (end: RunEnd | undefined) => void,
): Promise<void> => {
  const { here, parked } = room
  const { job } = taking
  try {
    const end = await goOn(room, executionId, taking)
    if (end) parked.tell(executionId, end)
    resolve(end)
    // Said when it had been looked at already.
    if (!here.has(executionId) && here.wasTold(executionId)) void takeUp(room, executionId)
  } catch (error) {
    letGo(room, executionId)
    const told = notTakenUp(room, executionId, error, (cause) => (job ? job.later(cause) : retryLater(room, executionId, cause)))
    resolve(undefined)
    await told
  }
}

/** Another has it; or the store fails and it is tried again; or it can never go on (its version cannot be read), so it ends here. */
const notTakenUp = async (room: EngineRoom, executionId: string, error: unknown, later: (error: unknown) => void): Promise<void> => {
  if (isWeConnectError(error, 'REVISION_CONFLICT') || isWeConnectError(error, 'LEASE_LOST')) return
  const { code, message } = publicError(error)
  const mayPass = errorCodes[code].retryable || (code === 'INTERNAL' && room.here.failed(executionId) < unknownErrorTries)
  if (mayPass) return later(error)
  room.onError(error, executionId)
  await failUnrunnable(room.parts, executionId, { code, message })
  room.parked.tell(executionId, { kind: 'failed', code, error: { code, message } })
}

/**
 * Does the work of a job, as far as there is any.
 * @param handedBack resolves when the engine gives back what waits for a place
 * @throws what is wrong when it could not be taken up for a reason that may pass; WeConnectError UNAVAILABLE when it is let go of: it may be tried again,
 * here or by another engine
 */
export const doJob = async (
  room: EngineRoom,
  { executionId, priority, isLeftBehind }: Work,
  handedBack: Promise<undefined>,
): Promise<void> => {
  // It may pause this moment: what it is taken up for is seen only by a new start.
  await room.here.get(executionId)?.ended.catch(() => undefined)
  let failure: unknown
  const later = (error: unknown): void => {
    failure = error
  }
  const end = await Promise.race([takeUp(room, executionId, { priority, isLeftBehind, job: { later } }), handedBack])
  if (failure !== undefined) throw failure
  if (room.closing.aborted && (end === undefined || end.kind === 'stopped'))
    throw new WeConnectError('UNAVAILABLE', 'The engine is stopping')
}
