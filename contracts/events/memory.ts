// Generated from contracts/schemas by `./weconnect generate`. Do not edit.
import type { JsonValue } from '../json.ts'

/** A step compared its items with what earlier ones had, and some are new: what it kept, and what is remembered from now on. */
export interface ItemsRemembered {
  readonly type: 'ItemsRemembered'
  readonly data: {
    /** Whose memory it is. */
    readonly workflowId: string
    /** Absent: all nodes of the workflow that share one. */
    readonly nodeId?: string
    /** Execution whose step asked. */
    readonly executionId: string
    /** Which call of it, `{step}/{ordinal}`: unchanged by retries and crashes, so that it is answered once. */
    readonly call: string
    /** Which of its items are new, [index, ...]: the answer, also when the step asks again. */
    readonly kept: JsonValue
    /** {by, values, size}: hashes of new values, or {by, most}: the greatest number or time so far. */
    readonly remembered: JsonValue
  }
}

/** The memory folded up to here, so that what was before need not be read. */
export interface MemoryCheckpointed {
  readonly type: 'MemoryCheckpointed'
  readonly data: {
    /** As services/executions/remembering/state.ts has it. */
    readonly memory: JsonValue
  }
}

/** Everything that was remembered is forgotten. */
export interface MemoryCleared {
  readonly type: 'MemoryCleared'
  readonly data: {
    /** Whose memory it is. */
    readonly workflowId: string
    /** Absent: all nodes of the workflow that share one. */
    readonly nodeId?: string
    /** Execution whose step asked. */
    readonly executionId: string
    /** Which call of it, `{step}/{ordinal}`: unchanged by retries and crashes, so that it is answered once. */
    readonly call: string
  }
}

export type MemoryEvent = ItemsRemembered | MemoryCheckpointed | MemoryCleared
