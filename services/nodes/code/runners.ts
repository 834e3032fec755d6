import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'
import type { CodeRequest, CodeResult } from '../sdk/node.ts'
import { answerQuery, answersFor, type CodeScope } from './answers.ts'
import { openCpuUse } from './cpu-use.ts'
import { answerHelper, type CodeHelpers, isHelperQuery } from './helpers.ts'
import { type CodeTraces, readOutcome, resultOf } from './outcome.ts'
import { residentMemory } from './resident-memory.ts'
import type { Outcome, Query, StepData } from './runner/step.ts'
import { openRunnerPool } from './runner-pool.ts'
import { type RunnerProcess, type StepEnd, startRunnerProcess } from './runner-process.ts'
import { parseUntrusted } from './untrusted-json.ts'

export type { CodeHelpers } from './helpers.ts'
export type { CodeTraces } from './outcome.ts'

export interface CodeRun extends CodeRequest {
  /** Whose code it is. */
  readonly organisationId: string
  /** What the code can see. One number of its `random` seeds the code's Math.random. */
  readonly scope: CodeScope
  readonly staticData?: { readonly global: JsonObject; readonly node: JsonObject }
  /** Milliseconds from the start of the code; 30,000 unless given. */
  readonly deadlineMs?: number
  readonly signal?: AbortSignal
  /** What `this.helpers` may do; nothing that needs the outside unless given. */
  readonly helpers?: CodeHelpers
  /** When `scope.run` throws because data is not in memory: loads it and answers true, and the question is put again. */
  readonly whenMissing?: (thrown: unknown) => Promise<boolean>
  /** Is given what the code logged and set, before the result; also when the code failed. */
  readonly leaves?: (traces: CodeTraces) => void
}

export interface CodeRunners {
  /** @throws WeConnectError CODE_FAILED with the user's message and line; CODE_LIMIT over time or memory; the signal's reason when aborted */
  run(run: CodeRun): Promise<CodeResult>
  /** Ends all runners; steps under way fail. */
  close(): void
}

export interface CodeRunnerOptions {
  /** Calls once after a time in milliseconds; the answer cancels it. */
  readonly after: (milliseconds: number, call: () => void) => () => void
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** CPU time of the code of one organisation; no limit unless given. */
  readonly cpuSecondsPerMinute?: number | undefined
  /** Processes at most; the number of cores unless given. */
  readonly size?: number
  /** Heap of one step, MiB; 128 unless given. */
  readonly isolateMb?: number
  /** Resident memory of one process, MiB; 256 unless given. */
  readonly processMb?: number
  /** Largest outcome in bytes; 64 MiB unless given. */
  readonly largestOutcome?: number
}

const noFiles = async (): Promise<never> => {
  throw new WeConnectError('PAYLOAD_UNREADABLE', 'No files are kept here')
}
const noHelpers: CodeHelpers = { bytesOf: noFiles, keep: noFiles }

const memoryCheckMs = process.platform === 'linux' ? 20 : 250

const seedWords = (seed: number): readonly number[] => {
  const hash = createHash('sha256').update(String(seed)).digest()
  return [0, 4, 8, 12].map((offset) => hash.readUInt32BE(offset))
}

const stepData = ({ mode, onItemError = 'stop', code, scope, staticData }: CodeRun, seed: number): StepData => ({
  mode,
  onItemError,
  items: scope.items,
  now: Date.parse(scope.now),
  timezone: scope.timezone,
  seed: seedWords(seed),
  runIndex: scope.runIndex,
  node: scope.node,
  ...(scope.previous === undefined ? {} : { previous: scope.previous }),
  workflow: scope.workflow,
  execution: scope.execution,
  variables: scope.variables,
  staticData: staticData ?? { global: {}, node: {} },
  answers: answersFor(scope, code),
})

/** Asks the scope, loading what is not in memory as often as needed. */
const withLoading = async <Value>(run: CodeRun, ask: () => Value): Promise<Value> => {
  for (;;) {
    try {
      return ask()
    } catch (thrown) {
      if (!(await run.whenMissing?.(thrown))) throw thrown
    }
  }
}

