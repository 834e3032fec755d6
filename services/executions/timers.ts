import type { Clock, Timer } from './parts.ts'

/** Wakes what is due. What it holds is a copy of the work rows: a restart fills it again. */
export class Timers {
  readonly #clock: Clock
  readonly #timer: Timer
  readonly #fire: (key: string) => void
  readonly #due = new Map<string, number>()
  #sleep: AbortController | undefined
  #closed = false

  constructor(clock: Clock, timer: Timer, fire: (key: string) => void) {
    this.#clock = clock
    this.#timer = timer
    this.#fire = fire
  }

  /** @param at milliseconds since the epoch */
  set(key: string, at: number): void {
    this.#due.set(key, at)
    this.#arm()
  }

  clear(key: string): void {
    this.#due.delete(key)
  }

  close(): void {
    this.#closed = true
    this.#sleep?.abort()
  }

  /** Long waits are cut into hours, so that a clock that jumps is noticed. */
  #arm(): void {
    this.#sleep?.abort()
    if (this.#closed || this.#due.size === 0) return
    const next = Math.min(...this.#due.values())
    const sleep = new AbortController()
    this.#sleep = sleep
    const waitMs = Math.min(3_600_000, Math.max(0, next - this.#clock.now()))
    void this.#timer.wait(waitMs, sleep.signal).then(() => {
      if (!sleep.signal.aborted) this.#fireDue()
    })
  }

  #fireDue(): void {
    const now = this.#clock.now()
    for (const [key, at] of this.#due) {
      if (at > now) continue
      this.#due.delete(key)
      this.#fire(key)
    }
    this.#arm()
  }
}
