// Generated from contracts/schemas by `./weconnect generate`. Do not edit.
import type { JsonValue } from '../json.ts'

/** Something that would start a workflow was put aside: it is durable, and part of one execution that comes later. */
export interface ArrivalGathered {
  readonly type: 'ArrivalGathered'
  readonly data: {
    /** debounce = the newest arrival runs; batch = all do, as one. */
    readonly kind: 'debounce' | 'batch'
    /** Execution that it will be part of: of the first arrival since the one before. */
    readonly executionId: string
    /** Execution id that it would have had of its own: the same for a delivery that is repeated. */
    readonly arrivalId: string
    /** Workflow. */
    readonly workflowId: string
    /** Published version. */
    readonly workflowVersion: number
    /** Revision of the workflow stream that holds the content that runs. */
    readonly workflowRevision: number
    /** What asked, as in ExecutionRequested. */
    readonly trigger: string
    /** Node it starts at. */
    readonly triggerNode?: string
    /** Items, as [[item, ...], ...] per output. */
    readonly input: JsonValue
    /** Id of the delivery. */
    readonly deliveryId?: string
    /** ISO 8601: when the execution begins, as of this arrival. */
    readonly dueAt: string
  }
}

/** The execution is in the log. */
export interface GatheringBegun {
  readonly type: 'GatheringBegun'
  readonly data: {
    /** Execution. */
    readonly executionId: string
    /** Executions and arrivals that are left to look after. */
    readonly left: number
  }
}

/** No more arrivals are taken for this execution: it can be asked for, and its id sees to it that it runs once. */
export interface GatheringClosed {
  readonly type: 'GatheringClosed'
  readonly data: {
    /** Execution. */
    readonly executionId: string
    /** Revision of its first arrival in this stream. */
    readonly from: number
    /** Revision of its last arrival. */
    readonly to: number
    /** How many there are. */
    readonly arrivals: number
    /** due = its time has come; full = as many as a batch takes. */
    readonly reason: 'due' | 'full'
    /** The folded state as services/flow/gathering-state.ts has it, after this event. */
    readonly gathering: JsonValue
  }
}

export type GatheringEvent = ArrivalGathered | GatheringBegun | GatheringClosed
