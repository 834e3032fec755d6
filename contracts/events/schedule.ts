// Generated from contracts/schemas by `./weconnect generate`. Do not edit.
import type { JsonValue } from '../json.ts'

/** All its ticks have become executions. */
export interface ScheduleBackfillCompleted {
  readonly type: 'ScheduleBackfillCompleted'
  readonly data: {
    /** Id. */
    readonly backfillId: string
  }
}

/** A person asked for the ticks of a past stretch of time. */
export interface ScheduleBackfillRequested {
  readonly type: 'ScheduleBackfillRequested'
  readonly data: {
    /** Id. */
    readonly backfillId: string
    /** ISO 8601, inclusive. */
    readonly from: string
    /** ISO 8601, inclusive. */
    readonly to: string
    /** Whether ticks that ran already run once more. */
    readonly again: boolean
    /** Ticks in that stretch. */
    readonly ticks: number
  }
}

/** Nothing happened: what the stream says so far, so that a start reads no further back. */
export interface ScheduleCheckpointed {
  readonly type: 'ScheduleCheckpointed'
  readonly data: {
    /** The folded state as services/scheduler/state.ts has it. */
    readonly schedule: JsonValue
  }
}

/** A tick became an execution: whoever sees this may ask for it, and its id sees to it that it runs once. */
export interface ScheduleFired {
  readonly type: 'ScheduleFired'
  readonly data: {
    /** ISO 8601: the time that was meant. */
    readonly tick: string
    /** Execution: uuid5 of schedule and tick. */
    readonly executionId: string
    /** Published version that runs. */
    readonly workflowVersion: number
    /** due = on time; missed = late, by the policy; queued = after the run before; backfill = a person asked for it. */
    readonly reason: 'due' | 'missed' | 'queued' | 'backfill'
    /** Backfill that it is part of. */
    readonly backfillId?: string
    /** Execution that is cancelled for it. */
    readonly cancels?: string
    /** When the next tick is due, ISO 8601, as of this event; absent = never. */
    readonly nextAt?: string
  }
}

/** A person stopped it for a while. Ticks meanwhile do not run. */
export interface SchedulePaused {
  readonly type: 'SchedulePaused'
  readonly data: {
    /** Why. */
    readonly note?: string
  }
}

/** A trigger of a published version starts its workflow at these times from now on. The stream is one per workflow and node: another version replaces this one. */
export interface ScheduleRegistered {
  readonly type: 'ScheduleRegistered'
  readonly data: {
    /** Id: uuid5 of workflow and node. */
    readonly scheduleId: string
    /** Workflow. */
    readonly workflowId: string
    /** Trigger node. */
    readonly nodeId: string
    /** Its name. */
    readonly nodeName: string
    /** Published version. */
    readonly version: number
    /** When, as services/nodes/calendar/rules.ts has it: [{kind, ...}, ...]. */
    readonly rules: JsonValue
    /** IANA zone in which the rules count. */
    readonly timezone: string
    /** ISO 8601: every second week, third day ... is counted from here. */
    readonly anchor: string
    /** ISO 8601: only ticks later than this are meant. */
    readonly from: string
    /** What happens to a tick while the run before has not ended. */
    readonly overlap: 'allow' | 'skip' | 'queueOne' | 'queueAll' | 'cancelPrevious'
    /** What happens to ticks that nobody was there for. */
    readonly missed: 'skip' | 'one' | 'all'
    /** Milliseconds; what was missed longer ago never runs. */
    readonly missedWindowMs: number
    /** Milliseconds; each tick is late by a part of it that follows from schedule and tick. */
    readonly jitterMs: number
    /** Ticks that run, over the life of the schedule. */
    readonly maxExecutions?: number
    /** ISO 8601; no tick before. */
    readonly startAt?: string
    /** ISO 8601; no tick after. */
    readonly endAt?: string
    /** When the next tick is due, ISO 8601, as of this event; absent = never. */
    readonly nextAt?: string
  }
}

/** The schedule ends: its workflow was switched off, or its node is gone. */
export interface ScheduleReleased {
  readonly type: 'ScheduleReleased'
  readonly data: {
    /** Workflow that held it. */
    readonly workflowId: string
  }
}

/** It goes on. */
export interface ScheduleResumed {
  readonly type: 'ScheduleResumed'
  readonly data: {
    /** ISO 8601: only ticks later than this are meant. */
    readonly from: string
    /** When the next tick is due, ISO 8601, as of this event; absent = never. */
    readonly nextAt?: string
  }
}

/** A tick waits until the run before has ended. */
export interface ScheduleTickQueued {
  readonly type: 'ScheduleTickQueued'
  readonly data: {
    /** ISO 8601: the time that was meant. */
    readonly tick: string
    /** When the next tick is due, ISO 8601, as of this event; absent = never. */
    readonly nextAt?: string
  }
}

/** Ticks in a stretch of time do not run. */
export interface ScheduleTicksSkipped {
  readonly type: 'ScheduleTicksSkipped'
  readonly data: {
    /** ISO 8601, exclusive. */
    readonly after: string
    /** ISO 8601, inclusive. */
    readonly until: string
    /** missed = nobody was there; overlap = the run before had not ended. */
    readonly reason: 'missed' | 'overlap'
    /** When the next tick is due, ISO 8601, as of this event; absent = never. */
    readonly nextAt?: string
  }
}

export type ScheduleEvent =
  | ScheduleBackfillCompleted
  | ScheduleBackfillRequested
  | ScheduleCheckpointed
  | ScheduleFired
  | SchedulePaused
  | ScheduleRegistered
  | ScheduleReleased
  | ScheduleResumed
  | ScheduleTickQueued
  | ScheduleTicksSkipped
