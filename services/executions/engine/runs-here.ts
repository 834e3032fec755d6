import type { RunEnd } from '../decider/run-end.ts'
import type { Runner } from '../run/runner.ts'

/** A run under way. */
export interface RunHere {
  readonly runner: Runner
  readonly ended: Promise<RunEnd>
}

/** The books of one engine: what it has in hand, and what was said of that before its run could hear it. */
export class RunsHere {
  /** Undefined: it is being taken up, or waits for a place. */
  readonly #runs = new Map<string, RunHere | undefined>()
  readonly #told = new Set<string>()
  readonly #failures = new Map<string, number>()
  /** Executions whose wait is being ended here: who asked for it gets the run, not the follower of the log. */
  readonly resuming = new Set<string>()

  get size(): number {
    return this.#runs.size
  }

  /** Whether it runs here, or waits for a place. */
  has(executionId: string): boolean {
    return this.#runs.has(executionId)
  }

  get(executionId: string): RunHere | undefined {
    return this.#runs.get(executionId)
  }

  underWay(): readonly RunHere[] {
    return [...this.#runs.values()].filter((run) => run !== undefined)
  }

  enter(executionId: string): void {
    this.#runs.set(executionId, undefined)
  }

  begin(executionId: string, run: RunHere): void {
    this.#runs.set(executionId, run)
  }

  leave(executionId: string): void {
    this.#runs.delete(executionId)
  }

  /** Something was said of it that its run has not heard. */
  tell(executionId: string): void {
    this.#told.add(executionId)
  }

  /** Whether something was: asked once, and heard. */
  wasTold(executionId: string): boolean {
    return this.#told.delete(executionId)
  }

  /** How often it could not be taken up, this time included; cleared when it has run. */
  failed(executionId: string): number {
    const count = (this.#failures.get(executionId) ?? 0) + 1
    this.#failures.set(executionId, count)
    return count
  }

  ran(executionId: string): void {
    this.#failures.delete(executionId)
  }
}
