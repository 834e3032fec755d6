import type { OpenWait, WaitFor } from '../decider/state.ts'

/** Which signal, or what is to be approved by whom. */
export type WaitDetails = Pick<OpenWait, 'name' | 'title' | 'roles'>

/** Thrown through a node by pauseUntil: not an error, the step waits. */
export class Pause extends Error {
  readonly until: string | undefined
  readonly waitFor: WaitFor
  readonly details: WaitDetails | undefined
  constructor(until: string | undefined, waitFor: WaitFor, details?: WaitDetails) {
    super('The step waits')
    this.until = until
    this.waitFor = waitFor
    this.details = details
  }
}
