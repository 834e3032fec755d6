import type { Context, Envelope, WriteToken } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { StepInput } from '@weconnect/contracts/events/types'
import type { BinaryData, Item, Outputs } from '@weconnect/contracts/items'
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

/** An effect of which nobody knows whether it happened, and what a person made of it. */
export interface IncidentView {
  readonly step: number
  readonly nodeId: string
  readonly nodeName: string
  readonly attempt: number
  /** Call of the step in doubt, from 0; absent = the step as a whole. */
  readonly ordinal?: number
  /** Idempotency-Key that the call carried. */
  readonly effectKey?: string
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

export interface SignalRequest {
  readonly executionId: string
  readonly name: string
  readonly payload: JsonValue
  /** Makes the signal repeatable: the same id is taken once. */
  readonly signalId?: string
}

/** What a person says to a step that asks for approval. */
export interface ApprovalAnswer {
  readonly executionId: string
  /** Needed only when several steps ask. */
  readonly step?: number
  readonly approved: boolean
  readonly comment?: string
  /** Role of the person. */
  readonly role: string
}

/** What a person says about an incident. */
export interface IncidentAnswer {
  readonly executionId: string
  readonly step: number
  /** retry: it is done again, under a new key; skip: `outputs` stand for its own; fail: the step has failed. */
  readonly resolution: 'retry' | 'skip' | 'fail'
  readonly outputs?: Outputs
  readonly reason?: string
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

export interface ReplayDifference {
  readonly step: number
  readonly nodeName: string
  /** JSON path within the step's event. */
  readonly path: string
  readonly recorded?: JsonValue
  readonly replayed?: JsonValue
}
export interface ReplayReport {
  readonly executionId: string
  readonly equal: boolean
  readonly events: number
  readonly steps: number
  /** Whether folding the stream gives the state that its own last event claims. */
  readonly foldEqual: boolean
  readonly differences: readonly ReplayDifference[]
  readonly durationMs: number
  /** Milliseconds of reading and folding the recorded stream, of those. */
  readonly foldMs: number
}

export interface ForkRequest {
  /** The step that ended it, or a step or node; its beginning when neither is named. */
  readonly from: 'failedStep' | { readonly step?: number | undefined; readonly node?: string | undefined }
  /** Published version, 0 = draft; the one that ran unless given. */
  readonly version?: number | 'same' | 'newest' | undefined
  /** In place of what the trigger gave; only from the beginning. */
  readonly items?: readonly Item[] | undefined
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

/** What other services may ask of executions. */
export interface Executions {
  /** Asks for a run of a published version, or of the draft when `version` is absent. `triggerNode`: name or id; default: the first trigger. */
  run(
    request: {
      readonly workflowId: string
      readonly version?: number
      readonly triggerNode?: string
      readonly input?: readonly Item[]
      readonly executionId?: string
    },
    context: Context,
  ): Promise<{ readonly executionId: string; readonly token: WriteToken }>
  /** @throws WeConnectError NOT_FOUND, INVALID_STATE when it has ended */
  cancel(executionId: string, reason: string | undefined, context: Context): Promise<WriteToken>
  /**
   * A new execution that takes over the recorded steps before a point of this one, and runs from there.
   * @throws WeConnectError NOT_FOUND, INVALID_STATE while this one runs, INVALID_INPUT for a point or version that does not fit
   */
  fork(executionId: string, request: ForkRequest, context: Context): Promise<{ readonly executionId: string; readonly token: WriteToken }>
  /**
   * Goes on with an execution that a person has paused, unless items are given; else ends its wait for a call, with the items in place of the call.
   * @throws WeConnectError NOT_FOUND, INVALID_STATE
   */
  resume(executionId: string, items: readonly Item[] | undefined, context: Context): Promise<WriteToken>
  /** Durable when it resolves; it is done one after the other, and survives crashes. @throws WeConnectError INVALID_INPUT */
  bulk(request: BulkRequest, context: Context): Promise<BulkView>
  /** @throws WeConnectError NOT_FOUND */
  bulkView(id: string, organisationId: string): Promise<BulkView>
  /** Writes nothing. @throws WeConnectError NOT_FOUND, INVALID_INPUT for nodes that there are not */
  planMigration(request: MigrationRequest, organisationId: string): Promise<MigrationPlan>
  /**
   * Moves executions that wait to another version, all or none. Durable when it resolves; it goes on after crashes.
   * @throws WeConnectError NOT_FOUND, INVALID_INPUT for nodes that there are not, and for none or too many executions
   */
  migrate(request: MigrationRequest, context: Context): Promise<MigrationView>
  /** @throws WeConnectError NOT_FOUND */
  migration(id: string, organisationId: string): Promise<MigrationView>
  /** @throws WeConnectError NOT_FOUND */
  explain(executionId: string, organisationId: string): Promise<Explanation>
  /** The bytes of a file that an item of an execution carries. @throws WeConnectError PAYLOAD_UNREADABLE */
  fileBytes(file: BinaryData, organisationId: string): Promise<Buffer>
  /** No further step begins until `unpause`; one that runs may end. @throws WeConnectError NOT_FOUND, INVALID_STATE when it has ended */
  pause(executionId: string, reason: string | undefined, context: Context): Promise<WriteToken>
  /** A signal that no step waits for yet is kept. @throws WeConnectError NOT_FOUND, INVALID_STATE when it has ended, INVALID_INPUT */
  signal(signal: SignalRequest, context: Context): Promise<WriteToken>
  /** @throws WeConnectError NOT_FOUND, INVALID_STATE when no approval is asked for, FORBIDDEN for another role, INVALID_INPUT */
  decideApproval(answer: ApprovalAnswer, context: Context): Promise<WriteToken>
  /** @throws WeConnectError NOT_FOUND, INVALID_STATE when the step has no open incident, INVALID_INPUT */
  resolveIncident(answer: IncidentAnswer, context: Context): Promise<WriteToken>
  /** @throws WeConnectError NOT_FOUND, also when it belongs to another organisation */
  view(executionId: string, organisationId: string): Promise<ExecutionView>
  events(executionId: string, organisationId: string): Promise<readonly Envelope<ExecutionEvent>[]>
  /** Folds the recorded stream and re-runs it against its recorded effects. */
  replay(executionId: string, organisationId: string): Promise<ReplayReport>
}