/** Ends the process when the step takes too much; the answer says why it did, if it did. */
const guard = (
  runner: RunnerProcess,
  { deadlineMs = 30_000, signal }: CodeRun,
  { after, processMb = 256 }: CodeRunnerOptions,
): { readonly reason: () => unknown; readonly stop: () => void } => {
  let reason: unknown
  let stopped = false
  let cancelCheck = (): void => undefined
  const end = (why: unknown): void => {
    if (stopped) return
    reason ??= why
    runner.kill()
  }
  const check = async (): Promise<void> => {
    const used = await residentMemory(runner.pid)
    if (used !== undefined && used > processMb) end(new WeConnectError('CODE_LIMIT', `The code used more than ${processMb} MB of memory`))
    if (!stopped) cancelCheck = after(memoryCheckMs, () => void check())
  }
  const abort = (): void => end(signal?.reason)
  const cancelDeadline = after(deadlineMs, () => end(new WeConnectError('CODE_LIMIT', `The code ran longer than ${deadlineMs} ms`)))
  cancelCheck = after(memoryCheckMs, () => void check())
  signal?.addEventListener('abort', abort, { once: true })
  return {
    reason: () => reason,
    stop: () => {
      stopped = true
      cancelDeadline()
      cancelCheck()
      signal?.removeEventListener('abort', abort)
    },
  }
}

const outcomeOf = (end: StepEnd, isolateMb: number): Outcome => {
  switch (end.kind) {
    case 'done':
      return readOutcome(end.outcome)
    case 'outOfMemory':
      throw new WeConnectError('CODE_LIMIT', `The code used more than ${isolateMb} MB of memory`)
    case 'tooLarge':
      throw new WeConnectError('CODE_LIMIT', 'The code returned more data than a step may return')
    case 'exited':
      throw new WeConnectError('CODE_LIMIT', `The code ended its process (${end.signal}), most often for lack of memory`)
  }
}

/** Users' JavaScript in processes of its own, started when first needed and kept warm. */
export const openCodeRunners = (options: CodeRunnerOptions): CodeRunners => {
  const { after, now, size = availableParallelism(), isolateMb = 128, largestOutcome = 64 * 1024 * 1024 } = options
  const pool = openRunnerPool({
    start: () => startRunnerProcess({ isolateMb, largestFrame: largestOutcome }),
    use: openCpuUse(now, options.cpuSecondsPerMinute),
    ...{ size, after },
  })

  const runOn = async (runner: RunnerProcess, run: CodeRun, spent: (cpuMs: number) => void): Promise<CodeResult> => {
    const seed = run.scope.random()
    const data = JSON.stringify(await withLoading(run, () => stepData(run, seed)))
    await runner.ready
    run.signal?.throwIfAborted()
    const begun = now()
    const watch = guard(runner, run, options)
    try {
      const answer = async (text: string): Promise<string> => {
        const query = parseUntrusted(text)
        if (isHelperQuery(query)) return JSON.stringify(await answerHelper(run.helpers ?? noHelpers, query))
        return withLoading(run, () => JSON.stringify(answerQuery(run.scope, query as unknown as Query)))
      }
      const end = await runner.step(run.code, data, answer)
      // A process that was ended cannot say what it used.
      spent(end.kind === 'done' ? end.cpuMs : now() - begun)
      if (watch.reason() !== undefined) throw watch.reason()
      const outcome = outcomeOf(end, isolateMb)
      run.leaves?.({ logs: outcome.logs, customData: outcome.customData, staticData: outcome.staticData })
      return resultOf(outcome)
    } finally {
      watch.stop()
    }
  }

  return {
    run: async (run) => {
      run.signal?.throwIfAborted()
      const runner = await pool.take(run.organisationId, run.signal)
      let cpuMs = 0
      try {
        return await runOn(runner, run, (spent) => {
          cpuMs = spent
        })
      } finally {
        pool.giveBack(runner, run.organisationId, cpuMs)
      }
    },
    close: pool.close,
  }
}
