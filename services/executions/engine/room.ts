import type { EventStore } from '@weconnect/eventstore/port'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import type { RunEnd } from '../decider/run-end.ts'
import type { Dispatch } from '../dispatch/dispatch.ts'
import type { Peers } from '../dispatch/peers.ts'
import type { RunQueue } from '../dispatch/run-queue.ts'
import type { FlowGate } from '../flow/flow-gate.ts'
import type { ParkedCallers } from '../flow/parked-callers.ts'
import type { EngineParts } from '../parts.ts'
import type { Timers } from '../waits/timers.ts'
import type { RunsHere } from './runs-here.ts'
import type { Suspects } from './suspects.ts'

export interface TakeUpOptions {
  /** Called when the answer of a Respond to Webhook node is durable; whoever is parked is told when absent. */
  readonly onAnswer?: ((response: NodeResponse) => void) | undefined
  /** 1 (first) to 5; 3 when absent. */
  readonly priority?: number | undefined
  /** Whoever had it, or asked for it, may have died at it. */
  readonly isLeftBehind?: boolean | undefined
  /** It is done for a job: it was given to this engine, whoever it belongs to, and its queue tries again. */
  readonly job?: { later(error: unknown): void } | undefined
}

/** What the parts of one engine share. */
export interface EngineRoom {
  readonly parts: EngineParts
  readonly store: EventStore
  /** Other engines on the same log. */
  readonly peers: Peers
  /** Hands executions that nobody waits for to whichever engine is free. */
  readonly dispatch: Dispatch
  /** Share of an organisation where several wait for one thing, a whole number of at least 1. */
  readonly weightOf: (organisationId: string) => number
  /** Told of what went wrong in the background. */
  readonly onError: (error: unknown, executionId: string) => void
  readonly here: RunsHere
  readonly queue: RunQueue
  readonly timers: Timers
  readonly suspects: Suspects
  readonly gate: FlowGate
  readonly parked: ParkedCallers
  /** Aborts when the engine closes. */
  readonly closing: AbortSignal
  /** Goes on with an execution when it is its turn. Never rejects; undefined when it is not to be gone on with here. */
  takeUp(executionId: string, options?: TakeUpOptions): Promise<RunEnd | undefined>
}
