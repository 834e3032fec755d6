export type BulkKind = 'cancel' | 'pause' | 'resume' | 'retry' | 'rerun'

export interface BulkRequest {
  readonly operation: BulkKind
  /** 10,000 at most. */
  readonly executionIds: readonly string[]
  /** For retry and rerun. */
  readonly newestVersion: boolean
  readonly reason?: string
}

/** How far an operation on many executions is. */
export interface BulkView {
  readonly id: string
  readonly operation: BulkKind
  readonly status: 'running' | 'completed'
  readonly total: number
  readonly done: number
  readonly succeeded: number
  /** For which it was too late, or too early: they had ended, or were not paused ... */
  readonly skipped: number
  readonly failures: readonly { readonly executionId: string; readonly code: string; readonly message: string }[]
}
