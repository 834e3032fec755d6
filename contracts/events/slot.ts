// Generated from contracts/schemas by `./weconnect generate`. Do not edit.
import type { JsonValue } from '../json.ts'
import type { SlotClaim } from './types.ts'

/** An execution has the slot, from here until its release. */
export interface SlotGranted {
  readonly type: 'SlotGranted'
  readonly data: {
    /** Who has it. */
    readonly claim: SlotClaim
    /** Holders at a time, or, with periodMs, starts within it, as declared by the newest request. */
    readonly limit: number
    /** Milliseconds in which `limit` may start; 0 = a slot is free again when its holder releases it. */
    readonly periodMs: number
    /** ISO 8601. */
    readonly at: string
    /** Epoch of the same execution that held it before: after a crash, or a wait that kept it. */
    readonly takesOver?: number
    /** Holders and waiters of the slot after this event; 0 = nothing has to be looked after. */
    readonly left: number
  }
}

/** The holder, or a waiter, of a singleton is cancelled for a newer execution. */
export interface SlotPreempted {
  readonly type: 'SlotPreempted'
  readonly data: {
    /** Execution that is to be cancelled. */
    readonly executionId: string
    /** Execution that takes its place. */
    readonly by: string
  }
}

/** An execution waits for a slot: it may not run before the grant. */
export interface SlotQueued {
  readonly type: 'SlotQueued'
  readonly data: {
    /** Who waits. */
    readonly claim: SlotClaim
    /** Holders at a time, or, with periodMs, starts within it, as declared by the newest request. */
    readonly limit: number
    /** Milliseconds in which `limit` may start; 0 = a slot is free again when its holder releases it. */
    readonly periodMs: number
    /** ISO 8601. */
    readonly at: string
    /** Holders and waiters of the slot after this event; 0 = nothing has to be looked after. */
    readonly left: number
  }
}

/** A holder gives its slot back, or a waiter leaves the queue. */
export interface SlotReleased {
  readonly type: 'SlotReleased'
  readonly data: {
    /** Execution. */
    readonly executionId: string
    /** Only a holder or waiter with an epoch up to this one. */
    readonly epoch: number
    /** ended = the execution; waiting = it holds nothing while it waits; withdrawn = it was refused or never came to be. */
    readonly reason: 'ended' | 'waiting' | 'withdrawn'
    /** ISO 8601. */
    readonly at: string
    /** Holders and waiters of the slot after this event; 0 = nothing has to be looked after. */
    readonly left: number
  }
}

/** This stream has become long: the slot goes on in the next. */
export interface SlotSegmentClosed {
  readonly type: 'SlotSegmentClosed'
  readonly data: {
    /** Number of this stream. */
    readonly segment: number
    /** Whether the next one is known to be there: then nobody has to look at this one any more. */
    readonly opened: boolean
  }
}

/** Everything that a slot holds, carried over from the stream before: a fold begins here. */
export interface SlotSegmentOpened {
  readonly type: 'SlotSegmentOpened'
  readonly data: {
    /** Number of this stream among those of the slot; the first, 0, has no such event. */
    readonly segment: number
    /** The folded state as services/flow/slot-state.ts has it. */
    readonly slot: JsonValue
  }
}

/** An execution was not begun, since the singleton is taken. Nothing waits, and nothing ran. */
export interface SlotSkipped {
  readonly type: 'SlotSkipped'
  readonly data: {
    /** Execution that is not begun. */
    readonly executionId: string
    /** Execution that holds the slot. */
    readonly heldBy: string
  }
}

export type SlotEvent = SlotGranted | SlotPreempted | SlotQueued | SlotReleased | SlotSegmentClosed | SlotSegmentOpened | SlotSkipped
