import type { Context } from '@weconnect/contracts/envelope'
import type { Outputs } from '@weconnect/contracts/items'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import type { Execution } from '../requests/execution-handle.ts'
import { resumeExecution } from '../stream/resume-execution.ts'
import { refresh } from './hearing.ts'
import type { EngineRoom } from './room.ts'
import { takeUp } from './take-up.ts'

/**
 * Ends the wait of an execution that waits for a call, and goes on with it here.
 * @throws WeConnectError NOT_FOUND, INVALID_STATE when it waits for no call: `accepted` and `ended` reject
 */
export const resume = (
  room: EngineRoom,
  executionId: string,
  input: Outputs,
  context: Pick<Context, 'actor' | 'organisationId'>,
): Execution => {
  const { here, parts } = room
  const answer = Promise.withResolvers<NodeResponse | undefined>()
  here.resuming.add(executionId)
  const accepted = resumeExecution(parts.journal, executionId, input, context)
  // It may have paused this moment: what it was woken for is seen only by a new start.
  const paused = accepted.finally(() => {
    const running = here.get(executionId)
    if (running) void refresh(room, running.runner, executionId)
    return running?.ended.catch(() => undefined)
  })
  const taken = paused.finally(() => here.resuming.delete(executionId)).then(() => takeUp(room, executionId, { onAnswer: answer.resolve }))
  // Refused: when another process has resumed it, that was not followed meanwhile.
  taken.catch(() => takeUp(room, executionId))
  const ended = taken.then((end) => end ?? ({ kind: 'stopped' } as const))
  ended.then(() => answer.resolve(undefined), answer.reject)
  for (const promise of [answer.promise, accepted, ended]) promise.catch(() => undefined)
  return { accepted, answered: answer.promise, ended }
}
