import type { Clock, Timer } from '@weconnect/executions/parts'

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** A clock that stands still until it is told to go on, and timers that go by it. */
export interface SimulatedTime {
  readonly clock: Clock
  readonly timer: Timer
  /** Sets the clock, also back, and wakes nobody who waits for later. */
  jumpTo(at: number): void
  /** Goes on to `until`, stopping wherever somebody wakes; `settled` waits until what was woken has done its work. */
  runTo(until: number, settled: () => Promise<void>): Promise<void>
}

/** @param start milliseconds since the epoch */
export const simulatedTime = (start: number): SimulatedTime => {
  let now = start
  let slept = 0
  const sleepers = new Set<Sleeper>()

  const wait = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const sleeper: Sleeper = {
        at: slept + ms,
        wake: () => {
          sleepers.delete(sleeper)
          signal.removeEventListener('abort', sleeper.wake)
          resolve()
        },
      }
      sleepers.add(sleeper)
      signal.addEventListener('abort', sleeper.wake, { once: true })
    })
  const wakeUpTo = (limit: number): void => {
    for (const sleeper of [...sleepers]) if (sleeper.at <= limit) sleeper.wake()
  }

  return {
    clock: { now: () => now, monotonicMs: () => slept },
    timer: { wait, limit: wait },
    // As on a real machine, timers count the time that passes and know nothing of the clock.
    jumpTo: (at) => {
      now = at
    },
    runTo: async (until, settled) => {
      await settled()
      for (;;) {
        const next = Math.min(...[...sleepers].map(({ at }) => at))
        const stepMs = Math.min(next - slept, until - now)
        slept += stepMs
        now += stepMs
        wakeUpTo(slept)
        // What was woken goes on in a later turn.
        await new Promise((resolve) => setImmediate(resolve))
        await settled()
        if (now >= until && ![...sleepers].some(({ at }) => at <= slept)) return
      }
    },
  }
}
