import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Request } from './http-socket.ts'

export interface Load extends Request {
  readonly connections: number
  /** Before the measurement starts. */
  readonly warmUpSeconds: number
  readonly seconds: number
}

export interface LoadResult {
  /** Answered with 2xx within the measured time. */
  readonly requests: number
  /** Other answers, and connections that broke. */
  readonly failures: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** @throws Error when more than one request in a hundred failed: the figures would say nothing */
export const runLoad = async (load: Load): Promise<LoadResult> => {
  const result = await inOwnProcess(load)
  if (result.failures > result.requests / 100)
    throw new Error(`${result.failures} requests to ${load.path} failed, ${result.requests} succeeded`)
  return result
}

const inOwnProcess = (load: Load): Promise<LoadResult> =>
  new Promise((resolve, reject) => {
    const generator = fork(fileURLToPath(new URL('load-generator.ts', import.meta.url)))
    generator.once('message', (answer: { result?: LoadResult; error?: string }) =>
      answer.result === undefined ? reject(new Error(answer.error)) : resolve(answer.result),
    )
    generator.once('error', reject)
    generator.once('exit', (code) => reject(new Error(`the load generator ended with ${code}`)))
    generator.send(load)
  })
