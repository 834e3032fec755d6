import type { Clock, Timer } from '../parts.ts'

/** Long waits are cut into hours, so that a clock that jumps is noticed. */
const longestSleepMs = 3_600_000

interface Alarm {
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** Wakes what is due, the earliest first. What it holds is a copy of the work rows: a restart fills it again. */
export class Timers {
  readonly #clock: Clock
  readonly #timer: Timer
  readonly #fire: (key: string) => void
  readonly #due = new Map<string, Alarm>()
  /** A binary heap, the earliest at its top; alarms that are no longer in `#due` are passed over. */
  #heap: Alarm[] = []
  #sleep: AbortController | undefined
  #sleepsUntil = Number.POSITIVE_INFINITY
  #closed = false

  constructor(clock: Clock, timer: Timer, fire: (key: string) => void) {
    this.#clock = clock
    this.#timer = timer
    this.#fire = fire
  }

  /** @param at milliseconds since the epoch */
  set(key: string, at: number): void {
    const alarm = { key, at }
    this.#due.set(key, alarm)
    push(this.#heap, alarm)
    if (at < this.#sleepsUntil || this.#sleepsUntil <= this.#clock.now()) this.#arm()
  }

  clear(key: string): void {
    this.#due.delete(key)
    // What was cleared long before it is due would pile up.
    if (this.#heap.length > 2 * this.#due.size + 1_000) this.#heap = [...this.#due.values()].sort((one, other) => one.at - other.at)
  }

  close(): void {
    this.#closed = true
    this.#sleep?.abort()
  }

  #arm(): void {
    this.#sleep?.abort()
    this.#sleepsUntil = Number.POSITIVE_INFINITY
    const next = this.#next()
    if (this.#closed || next === undefined) return
    const sleep = new AbortController()
    this.#sleep = sleep
    const now = this.#clock.now()
    const waitMs = Math.min(longestSleepMs, Math.max(0, next.at - now))
    this.#sleepsUntil = now + waitMs
    void this.#timer.wait(waitMs, sleep.signal).then(() => {
      if (!sleep.signal.aborted) this.#fireDue()
    })
  }

  /** The earliest that still counts. */
  #next(): Alarm | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#due.get(top.key) === top) return top
      pop(this.#heap)
    }
    return undefined
  }

  #fireDue(): void {
    const now = this.#clock.now()
    for (let next = this.#next(); next !== undefined && next.at <= now; next = this.#next()) {
      this.#due.delete(next.key)
      this.#fire(next.key)
    }
    this.#arm()
  }
}

const push = (heap: Alarm[], alarm: Alarm): void => {
  let place = heap.push(alarm) - 1
  while (place > 0) {
    const above = (place - 1) >> 1
    if (heap[above]!.at <= alarm.at) break
    heap[place] = heap[above]!
    place = above
  }
  heap[place] = alarm
}

/** Takes the top away. */
const pop = (heap: Alarm[]): void => {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let place = 0
  for (;;) {
    const left = 2 * place + 1
    if (left >= heap.length) break
    const below = left + 1 < heap.length && heap[left + 1]!.at < heap[left]!.at ? left + 1 : left
    if (heap[below]!.at >= last.at) break
    heap[place] = heap[below]!
    place = below
  }
  heap[place] = last
}
