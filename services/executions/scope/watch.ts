/** Steps that one append holds at most: so many a crash may have kept from being written. */
const longestBatch = 500

/**
 * A run that goes on after a crash, until it is past the place where it was: each of its steps is marked before it begins, and written when it has ended, so
 * that the log knows at which one it was when it crashes again. One step at a time begins.
 */
export class Watch {
  readonly #onProgress: () => void
  #left = longestBatch

  /** @param onProgress called when a step is done, and that is durable */
  constructor(onProgress: () => void) {
    this.#onProgress = onProgress
  }

  get isOn(): boolean {
    return this.#left > 0
  }

  done(): void {
    this.#left -= 1
    this.#onProgress()
  }
}
