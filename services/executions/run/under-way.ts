import type { RunFacts } from '../scope/run-facts.ts'
import type { Halt } from './halt.ts'
import type { Progress } from './progress.ts'
import type { Waits } from './waits.ts'

/** Milliseconds since the epoch. */
export interface RunTimes {
  readonly requestedAtMs: number
  /** When it first began: the time in which it waited for its turn is not of it. */
  readonly begunAtMs: number
}

/** One run, as far as it is. */
export interface RunUnderWay {
  readonly facts: RunFacts
  readonly halt: Halt
  readonly progress: Progress
  readonly waits: Waits
  readonly isParallel: boolean
  readonly times: RunTimes
}

/** Nothing of it is run any more but what undoes it. */
export const isEnding = ({ halt, facts }: RunUnderWay): boolean =>
  halt.reason !== undefined || facts.recorder.state.compensation !== undefined
