import type { ExecutionPaused } from '@weconnect/contracts/events/execution'
import { heldBy } from '../decider/state.ts'
import type { AsOf } from '../stream/recorder.ts'

/** Steps of a run that go on later. The run ends in a pause when nothing else is left that may be done now. */
export class Pauses {
  readonly #waiting: ExecutionPaused['data'][] = []
  #held = false

  /** @param until ISO 8601; undefined = until someone says so */
  add(step: number, until: string | undefined, waitFor: ExecutionPaused['data']['waitFor']): void {
    this.#waiting.push({ step, waitFor, ...(until !== undefined && { until }) })
  }

  /** An incident: it goes on when a person says so. */
  hold(): void {
    this.#held = true
  }

  get any(): boolean {
    return this.#held || this.#waiting.length > 0
  }

  /**
   * The one that is due first comes last: the newest event says when the execution goes on.
   * @param deadline ISO 8601: when the time limit of the execution strikes
   */
  events(deadline: string | undefined): readonly ExecutionPaused[] {
    const due = ({ until }: ExecutionPaused['data']): number => (until === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(until))
    const latestFirst = this.#waiting.toSorted((a, b) => due(b) - due(a))
    return latestFirst.map((data) => ({ type: 'ExecutionPaused', data: { ...data, ...(deadline !== undefined && { deadline }) } }))
  }
}

/** Nothing when what the step waits for came while the pause was being written. */
export const pauseAsOf =
  (pause: ExecutionPaused): AsOf =>
  (state) => {
    const { step, waitFor } = pause.data
    const { status, resumedRevision } = state.steps[step] ?? {}
    const waits = waitFor === 'incident' ? status === 'incident' : resumedRevision === undefined
    return waits ? { ...pause, data: { ...pause.data, ...heldBy(state) } } : undefined
  }
