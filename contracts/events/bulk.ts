// Generated from contracts/schemas by `./weconnect generate`. Do not edit.
import type { JsonValue } from '../json.ts'

/** It was done, or tried, of all. */
export interface BulkCompleted {
  readonly type: 'BulkCompleted'
  readonly data: Readonly<Record<string, never>>
}

/** It was done, or tried, of the first so many of them. */
export interface BulkProgressed {
  readonly type: 'BulkProgressed'
  readonly data: {
    /** Executions so far. */
    readonly done: number
    /** Of which it was done. */
    readonly succeeded: number
    /** For which it was too late, or too early. */
    readonly skipped: number
    /** What went wrong since the event before: [{executionId, code, message}]. */
    readonly failures: JsonValue
  }
}

/** Someone asked for the same of many executions. */
export interface BulkRequested {
  readonly type: 'BulkRequested'
  readonly data: {
    /** What is done. */
    readonly operation: 'cancel' | 'pause' | 'resume' | 'retry' | 'rerun'
    /** Of which executions, in this order. */
    readonly executionIds: readonly string[]
    /** For retry and rerun: with the newest version. */
    readonly newestVersion: boolean
    /** Why. */
    readonly reason?: string
  }
}

export type BulkEvent = BulkCompleted | BulkProgressed | BulkRequested
