/** Executions that nobody waits for, a bounded number at a time: lower priority numbers first, within one the oldest first. */
export class RunQueue {
  readonly #limit: number
  readonly #waiting: (() => Promise<void>)[][] = [[], [], [], [], []]
  #running = 0

  /** @param limit runs at the same time, at least 1 */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** @param priority 1 (first) to 5 */
  add(run: () => Promise<void>, priority = 3): void {
    this.#waiting[Math.min(5, Math.max(1, priority)) - 1]?.push(run)
    this.#fill()
  }

  get size(): number {
    return this.#waiting.reduce((sum, list) => sum + list.length, 0)
  }
  get running(): number {
    return this.#running
  }

  /** Drops what has not begun. */
  clear(): void {
    for (const list of this.#waiting) list.length = 0
  }

  #fill(): void {
    while (this.#running < this.#limit) {
      const next = this.#waiting.find((list) => list.length > 0)?.shift()
      if (!next) return
      this.#running += 1
      const ended = next().catch(() => undefined)
      void ended.then(() => {
        this.#running -= 1
        this.#fill()
      })
    }
  }
}
