import type { StepInput } from '@weconnect/contracts/events/types'
import type { Item, Outputs } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'

export type ExecutionStatus = 'pending' | 'running' | 'waiting' | 'paused' | 'incident' | 'completed' | 'failed' | 'cancelled' | 'timeout'

/** One step as a reader sees it, inputs and outputs resolved from their references. */
export interface StepView {
  readonly step: number
  readonly nodeId: string
  readonly nodeName: string
  readonly nodeType: string
  readonly runIndex: number
  readonly attempt: number
  readonly status: 'running' | 'completed' | 'failed' | 'retrying' | 'waiting' | 'incident'
  readonly inputs: readonly StepInput[]
  readonly outputCounts: readonly number[]
  readonly startedAt: string
  readonly durationMs?: number
  readonly cacheHit: boolean
  readonly error?: JsonValue
  readonly logs?: JsonValue
  /** Items per input. */
  input(): Promise<readonly (readonly Item[])[]>
  output(): Promise<Outputs>
}

/** An effect of which nobody knows whether it happened, or a step that kills its engines; and what a person made of it. */
export interface IncidentView {
  readonly step: number
  readonly nodeId: string
  readonly nodeName: string
  readonly attempt: number
  /** Call of the step in doubt, from 0; absent = the step as a whole. */
  readonly ordinal?: number
  /** Idempotency-Key that the call carried. */
  readonly effectKey?: string
  /** How often in a row engines died while the step was under way; absent = its effect is in doubt. */
  readonly crashes?: number
  /** Of contracts/errors.ts, when it is one of ours. */
  readonly code?: string
  readonly message: string
  readonly raisedAt: string
  readonly resolution?: 'retry' | 'skip' | 'fail'
  readonly resolvedAt?: string
  /** user:ID */
  readonly resolvedBy?: string
  readonly reason?: string
}

/** What a step waits for, or waited for: a call, a signal or an approval. */
export interface WaitView {
  readonly step: number
  readonly nodeId: string
  readonly nodeName: string
  readonly waitFor: 'signal' | 'approval' | 'webhook'
  /** Of the signal. */
  readonly name?: string
  /** What is to be approved. */
  readonly title?: string
  /** Who may decide; all that may run executions when absent. */
  readonly roles?: readonly string[]
  readonly openedAt: string
  /** ISO 8601: nobody is waited for any longer. */
  readonly until?: string
  readonly endedAt?: string
  /** Who ended it; absent when time did. */
  readonly endedBy?: string
  readonly approved?: boolean
  readonly comment?: string
}

/** A move of an execution to another version. */
export interface MovedView {
  readonly migrationId: string
  readonly fromVersion: number
  readonly toVersion: number
  readonly movedAt: string
  /** user:ID */
  readonly movedBy: string
}

/** An execution folded from its stream. */
export interface ExecutionView {
  readonly executionId: string
  readonly organisationId: string
  readonly workflowId: string
  readonly workflowVersion: number
  readonly status: ExecutionStatus
  readonly trigger: string
  /** The execution whose steps before `step` it took over. */
  readonly forkedFrom?: { readonly executionId: string; readonly step: number }
  readonly requestedAt: string
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly durationMs?: number
  readonly error?: JsonValue
  readonly revision: number
  readonly steps: readonly StepView[]
  /** In the order in which they came up, also those that are resolved. */
  readonly incidents: readonly IncidentView[]
  /** In the order in which they were opened. */
  readonly waits: readonly WaitView[]
  /** While a person has paused it. */
  readonly paused?: { readonly since: string; readonly by: string; readonly reason?: string }
  /** The execution whose step called it; of an error workflow, the one that failed. */
  readonly parent?: { readonly executionId: string; readonly step?: number }
  /** Other versions that it was moved to, in order; `workflowVersion` is that of the last one. */
  readonly migrations: readonly MovedView[]
  input(): Promise<Outputs>
  /** Items of the last step; empty while it runs. */
  output(): Promise<Outputs>
}

/** One answer to why an execution is not moving. */
export interface Explanation {
  readonly executionId: string
  readonly status: ExecutionStatus
  readonly kind:
    | 'queued'
    | 'migrating'
    | 'waitingForSlot'
    | 'throttled'
    | 'debounced'
    | 'batched'
    | 'running'
    | 'retrying'
    | 'waiting'
    | 'paused'
    | 'incident'
    | 'cancelling'
    | 'compensating'
    | 'workerLost'
    | 'ended'
  /** For a person. */
  readonly message: string
  /** Executions that hold what it waits for. */
  readonly heldBy?: readonly string[]
  /** Executions that have their turn before it. */
  readonly ahead?: number
  /** ISO 8601: when it goes on by itself. */
  readonly until?: string
  /** The step that it stands at. */
  readonly step?: number
  readonly nodeName?: string
  /** Who began or claimed it last. */
  readonly worker?: string
}
