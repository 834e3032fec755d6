import { Worker } from 'node:worker_threads'
import { WeConnectError } from '@weconnect/contracts/errors'

export interface ThreadLimits {
  /** Milliseconds until it is given up; 10,000 unless given. */
  readonly milliseconds?: number
  /** JavaScript heap, MiB; 256 unless given. */
  readonly megabytes?: number
}

/** What a thread answers. */
export type ThreadAnswer<Answer> = { readonly answer: Answer } | { readonly problem: string; readonly code?: 'ARCHIVE_TOO_LARGE' }

/**
 * Runs a script on data of strangers in a thread of its own, so that what takes too long or too much memory costs the step alone. The script
 * finds its input in `workerData` and posts one ThreadAnswer. Like withinTime a stopwatch and no sandbox.
 * @param what for messages, such as `Reading the PDF`
 * @throws WeConnectError NODE_FAILED with the problem, or when time or memory is used up; the signal's reason when it aborts
 */
export const inThread = <Answer>(
  what: string,
  script: URL,
  input: unknown,
  signal: AbortSignal,
  { milliseconds = 10_000, megabytes = 256 }: ThreadLimits = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const worker = new Worker(script, {
      workerData: input,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: megabytes },
    })
    const late = AbortSignal.timeout(milliseconds)
    const end = (): void => {
      late.removeEventListener('abort', giveUp)
      signal.removeEventListener('abort', abort)
      void worker.terminate()
    }
    const fail = (error: unknown): void => {
      end()
      reject(error)
    }
    const giveUp = (): void => fail(new WeConnectError('NODE_FAILED', `${what} took longer than ${milliseconds} ms and was given up`))
    const abort = (): void => fail(signal.reason)
    late.addEventListener('abort', giveUp)
    signal.addEventListener('abort', abort)
    worker.once('message', (said: ThreadAnswer<Answer>) => {
      if ('problem' in said) return fail(new WeConnectError(said.code ?? 'NODE_FAILED', said.problem))
      end()
      resolve(said.answer)
    })
    worker.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? new WeConnectError('NODE_FAILED', `${what} took more than ${megabytes} MB of memory and was given up`)
          : error,
      ),
    )
    worker.once('exit', () => fail(new WeConnectError('NODE_FAILED', `${what} ended without an answer`)))
  })
