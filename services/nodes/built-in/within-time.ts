import { type Context, createContext, Script } from 'node:vm'
import { WeConnectError } from '@weconnect/contracts/errors'

const call = new Script('work()')
let room: (Context & { work: (() => unknown) | undefined }) | undefined

/** The time was up. */
export class TimeUp extends WeConnectError {}

/**
 * Runs code of ours or of a library on data of strangers under a deadline, so that a file or a pattern made to take for ever costs a step and
 * not the process. This is a stopwatch, no sandbox: the code runs with all it has.
 * @param what for the message, such as `Reading the spreadsheet`
 * @param milliseconds at most this long; 5,000 unless given
 * @throws WeConnectError NODE_FAILED when the time is up; what `work` throws
 */
export const withinTime = <Result>(what: string, work: () => Result, milliseconds = 5_000): Result => {
  room ??= Object.assign(createContext({ work: undefined }), { work: undefined })
  room.work = work
  try {
    return call.runInContext(room, { timeout: milliseconds }) as Result
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    throw new TimeUp('NODE_FAILED', `${what} took longer than ${milliseconds} ms and was given up`)
  } finally {
    room.work = undefined
  }
}
