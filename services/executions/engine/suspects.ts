import type { Clock } from '../parts.ts'
import type { Timers } from '../waits/timers.ts'

/** Milliseconds that an engine must have lived before it goes on with a suspect: one that is killed again and again blames nobody. */
const settledAfterMs = 2_000

export interface SuspectsOptions {
  readonly clock: Clock
  readonly timers: Pick<Timers, 'set'>
  /** Goes on with an execution. Never rejects. */
  readonly takeUp: (executionId: string) => Promise<unknown>
}

/**
 * Executions that were under way when one engine after the other died. One at a time is gone on with, until something of it is done: when the engine dies
 * again, the others were not at it, so that it is not counted against them.
 */
export class Suspects {
  readonly #options: SuspectsOptions
  readonly #settledAt: number
  readonly #waiting = new Set<string>()
  /** Those that this engine was to go on with, and put off. */
  readonly #putOff = new Set<string>()
  #underWay: string | undefined

  constructor(options: SuspectsOptions) {
    this.#options = options
    this.#settledAt = options.clock.now() + settledAfterMs
  }

  /** @returns whether it may be gone on with; if not, it is taken up again in its turn */
  enter(executionId: string): boolean {
    const may = this.#mayGo(executionId)
    if (may) this.#putOff.delete(executionId)
    else this.#putOff.add(executionId)
    return may
  }

  #mayGo(executionId: string): boolean {
    if (this.#options.clock.now() < this.#settledAt) {
      this.#options.timers.set(executionId, this.#settledAt)
      return false
    }
    this.#underWay ??= executionId
    if (this.#underWay !== executionId) this.#waiting.add(executionId)
    return this.#underWay === executionId
  }

  /** Whether it was given to this engine, which put it off: its job is done, so that nobody gives it again. */
  hasPutOff(executionId: string): boolean {
    return this.#putOff.has(executionId)
  }

  /** Something of it was done, or it is not run here any more: the next one may go. */
  leave(executionId: string): void {
    if (this.#underWay !== executionId) return
    const [next] = this.#waiting
    this.#underWay = next
    if (next === undefined) return
    this.#waiting.delete(next)
    void this.#options.takeUp(next).finally(() => this.leave(next))
  }
}
