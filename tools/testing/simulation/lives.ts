import type { Blobs } from '@weconnect/blobs/port'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { EventStore } from '@weconnect/eventstore/port'
import type { Keyring } from '@weconnect/secrets/port'
import type { Chance } from './chance.ts'
import type { MemoryLog } from './memory-log.ts'
import { type ProcessOptions, type SimulatedProcess, startProcess } from './process.ts'
import type { Provider } from './provider.ts'
import type { WorldClock } from './world-clock.ts'

/** What the world does to processes. */
export interface Weather {
  isStorm: boolean
  /** Share of the moments at which a process may die that it does. */
  readonly dying: number
  /** Share of the appends that are refused. */
  readonly failing: number
}

export interface LivesOptions {
  readonly chance: Chance
  readonly clock: WorldClock
  readonly log: MemoryLog
  readonly provider: Provider
  readonly keyring: Keyring
  readonly blobs: Blobs
  readonly weather: Weather
  /** Milliseconds from the death of a process to the start of the next, at least and at most; 10 and 3000 unless given. */
  readonly awayMs?: readonly [least: number, most: number]
  /** Executions at a time in a process; another number for each process when absent. */
  readonly concurrency?: number
  /** Whether operations on many executions are gone on with. */
  readonly isOperated?: boolean
}

/** Processes, one after the other: when one dies the next starts a while later. */
export interface Lives {
  /** Asks whatever process there is, again and again, until one has answered. */
  ask<Answer>(question: (process: SimulatedProcess) => Promise<Answer>): Promise<Answer>
  crashes(): number
  /** What went wrong in the background of all processes. */
  problems(): readonly unknown[]
}

/** A process that lives until it dies. */
interface Life extends SimulatedProcess {
  /** Resolves when it is dead. */
  readonly died: Promise<void>
}

/** One for each who waits: a promise that everybody shared would keep all that the dead had in hand. */
const never = (): Promise<never> => new Promise(() => {})

/** What the simulated disk and network say, of which everybody knows that it passes. */
export const isPassing = (error: unknown): boolean =>
  isWeConnectError(error) && ['STORAGE_FAILED', 'DISK_FULL', 'UNAVAILABLE', 'EGRESS_FAILED'].includes(error.code)

export const startLives = (options: LivesOptions): Lives => {
  const { chance, clock, awayMs = [10, 3_000] } = options
  const lives: Life[] = []
  const failures: unknown[] = []
  let crashes = 0
  let isReady = false
  let alive = Promise.withResolvers<Life>()

  const supervise = async (): Promise<never> => {
    for (;;) {
      const life = await live(options, () => {
        crashes += 1
        // Whoever waits for one that died before it was ready waits on.
        if (isReady) alive = Promise.withResolvers()
        isReady = false
      })
      if (life) {
        isReady = true
        lives.push(life)
        alive.resolve(life)
        await life.died
      }
      await clock.sleep(chance.between(...awayMs))
    }
  }
  supervise().catch((error: unknown) => failures.push(error))

  return {
    ask: async (question) => {
      for (;;) {
        const life = await alive.promise
        const answered = question(life).then((answer) => ({ answer }))
        const outcome = await Promise.race([answered, life.died]).catch((error: unknown) => ({ error }))
        if (outcome && 'answer' in outcome) return outcome.answer
        if (outcome && !isPassing(outcome.error)) throw outcome.error
        await clock.sleep(1_000)
      }
    },
    crashes: () => crashes,
    problems: () => [...failures, ...lives.flatMap(({ problems }) => problems)],
  }
}

/** Starts a process that may die before and after every append, and beside every call. @returns undefined when it died before it was ready */
const live = async (
  { chance, clock, log, provider, keyring, blobs, weather, concurrency, isOperated }: LivesOptions,
  dies: () => void,
): Promise<Life | undefined> => {
  const time = clock.process()
  const inner = log.open()
  const death = Promise.withResolvers<void>()
  let isDead = false
  const strike = async (): Promise<void> => {
    if (!isDead && weather.isStorm && chance.happens(weather.dying)) {
      isDead = true
      time.kill()
      void inner.close()
      dies()
      death.resolve()
    }
    if (isDead) await never()
  }
  const rest = (ms: number): Promise<void> => time.timer.wait(ms, new AbortController().signal)
  const append: EventStore['append'] = async (...appended) => {
    await rest(chance.between(0, 4))
    await strike()
    if (weather.isStorm && chance.happens(weather.failing))
      throw new WeConnectError(chance.pick(['STORAGE_FAILED', 'DISK_FULL', 'UNAVAILABLE']), 'refused by the simulation')
    const answer = await inner.append(...appended)
    await strike()
    await rest(chance.between(0, 2))
    return answer
  }
  const request: ProcessOptions['request'] = async (asked, signal) => {
    const answer = await Promise.race([provider.serve(asked, { strike, rest }, signal), cutOff(signal)])
    return isDead ? never() : answer
  }
  const store = { ...inner, append }
  const starting = startProcess({
    store,
    keyring,
    blobs,
    time,
    chance,
    request,
    isOperated,
    ...(concurrency !== undefined && { concurrency }),
  })
  const died = death.promise
  return Promise.race([starting.then((process) => ({ ...process, died })), died.then(() => undefined)])
}

const cutOff = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))
