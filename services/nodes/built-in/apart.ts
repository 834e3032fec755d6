import { fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WeConnectError } from '@weconnect/contracts/errors'
import { residentMemory } from '../code/resident-memory.ts'

export interface ApartLimits {
  /** Milliseconds until it is given up; 10,000 unless given. */
  readonly milliseconds?: number
  /** Resident memory, MiB; 512 unless given. */
  readonly megabytes?: number
}

/** What a script that runs apart sends. */
export type ApartAnswer<Answer> = { readonly answer: Answer } | { readonly problem: string }

const require = createRequire(import.meta.url)

/** A script reads itself and the packages: no other file, and no writes, network, processes or threads. */
const flagsFor = (script: string): readonly string[] => [
  '--permission',
  ...[dirname(script), import.meta.dirname, join(import.meta.dirname, '..', 'package.json'), ...(require.resolve.paths('x') ?? [])].map(
    (path) => `--allow-fs-read=${path}`,
  ),
  '--disable-warning=PERM0001',
]

/** Milliseconds between two looks at the memory. */
const lookEvery = 50

/**
 * Runs a script on data of strangers in a process of its own, which may do nothing but compute: what takes too long or too much memory costs the
 * step alone. The script gets its input as its first message, and sends one ApartAnswer.
 * @param what for messages, such as `Reading the PDF`
 * @throws WeConnectError NODE_FAILED with the problem, or when time or memory is used up; the signal's reason when it aborts
 */
export const runApart = async <Answer>(
  what: string,
  script: URL,
  input: unknown,
  signal: AbortSignal,
  { milliseconds = 10_000, megabytes = 512 }: ApartLimits = {},
): Promise<Answer> => {
  signal.throwIfAborted()
  const path = fileURLToPath(script)
  const child = fork(path, {
    execArgv: [...flagsFor(path), `--max-old-space-size=${megabytes}`],
    env: {},
    cwd: '/',
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const ended = new AbortController()
  const result = Promise.withResolvers<Answer>()
  const fail = (message: string): void => result.reject(new WeConnectError('NODE_FAILED', message))
  const late = AbortSignal.timeout(milliseconds)
  late.addEventListener('abort', () => fail(`${what} took longer than ${milliseconds} ms and was given up`), { signal: ended.signal })
  signal.addEventListener('abort', () => result.reject(signal.reason), { signal: ended.signal })
  child.once('message', (said: ApartAnswer<Answer>) => ('problem' in said ? fail(said.problem) : result.resolve(said.answer)))
  child.once('error', () => fail(`${what} could not be begun`))
  child.once('exit', (_code, killedBy) =>
    fail(killedBy === 'SIGABRT' ? `${what} took more than ${megabytes} MB of memory` : `${what} ended without an answer`),
  )
  child.send(input as object, () => undefined)
  void watchMemory(child.pid, megabytes, ended.signal, () => fail(`${what} took more than ${megabytes} MB of memory and was given up`))
  try {
    return await result.promise
  } finally {
    ended.abort()
    child.kill('SIGKILL')
  }
}

/** A heap limit does not count buffers. */
const watchMemory = async (pid: number | undefined, megabytes: number, signal: AbortSignal, tooMuch: () => void): Promise<void> => {
  while (pid !== undefined && !signal.aborted) {
    if (((await residentMemory(pid)) ?? 0) > megabytes) return tooMuch()
    await new Promise((resolve) => AbortSignal.timeout(lookEvery).addEventListener('abort', resolve))
  }
}
