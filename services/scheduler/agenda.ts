import type { Clock, Timer } from '@weconnect/executions/parts'

/** Milliseconds: a clock that is set forward, or a machine that slept, is noticed after this at the latest. */
const longestWaitMs = 10_000

/** A reason of our own spares the making of an exception, with its stack, that nobody looks at. */
const rearmed = 'rearmed'

interface Entry {
  readonly key: string
  readonly at: number
}

/** Calls for what is due. Entries are kept as a heap; one that was moved or dropped stays in it until its time and is passed over. */
export class Agenda {
  readonly #clock: Clock
  readonly #timer: Timer
  readonly #call: (key: string) => void
  readonly #heap: Entry[] = []
  readonly #at = new Map<string, number>()
  #sleep: AbortController | undefined
  #wakesAt = Number.POSITIVE_INFINITY
  #closed = false

  constructor(clock: Clock, timer: Timer, call: (key: string) => void) {
    this.#clock = clock
    this.#timer = timer
    this.#call = call
  }

  /** @param at milliseconds since the epoch */
  set(key: string, at: number): void {
    if (this.#at.get(key) === at) return
    this.#at.set(key, at)
    this.#push({ key, at })
    if (at < this.#wakesAt) this.#arm()
  }

  delete(key: string): void {
    this.#at.delete(key)
  }

  close(): void {
    this.#closed = true
    this.#sleep?.abort(rearmed)
  }

  #arm(): void {
    this.#sleep?.abort(rearmed)
    const next = this.#heap[0]
    if (this.#closed || !next) {
      this.#wakesAt = Number.POSITIVE_INFINITY
      return
    }
    const sleep = new AbortController()
    this.#sleep = sleep
    this.#wakesAt = next.at
    const waitMs = Math.min(longestWaitMs, Math.max(0, next.at - this.#clock.now()))
    void this.#timer.wait(waitMs, sleep.signal).then(() => {
      if (!sleep.signal.aborted) this.#callDue()
    })
  }

  #callDue(): void {
    this.#sleep = undefined
    const now = this.#clock.now()
    for (let next = this.#heap[0]; next && next.at <= now; next = this.#heap[0]) {
      this.#pop()
      if (this.#at.get(next.key) !== next.at) continue
      this.#at.delete(next.key)
      this.#call(next.key)
    }
    this.#arm()
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let index = heap.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (heap[parent]!.at <= entry.at) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child += 1
      if (heap[child]!.at >= last.at) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
  }
}
