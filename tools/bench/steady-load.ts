import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Request } from './http-socket.ts'

/** Requests at a steady rate, whatever becomes of those before them. */
export interface SteadyLoad extends Request {
  readonly perSecond: number
  /** Open all the time; a request that finds none free waits, and its wait counts. */
  readonly connections: number
  readonly seconds: number
}

export interface SteadyResult {
  /** Answered with 2xx. */
  readonly requests: number
  readonly failures: number
  /** From when it was due until its whole answer. */
  readonly p50Ms: number
  readonly p99Ms: number
}

/** In a process of its own. @throws Error when it ends without a result */
export const runSteadyLoad = async (load: SteadyLoad): Promise<SteadyResult> => {
  const generator = fork(fileURLToPath(new URL('steady-generator.ts', import.meta.url)), [JSON.stringify(load)])
  const ended = once(generator, 'exit').then(([code]) => {
    throw new Error(`the load generator ended with ${code}`)
  })
  ended.catch(() => {})
  const [result] = await Promise.race([once(generator, 'message'), ended])
  return result as SteadyResult
}
