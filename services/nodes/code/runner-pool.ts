import { WeConnectError } from '@weconnect/contracts/errors'
import type { CpuUse } from './cpu-use.ts'
import type { RunnerProcess } from './runner-process.ts'

/** Processes that run users' code, and who waits for one. */
export interface RunnerPool {
  /**
   * A process for one step. Of those who wait, the organisation that used least lately comes first; one that has used up its budget waits.
   * @throws WeConnectError UNAVAILABLE when closed; the signal's reason
   */
  take(organisationId: string, signal?: AbortSignal): Promise<RunnerProcess>
  /** After the step. @param cpuMs that it used */
  giveBack(runner: RunnerProcess, organisationId: string, cpuMs: number): void
  close(): void
}

export interface RunnerPoolOptions {
  readonly start: () => RunnerProcess
  /** Processes at most. */
  readonly size: number
  readonly use: CpuUse
  readonly after: (milliseconds: number, call: () => void) => () => void
}

interface Waiting {
  readonly organisationId: string
  give(runner: RunnerProcess): void
  refuse(error: unknown): void
}

/** Then a new one: a process grows by a few MiB in a hundred steps. */
const stepsPerProcess = 1000

export const openRunnerPool = ({ start, size, use, after }: RunnerPoolOptions): RunnerPool => {
  const idle: RunnerProcess[] = []
  const all = new Set<RunnerProcess>()
  const waiting = new Set<Waiting>()
  let closed = false
  let cancelLook = (): void => undefined

  const started = (): RunnerProcess => {
    const runner = start()
    all.add(runner)
    return runner
  }
  const free = (): RunnerProcess | undefined => {
    for (let runner = idle.pop(); runner !== undefined; runner = idle.pop()) {
      if (runner.alive) return runner
      all.delete(runner)
    }
    return all.size < size ? started() : undefined
  }
  /** The first, where several have used the same. */
  const next = (): Waiting | undefined => {
    const able = [...waiting].filter(({ organisationId }) => use.restOf(organisationId) === 0)
    return able.reduce<Waiting | undefined>(
      (best, each) => (best !== undefined && use.lately(best.organisationId) <= use.lately(each.organisationId) ? best : each),
      undefined,
    )
  }
  const lookAgain = (): void => {
    cancelLook()
    if (closed || waiting.size === 0) return
    cancelLook = after(Math.min(...[...waiting].map(({ organisationId }) => use.restOf(organisationId))), serve)
  }
  const serve = (): void => {
    for (let first = next(); first !== undefined; first = next()) {
      const runner = free()
      if (runner === undefined) return
      waiting.delete(first)
      first.give(runner)
    }
    lookAgain()
  }

  const queue = (organisationId: string, signal: AbortSignal | undefined): Promise<RunnerProcess> => {
    const { promise, resolve, reject } = Promise.withResolvers<RunnerProcess>()
    const leave = (): void => {
      waiting.delete(entry)
      reject(signal?.reason)
    }
    const entry: Waiting = { organisationId, give: resolve, refuse: reject }
    waiting.add(entry)
    signal?.addEventListener('abort', leave, { once: true })
    serve()
    return promise.finally(() => signal?.removeEventListener('abort', leave))
  }

  return {
    take: async (organisationId, signal) => {
      if (closed) throw closedError()
      const runner = waiting.size === 0 && use.restOf(organisationId) === 0 ? free() : undefined
      return runner ?? queue(organisationId, signal)
    },
    giveBack: (runner, organisationId, cpuMs) => {
      use.add(organisationId, cpuMs)
      if (runner.steps >= stepsPerProcess) runner.kill()
      if (runner.alive) idle.push(runner)
      else all.delete(runner)
      if (waiting.size > 0) serve()
    },
    close: () => {
      closed = true
      cancelLook()
      for (const { refuse } of waiting) refuse(closedError())
      waiting.clear()
      for (const runner of all) runner.kill()
    },
  }
}

const closedError = (): WeConnectError => new WeConnectError('UNAVAILABLE', 'The code runners are closed')
