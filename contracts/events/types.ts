// Generated from contracts/schemas by `./weconnect generate`. Do not edit.
import type { JsonValue } from '../json.ts'

/** What has come to a node that has not begun. */
export interface Arrival {
  /** Node. */
  readonly nodeId: string
  /** Inputs at which items came. */
  readonly inputs: readonly StepInput[]
  /** Inputs at which it is known that nothing comes. */
  readonly emptyInputs: readonly number[]
  /** Nothing is missing: it is its turn. */
  readonly complete: boolean
}

/** Result cache of a node, keyed by node and input. */
export interface CacheConfig {
  /** Whether results are kept. */
  readonly enabled: boolean
  /** Seconds a result is valid; 300 unless set. */
  readonly ttlSeconds: number
}

/** An edge between two nodes. */
export interface ConnectionData {
  /** Id, unique within the workflow. */
  readonly connectionId: string
  /** Node it leaves. */
  readonly sourceNodeId: string
  /** Type of the output: main or ai_*. */
  readonly sourceOutput: string
  /** Index of the output, from 0. */
  readonly sourceIndex: number
  /** Node it enters. */
  readonly targetNodeId: string
  /** Type of the input: main or ai_*. */
  readonly targetInput: string
  /** Index of the input, from 0. */
  readonly targetIndex: number
  /** Expression that lets an item pass. */
  readonly conditions?: JsonValue
  /** Expression that replaces an item's json. */
  readonly transform?: JsonValue
}

/** A node of a workflow as it was added. */
export interface NodeData {
  /** Id, unique within the workflow; n8n's own id when the file has a unique one. */
  readonly nodeId: string
  /** Name, unique within the workflow. */
  readonly name: string
  /** Type, for example n8n-nodes-base.set. */
  readonly nodeType: string
  /** Version of the type. */
  readonly typeVersion: number
  /** Place on the canvas. */
  readonly position: Position3
  /** Settings beside the parameters. */
  readonly options: NodeOptions
  /** Parameters as typed by the user. */
  readonly parameters: JsonValue
  /** Credential references by type: {type: {id, name}}. */
  readonly credentials?: JsonValue
  /** Keys of an imported node that WeConnect gives no meaning to, kept for export. */
  readonly extra?: JsonValue
  /** The id in the imported file where it differs from nodeId (null: the file had none). */
  readonly importedId?: JsonValue
}

/** A node of the version that an execution left, and the node that stands for it in the other one. */
export interface NodeImage {
  /** In the version before. */
  readonly nodeId: string
  /** In the version since. */
  readonly toNodeId: string
  /** Name there. */
  readonly toName: string
}

/** Which node of another version stands for a node. */
export interface NodeMapping {
  /** Id or name in the version that is left. */
  readonly from: string
  /** Id or name in the version that is gone to. */
  readonly to: string
}

/** What n8n keeps beside the parameters of a node; a field that was absent stays absent. */
export interface NodeOptions {
  /** A disabled node passes its first input on. */
  readonly disabled?: boolean
  /** Free text. */
  readonly notes?: string
  /** Whether the notes show on the canvas. */
  readonly notesInFlow?: boolean
  /** stopWorkflow, continueRegularOutput or continueErrorOutput. */
  readonly onError?: string
  /** Older form of onError: continueRegularOutput. */
  readonly continueOnFail?: boolean
  /** Whether a failed try is repeated. */
  readonly retryOnFail?: boolean
  /** Tries in all, 2 to 5; 3 when absent. */
  readonly maxTries?: number
  /** Milliseconds between tries, 0 to 5000; 1000 when absent. */
  readonly waitBetweenTries?: number
  /** An empty output becomes one empty item. */
  readonly alwaysOutputData?: boolean
  /** Only the first item is processed. */
  readonly executeOnce?: boolean
  /** n8n's id of a webhook node. */
  readonly webhookId?: string
  /** Milliseconds a try may take; 30000 when absent. */
  readonly timeoutMs?: number
  /** Result cache of the node. */
  readonly cache?: CacheConfig
  /** How a failed try is repeated. */
  readonly retry?: RetryPolicy
  /** repeat: the receivers honour Idempotency-Key, or do not mind; incident: always ask; absent: what the node type and HTTP say. */
  readonly afterCrash?: string
  /** Name of the node that undoes what this one did, when the execution fails or is stopped. */
  readonly compensation?: string
}

/** A node in the plan of an execution. */
export interface PlanNode {
  /** Node. */
  readonly nodeId: string
  /** Nodes of one group do not depend on each other; groups run in ascending order. */
  readonly group: number
}

/** Place on the canvas, in pixels; z is the stacking order. */
export interface Position3 {
  /** To the right. */
  readonly x: number
  /** Downwards. */
  readonly y: number
  /** Stacking order. */
  readonly z?: number
}

/** How a failed try of a node is repeated; in place of n8n's retryOnFail when both are there. */
export interface RetryPolicy {
  /** Tries in all, 1 to 100. */
  readonly attempts: number
  /** exponential: the delay doubles with every try. */
  readonly backoff: 'fixed' | 'exponential'
  /** Milliseconds before the second try. */
  readonly delayMs: number
  /** Longest wait, milliseconds; a day when absent. */
  readonly maxDelayMs?: number
  /** Part of each wait that chance takes off, 0 to 1; 0 when absent. */
  readonly jitter?: number
  /** Codes of errors, or HTTP statuses such as 404 or 4xx, after which no try follows. */
  readonly nonRetryable?: readonly string[]
}

/** Who asks for a slot, and what decides about its turn. */
export interface SlotClaim {
  /** Execution. */
  readonly executionId: string
  /** Its workflow. */
  readonly workflowId: string
  /** Epoch with which it will run: a holder is an execution and an epoch. */
  readonly epoch: number
  /** 1 (first) to 5. */
  readonly priority: number
  /** Share of its organisation among the others, at least 1. */
  readonly weight: number
  /** ISO 8601: when the execution was asked for. Who comes back from a wait keeps its place. */
  readonly requestedAt: string
}

/** Where one input of a step comes from: an output of an earlier step. Inputs are references, never copies. */
export interface StepInput {
  /** Index of the input, from 0. */
  readonly input: number
  /** Step that made the items; -1 = the input of the execution. */
  readonly step: number
  /** Index of that step's output, from 0. */
  readonly output: number
}
