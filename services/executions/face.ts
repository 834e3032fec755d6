import type { Context, Envelope, WriteToken } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { BinaryData, Item, Outputs } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import type { BulkRequest, BulkView } from './bulk/face.ts'
import type { MigrationPlan, MigrationRequest, MigrationView } from './migration/face.ts'
import type { ReplayReport } from './replay/report.ts'
import type { ExecutionView, Explanation } from './view/face.ts'

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

export interface ForkRequest {
  /** The step that ended it, or a step or node; its beginning when neither is named. */
  readonly from: 'failedStep' | { readonly step?: number | undefined; readonly node?: string | undefined }
  /** Published version, 0 = draft; the one that ran unless given. */
  readonly version?: number | 'same' | 'newest' | undefined
  /** In place of what the trigger gave; only from the beginning. */
  readonly items?: readonly Item[] | undefined
  /** Of the new one, a lower-case UUID: makes the request repeatable, the same id is begun once. */
  readonly executionId?: string | undefined
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
   * @throws WeConnectError NOT_FOUND, INVALID_STATE while this one runs, INVALID_INPUT for a point or version that does not fit, REVISION_CONFLICT when
   * the id that it was given is begun already
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
