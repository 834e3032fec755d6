import type { Clock, Timer } from '@weconnect/executions/parts'
import type { Chance } from './chance.ts'

/** What one process sees of time. After `kill` none of its timers ever ends. */
export interface ProcessTime {
  readonly clock: Clock
  readonly timer: Timer
  kill(): void
}

/** Time of a simulated world: it stands still while anybody has something to do, and then goes to the next thing that is due. */
export interface WorldClock {
  /** Milliseconds since the epoch. */
  now(): number
  sleep(ms: number): Promise<void>
  process(): ProcessTime
  /** Puts the wall clocks of all processes off by so much; timers count on. */
  putOff(ms: number): void
  /** Whether nobody has put them off. */
  isTrue(): boolean
  /** Goes on until it is over, or nobody waits for anything, or the time has come. */
  run(isOver: () => boolean, until: number): Promise<void>
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

const start = Date.UTC(2026, 0, 1)

/** @param chance decides who comes first of those that are due at the same time */
export const worldClock = (chance: Chance): WorldClock => {
  let now = start
  let off = 0
  const sleepers = new Set<Sleeper>()

  const waiting = (ms: number, isDead: () => boolean, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (isDead()) return
      if (signal?.aborted) return resolve()
      const end = (): void => {
        sleepers.delete(sleeper)
        signal?.removeEventListener('abort', end)
        if (!isDead()) resolve()
      }
      const sleeper: Sleeper = { at: now + Math.max(0, ms), wake: end }
      sleepers.add(sleeper)
      signal?.addEventListener('abort', end, { once: true })
    })

  const next = (): Sleeper | undefined => {
    const at = Math.min(...[...sleepers].map((sleeper) => sleeper.at))
    const due = [...sleepers].filter((sleeper) => sleeper.at === at)
    return due.length === 0 ? undefined : chance.pick(due)
  }

  return {
    now: () => now,
    sleep: (ms) => waiting(ms, () => false),
    process: () => {
      let dead = false
      const wait = (ms: number, signal: AbortSignal): Promise<void> => waiting(ms, () => dead, signal)
      return {
        clock: { now: () => now + off, monotonicMs: () => now - start },
        timer: { wait, limit: wait },
        kill: () => {
          dead = true
        },
      }
    },
    putOff: (ms) => {
      off = ms
    },
    isTrue: () => off === 0,
    run: async (isOver, until) => {
      for (;;) {
        // Everything that was woken goes on until it waits for time again: nothing here waits for anything else.
        await new Promise((resolve) => setImmediate(resolve))
        if (isOver()) return
        const sleeper = next()
        if (sleeper === undefined || sleeper.at > until) return
        now = Math.max(now, sleeper.at)
        sleeper.wake()
      }
    },
  }
}
