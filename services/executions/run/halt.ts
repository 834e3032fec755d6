import { WeConnectError } from '@weconnect/contracts/errors'
import type { Stop } from '../decider/run-end.ts'

/** Why a run begins nothing more, and which of its steps end first. */
export class Halt {
  readonly #steps = new AbortController()
  readonly #undoing = new AbortController()
  #reason: Stop | undefined
  #isShutDown = false
  #isAbandoned = false
  /** Steps under way that must not be cut off, since nobody would know what they did. */
  #delicate = 0
  /** Steps under way whose effect can be undone: a cancellation lets them end, and undoes it. */
  #undoable = 0

  get reason(): Stop | undefined {
    return this.#reason
  }

  /** Aborts what steps are doing. */
  get signal(): AbortSignal {
    return this.#steps.signal
  }

  /** Aborts what undoes them. */
  get undoingSignal(): AbortSignal {
    return this.#undoing.signal
  }

  /** This process lets go of the run, at once. */
  get isShutDown(): boolean {
    return this.#isShutDown
  }

  /** A step could not be recorded: the run is tried again later. */
  get isAbandoned(): boolean {
    return this.#isAbandoned
  }

  /** The run is another's to end. */
  get isLettingGo(): boolean {
    return this.#isShutDown || this.#reason === 'shutdown'
  }

  /** Ends the run at the next moment; a running step is aborted. */
  stop(reason: Stop): void {
    this.#reason ??= reason
    if (reason !== 'cancelled' || this.#undoable === 0) this.#steps.abort()
    if (reason !== 'shutdown') return
    this.#isShutDown = true
    this.#undoing.abort()
  }

  abandon(): void {
    this.#isAbandoned = true
    this.stop('shutdown')
  }

  /** Begins nothing more. A step that must not be cut off may end first; everything else is aborted. @returns whether there is such a step */
  letGo(): boolean {
    if (this.#delicate === 0) this.stop('shutdown')
    else this.#reason ??= 'shutdown'
    return this.#delicate > 0
  }

  /** A try of a step begins. */
  enter(isDelicate: boolean, isUndoable: boolean): void {
    if (isDelicate) this.#delicate += 1
    if (isUndoable) this.#undoable += 1
  }

  leave(isDelicate: boolean, isUndoable: boolean): void {
    if (isDelicate) this.#delicate -= 1
    if (isUndoable) this.#undoable -= 1
  }
}

/** What a run that another goes on with ends with here. */
export const stopping = (): WeConnectError => new WeConnectError('LEASE_LOST', 'The engine is stopping')
