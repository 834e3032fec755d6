import type { ExecutionStatus } from '../view/face.ts'

export interface MigrationRequest {
  readonly workflowId: string
  /** Only executions of this version; 0 = the draft. */
  readonly fromVersion?: number | undefined
  readonly toVersion: number
  /** By id or name; other nodes are found by their id, else by their name. */
  readonly nodes: readonly { readonly from: string; readonly to: string }[]
  /** 10,000 at most. */
  readonly executionIds: readonly string[]
  readonly reason?: string | undefined
}

/** Why an execution cannot move. */
export interface Blocker {
  readonly executionId: string
  readonly code: string
  /** For a person. */
  readonly message: string
}

/** What would become of a migration as things stand. */
export interface MigrationPlan {
  readonly toVersion: number
  readonly executions: readonly {
    readonly executionId: string
    readonly fromVersion: number
    readonly status: ExecutionStatus | 'absent'
    /** Names of the nodes it stands at, in the version it is on. */
    readonly standsAt: readonly string[]
    /** Empty: it can move. */
    readonly blockers: readonly Blocker[]
  }[]
  /** Of each version that is left: which node stands for which; null for none. */
  readonly versions: readonly {
    readonly version: number
    readonly nodes: readonly { readonly from: string; readonly to: string | null }[]
  }[]
}

/** How far a migration is. */
export interface MigrationView {
  readonly id: string
  readonly workflowId: string
  readonly fromVersion?: number
  readonly toVersion: number
  /** preparing: they are held one by one; moving or releasing: it is decided; completed: all have moved; abandoned: none has. */
  readonly status: 'preparing' | 'moving' | 'releasing' | 'completed' | 'abandoned'
  readonly total: number
  /** Executions that are held, moved or released, as the status says. */
  readonly done: number
  /** Why it was abandoned. */
  readonly blockers: readonly Blocker[]
  readonly reason?: string
}
