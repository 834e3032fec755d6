// Generated from contracts/schemas by `./weconnect generate`. Do not edit.
import type { JsonValue } from '../json.ts'
import type { NodeMapping } from './types.ts'

/** One of them cannot move: none does. */
export interface MigrationAbandoned {
  readonly type: 'MigrationAbandoned'
  readonly data: {
    /** Why: [{executionId, code, message}]. */
    readonly blockers: JsonValue
  }
}

/** All of them are held and can move: all move. */
export interface MigrationCommitted {
  readonly type: 'MigrationCommitted'
  readonly data: Readonly<Record<string, never>>
}

/** All of them have moved, or were released. */
export interface MigrationCompleted {
  readonly type: 'MigrationCompleted'
  readonly data: Readonly<Record<string, never>>
}

/** So many of them are held, or moved, or released. */
export interface MigrationProgressed {
  readonly type: 'MigrationProgressed'
  readonly data: {
    /** Executions so far, from the first. */
    readonly done: number
  }
}

/** Someone asked to move executions to another version of their workflow: all of them, or none. */
export interface MigrationRequested {
  readonly type: 'MigrationRequested'
  readonly data: {
    /** Workflow. */
    readonly workflowId: string
    /** Only executions of this version; 0 = the draft. All others when absent. */
    readonly fromVersion?: number
    /** Published version. */
    readonly toVersion: number
    /** Revision of the workflow that holds it. */
    readonly toRevision: number
    /** Nodes that are not found by their id or name. */
    readonly nodes: readonly NodeMapping[]
    /** Executions, in this order. */
    readonly executionIds: readonly string[]
    /** Why. */
    readonly reason?: string
  }
}

export type MigrationEvent = MigrationAbandoned | MigrationCommitted | MigrationCompleted | MigrationProgressed | MigrationRequested
