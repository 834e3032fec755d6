import type { JsonValue } from '@weconnect/contracts/json'

export interface ReplayDifference {
  readonly step: number
  readonly nodeName: string
  /** JSON path within the step's event. */
  readonly path: string
  readonly recorded?: JsonValue
  readonly replayed?: JsonValue
}

export interface ReplayReport {
  readonly executionId: string
  readonly equal: boolean
  readonly events: number
  readonly steps: number
  /** Whether folding the stream gives the state that its own last event claims. */
  readonly foldEqual: boolean
  readonly differences: readonly ReplayDifference[]
  readonly durationMs: number
  /** Milliseconds of reading and folding the recorded stream, of those. */
  readonly foldMs: number
}
