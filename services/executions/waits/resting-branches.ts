export type RestEnd = 'due' | 'woken' | 'putDown'

/** Branches of a parallel run that wait while others go on. */
export class RestingBranches {
  readonly #ends = new Map<number, (end: RestEnd) => void>()
  #began = Promise.withResolvers<void>()

  get size(): number {
    return this.#ends.size
  }

  /** Resolves when a further branch begins to wait. */
  get began(): Promise<void> {
    return this.#began.promise
  }

  /** @param due resolves when its time has come */
  async rest(step: number, due: Promise<void>): Promise<RestEnd> {
    const { promise, resolve } = Promise.withResolvers<RestEnd>()
    this.#ends.set(step, resolve)
    this.#began.resolve()
    this.#began = Promise.withResolvers()
    try {
      return await Promise.race([promise, due.then((): RestEnd => 'due')])
    } finally {
      this.#ends.delete(step)
    }
  }

  wake(step: number): void {
    this.#ends.get(step)?.('woken')
  }

  /** Nothing else goes on: all of them wait outside of the run. */
  putDown(): void {
    for (const end of this.#ends.values()) end('putDown')
    this.#ends.clear()
  }
}
