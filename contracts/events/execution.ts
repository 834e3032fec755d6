// Generated from contracts/schemas by `./weconnect generate`. Do not edit.
import type { JsonValue } from '../json.ts'
import type { Arrival, NodeImage, PlanNode, StepInput } from './types.ts'

/** A person approved or rejected what a step asked for. */
export interface ApprovalDecided {
  readonly type: 'ApprovalDecided'
  readonly data: {
    /** Step that asked. */
    readonly step: number
    /** Whether it was approved. */
    readonly approved: boolean
    /** Role in which they decided. */
    readonly role: string
    /** What they said. */
    readonly comment?: JsonValue
    /** Its status when people hold it up, whatever else this event says of it. */
    readonly held?: 'incident' | 'paused'
    /** Whether nobody runs it, so that it is for whoever sees this to take it up. */
    readonly atRest?: boolean
  }
}

/** Someone asked to stop it. */
export interface CancellationRequested {
  readonly type: 'CancellationRequested'
  readonly data: {
    /** Why. */
    readonly reason?: string
    /** Whether nobody runs it, so that it is for whoever sees this to take it up. */
    readonly atRest?: boolean
  }
}

/** It failed, or is stopped, and what its steps did is undone first, the last step first. */
export interface CompensationStarted {
  readonly type: 'CompensationStarted'
  readonly data: {
    /** How it will have ended. */
    readonly cause: 'failed' | 'cancelled' | 'timeout'
    /** Number of the first compensation. */
    readonly firstStep: number
    /** Step that failed. */
    readonly failedStep?: number
    /** Its node. */
    readonly nodeId?: string
    /** Its name. */
    readonly nodeName?: string
    /** Code of the error. */
    readonly code?: string
    /** The error; null when there was none. */
    readonly error: JsonValue
  }
}

/** It was stopped on request. */
export interface ExecutionCancelled {
  readonly type: 'ExecutionCancelled'
  readonly data: {
    /** Number of steps. */
    readonly steps: number
    /** Milliseconds. */
    readonly durationMs: number
  }
}

/** Another worker took it over; appends of the old epoch are refused from here on. */
export interface ExecutionClaimed {
  readonly type: 'ExecutionClaimed'
  readonly data: {
    /** New holder. */
    readonly worker: string
    /** Old epoch + 1. */
    readonly epoch: number
  }
}

/** It ended well. */
export interface ExecutionCompleted {
  readonly type: 'ExecutionCompleted'
  readonly data: {
    /** Step whose output is the output of the execution; -1 = none. */
    readonly lastStep: number
    /** Number of steps. */
    readonly steps: number
    /** Since ExecutionRequested, milliseconds. */
    readonly durationMs: number
  }
}

/** It ended with an error. */
export interface ExecutionFailed {
  readonly type: 'ExecutionFailed'
  readonly data: {
    /** Step that failed. */
    readonly step?: number
    /** Its node. */
    readonly nodeId?: string
    /** Code of the error. */
    readonly code: string
    /** {code, message, description, nodeName}. */
    readonly error: JsonValue
    /** Number of steps. */
    readonly steps: number
    /** Milliseconds. */
    readonly durationMs: number
  }
}

/** It goes on with another version, from where it stood. */
export interface ExecutionMigrated {
  readonly type: 'ExecutionMigrated'
  readonly data: {
    /** Migration. */
    readonly migrationId: string
    /** Version that it left; 0 = a draft. */
    readonly fromVersion: number
    /** Version from here on. */
    readonly workflowVersion: number
    /** Revision of the workflow that holds it. */
    readonly workflowRevision: number
    /** Node that stands for the one it began at. */
    readonly triggerNodeId: string
    /** Nodes of its steps, and of where it stands, that have another id or name since. */
    readonly nodes: readonly NodeImage[]
    /** Nodes that can be reached from there. */
    readonly plan: readonly PlanNode[]
    /** Nodes that have run, or are running. */
    readonly begun: readonly string[]
    /** Where it stands beside its open steps, the first to run first. */
    readonly arrivals: readonly Arrival[]
    /** Steps that have begun and not ended. */
    readonly openSteps: number
    /** Address at which a wait of it is ended by a call; only when the version speaks of it. */
    readonly resumeUrl?: string
    /** Whether somebody may go on with it. */
    readonly status: 'ready' | 'waiting'
    /** ISO 8601: until when it waits, at most. */
    readonly until?: string
  }
}

/** It may move to another version, and is held until the migration is decided: whoever ran it may append no more. */
export interface ExecutionMigrationPrepared {
  readonly type: 'ExecutionMigrationPrepared'
  readonly data: {
    /** Stream migration-{id} decides. */
    readonly migrationId: string
    /** Old epoch + 1: appends of the old one are refused from here on. */
    readonly epoch: number
    /** ISO 8601: from then on whoever finds it held settles it. */
    readonly until: string
  }
}

/** The migration was given up: it is held no more, and as it was. */
export interface ExecutionMigrationReleased {
  readonly type: 'ExecutionMigrationReleased'
  readonly data: {
    /** Migration. */
    readonly migrationId: string
    /** Whether somebody may go on with it. */
    readonly status: 'ready' | 'waiting'
    /** ISO 8601: until when it waits, at most. */
    readonly until?: string
  }
}

/** It waits and holds no memory and no slot. */
export interface ExecutionPaused {
  readonly type: 'ExecutionPaused'
  readonly data: {
    /** Step that waits. */
    readonly step: number
    /** ISO 8601: resumes then. */
    readonly until?: string
    /** What it waits for. */
    readonly waitFor: 'time' | 'webhook' | 'signal' | 'approval' | 'children' | 'retry' | 'incident'
    /** ISO 8601: the time limit of the execution, when it has one. */
    readonly deadline?: string
    /** Its status when people hold it up, whatever else this event says of it. */
    readonly held?: 'incident' | 'paused'
  }
}

/** Its engine was stopped in peace and let go of it: whoever takes it over does not do so after a crash. */
export interface ExecutionReleased {
  readonly type: 'ExecutionReleased'
  readonly data: {
    /** Of the lease that was let go of. */
    readonly epoch: number
  }
}

/** Someone, or something, asked for a run. The delivery of a webhook is safe from here on. */
export interface ExecutionRequested {
  readonly type: 'ExecutionRequested'
  readonly data: {
    /** Id. */
    readonly executionId: string
    /** Workflow. */
    readonly workflowId: string
    /** Published version; 0 = the draft as of workflowRevision. */
    readonly workflowVersion: number
    /** Revision of the workflow stream that holds the content that runs. */
    readonly workflowRevision: number
    /** What asked: spec names plus `execution` (a parent) and `error` (the failure of the parent). */
    readonly trigger: 'manual' | 'webhook' | 'schedule' | 'api' | 'execution' | 'error'
    /** Node it starts at. */
    readonly triggerNodeId?: string
    /** Items handed to that node, as [[item, ...], ...] per output. */
    readonly input: JsonValue
    /** Id of the delivery, for deduplication. */
    readonly deliveryId?: string
    /** Execution that called this one; of an error workflow, the one that failed. */
    readonly parentExecutionId?: string
    /** Its step. */
    readonly parentStep?: number
    /** Execution this is a fork of. */
    readonly forkedFromExecutionId?: string
    /** First step that is run anew. */
    readonly forkedAtStep?: number
    /** What a waiting caller gets: immediately, lastNode or responseNode; absent = nobody waits. */
    readonly answer?: string
    /** 1 (first) to 5; 3 when absent. */
    readonly priority?: number
    /** What it must hold before it may run, in this order, as services/flow/demands.ts has it; absent = nothing is declared. */
    readonly flow?: JsonValue
  }
}

/** It goes on. */
export interface ExecutionResumed {
  readonly type: 'ExecutionResumed'
  readonly data: {
    /** Step that waited. */
    readonly step: number
    /** What came with the signal or the call. */
    readonly input?: JsonValue
    /** Its status when people hold it up, whatever else this event says of it. */
    readonly held?: 'incident' | 'paused'
  }
}

/** A worker began it. Holds all that a replay needs. */
export interface ExecutionStarted {
  readonly type: 'ExecutionStarted'
  readonly data: {
    /** Worker that holds the lease. */
    readonly worker: string
    /** Lease epoch, from 1. */
    readonly epoch: number
    /** Order of steps. */
    readonly executionOrder: 'v0' | 'v1' | 'parallel'
    /** Nodes that can be reached from the trigger. */
    readonly plan: readonly PlanNode[]
    /** Seed of random numbers and ids, hex. */
    readonly seed: string
    /** $vars as read at the start. */
    readonly variables?: JsonValue
    /** Revision of the workflow's static data that was read. */
    readonly staticDataRevision?: number
    /** Version of the engine. */
    readonly engineVersion: string
    /** IANA zone of $now and $today. */
    readonly timezone: string
    /** Limit of the whole execution. */
    readonly timeoutMs?: number
    /** Limit of steps, against loops that never end. */
    readonly maxSteps: number
    /** Address at which a wait of it is ended by a call; only when its workflow speaks of it. */
    readonly resumeUrl?: string
  }
}

/** It ran into its time limit. */
export interface ExecutionTimedOut {
  readonly type: 'ExecutionTimedOut'
  readonly data: {
    /** The limit. */
    readonly timeoutMs: number
    /** Number of steps. */
    readonly steps: number
    /** Milliseconds. */
    readonly durationMs: number
  }
}

/** A crash left it open whether an effect happened, or a step was under way each time that its engines died: nobody may repeat it unasked, and a person decides. */
export interface IncidentRaised {
  readonly type: 'IncidentRaised'
  readonly data: {
    /** Step whose effect is in doubt. */
    readonly step: number
    /** Its node. */
    readonly nodeId: string
    /** Its name. */
    readonly nodeName: string
    /** Try that was interrupted. */
    readonly attempt: number
    /** Call of the step in doubt, from 0; absent = the whole step. */
    readonly ordinal?: number
    /** Idempotency-Key that the call carried, to ask the receiver with. */
    readonly effectKey?: string
    /** {code, message}: which call it was. */
    readonly detail: JsonValue
    /** Whether other branches go on meanwhile. */
    readonly othersGoOn?: boolean
    /** How often in a row its engines died while this step was under way; absent = its effect is in doubt. */
    readonly crashes?: number
  }
}

/** A person said what happened to the effect, or what is to be done about it. */
export interface IncidentResolved {
  readonly type: 'IncidentResolved'
  readonly data: {
    /** Step of the incident. */
    readonly step: number
    /** retry: it is done again under a new key; skip: the given output stands for its own; fail: the step has failed. */
    readonly resolution: 'retry' | 'skip' | 'fail'
    /** Of the step's effects from here on; a retry raises it. */
    readonly effectEpoch: number
    /** Incidents of the execution that are still open. */
    readonly remaining: number
    /** Why. */
    readonly reason?: string
    /** Its status when people hold it up, whatever else this event says of it. */
    readonly held?: 'incident' | 'paused'
    /** Whether nobody runs it, so that it is for whoever sees this to take it up. */
    readonly atRest?: boolean
  }
}

/** It goes on after a pause by hand. */
export interface PauseEnded {
  readonly type: 'PauseEnded'
  readonly data: {
    /** Its status from here on. */
    readonly status: 'pending' | 'running' | 'waiting' | 'incident'
    /** ISO 8601: until when it waits, at most. */
    readonly until?: string
    /** Who holds its lease, when it runs on. */
    readonly worker?: string
    /** Of that lease. */
    readonly epoch?: number
  }
}

/** A person paused it: no further step begins; one that runs may end. */
export interface PauseRequested {
  readonly type: 'PauseRequested'
  readonly data: {
    /** Why. */
    readonly reason?: string
    /** Its status when people hold it up, whatever else this event says of it. */
    readonly held?: 'incident' | 'paused'
  }
}

/** A signal came; a step that waits for its name goes on with it, or the next that will. */
export interface SignalReceived {
  readonly type: 'SignalReceived'
  readonly data: {
    /** Name. */
    readonly name: string
    /** What came with it; null when nothing did. */
    readonly payload: JsonValue
    /** Step that goes on with it; absent = none waits for it yet. */
    readonly step?: number
    /** Given by the sender: a signal of the same id is taken once. */
    readonly signalId?: string
    /** Its status when people hold it up, whatever else this event says of it. */
    readonly held?: 'incident' | 'paused'
    /** Whether nobody runs it, so that it is for whoever sees this to take it up. */
    readonly atRest?: boolean
  }
}

/** A step ended well. */
export interface StepCompleted {
  readonly type: 'StepCompleted'
  readonly data: {
    /** Number of the step. */
    readonly step: number
    /** Node. */
    readonly nodeId: string
    /** Its name. */
    readonly nodeName: string
    /** Its type. */
    readonly nodeType: string
    /** How often the node ran before. */
    readonly runIndex: number
    /** 1, 2, ... */
    readonly attempt: number
    /** Where its items came from. */
    readonly inputs: readonly StepInput[]
    /** ISO 8601, UTC, milliseconds: $now of this step. */
    readonly startedAt: string
    /** Milliseconds. */
    readonly durationMs: number
    /** Items per output; -1 = the output was not produced. */
    readonly outputCounts: readonly number[]
    /** Items per output, packed: see contracts/items.ts. Absent when every output is empty. */
    readonly outputs?: JsonValue
    /** In place of `outputs` when every item is one of an input: references only, so nothing of the user's is in it. */
    readonly passed?: JsonValue
    /** Journal of outbound calls: [{ordinal, requestHash, response}]. */
    readonly calls?: JsonValue
    /** Log lines: [{level, time, message}]. */
    readonly logs?: JsonValue
    /** Static data areas that the code changed: {global, node}, each complete. */
    readonly staticData?: JsonValue
    /** Answer to the waiting caller: {statusCode, headers, body}. */
    readonly response?: JsonValue
    /** In place of `response` when its body is the json of an input item: {statusCode, bodyEncoding, from: [input, item]}. */
    readonly passedResponse?: JsonValue
    /** $execution.customData as of the end of the step. */
    readonly customData?: JsonValue
    /** What the node keeps for its later runs in this execution, complete: $node["X"].context. */
    readonly nodeContext?: JsonValue
    /** Whether the result came from the cache. */
    readonly cacheHit?: boolean
    /** Error that onError turned into an output: {code, message, description}. */
    readonly error?: JsonValue
    /** Why the executor was not called: disabled or pinned. */
    readonly skipped?: string
    /** Step it serves, for sub-nodes. */
    readonly parentStep?: number
    /** main when absent. */
    readonly connectionType?: string
  }
}

/** A try of a step failed. */
export interface StepFailed {
  readonly type: 'StepFailed'
  readonly data: {
    /** Number of the step. */
    readonly step: number
    /** Node. */
    readonly nodeId: string
    /** Its name. */
    readonly nodeName: string
    /** Its type. */
    readonly nodeType: string
    /** How often the node ran before. */
    readonly runIndex: number
    /** Try that failed, from 1. */
    readonly attempt: number
    /** Where its items came from. */
    readonly inputs: readonly StepInput[]
    /** ISO 8601. */
    readonly startedAt: string
    /** Milliseconds. */
    readonly durationMs: number
    /** Code of the error. */
    readonly code: string
    /** {code, message, description, itemIndex, stack of the user's code}. */
    readonly error: JsonValue
    /** Journal of outbound calls. */
    readonly calls?: JsonValue
    /** Log lines. */
    readonly logs?: JsonValue
    /** Static data areas that the code changed: {global, node}, each complete. */
    readonly staticData?: JsonValue
    /** $execution.customData that the code set before it failed. */
    readonly customData?: JsonValue
    /** Whether no further try follows. */
    readonly final: boolean
    /** Step it serves: of a sub-node, or the one that it undoes. */
    readonly parentStep?: number
    /** main when absent; compensation when it undoes its parent step. */
    readonly connectionType?: string
  }
}

/** A further try was planned. */
export interface StepRetryScheduled {
  readonly type: 'StepRetryScheduled'
  readonly data: {
    /** Step. */
    readonly step: number
    /** The coming try. */
    readonly attempt: number
    /** ISO 8601. */
    readonly dueAt: string
  }
}

/** A planned node will not run. */
export interface StepSkipped {
  readonly type: 'StepSkipped'
  readonly data: {
    /** Node. */
    readonly nodeId: string
    /** Why. */
    readonly reason: string
  }
}

/** Durable mark before a step that may have effects outside. */
export interface StepStarted {
  readonly type: 'StepStarted'
  readonly data: {
    /** Number of the step within the execution, from 0. */
    readonly step: number
    /** Node. */
    readonly nodeId: string
    /** Its name in this version. */
    readonly nodeName: string
    /** Its type. */
    readonly nodeType: string
    /** How often the node ran before. */
    readonly runIndex: number
    /** 1, 2, ... */
    readonly attempt: number
    /** Where its items come from. */
    readonly inputs: readonly StepInput[]
    /** ISO 8601, UTC, milliseconds: $now of this step. */
    readonly startedAt: string
    /** Step it serves, for sub-nodes. */
    readonly parentStep?: number
    /** main when absent; ai_* for sub-nodes. */
    readonly connectionType?: string
  }
}

/** A step waits for someone: what it is that may come is known from here on. */
export interface WaitOpened {
  readonly type: 'WaitOpened'
  readonly data: {
    /** Step that waits. */
    readonly step: number
    /** Its node. */
    readonly nodeId: string
    /** Its name. */
    readonly nodeName: string
    /** What it waits for. */
    readonly waitFor: 'time' | 'webhook' | 'signal' | 'approval' | 'children' | 'retry' | 'incident'
    /** Name of the signal. */
    readonly name?: string
    /** What is to be approved, for a person. */
    readonly title?: JsonValue
    /** Roles that may decide; every role that may run executions when absent. */
    readonly roles?: readonly string[]
    /** ISO 8601: nobody is waited for any longer. */
    readonly until?: string
  }
}

export type ExecutionEvent =
  | ApprovalDecided
  | CancellationRequested
  | CompensationStarted
  | ExecutionCancelled
  | ExecutionClaimed
  | ExecutionCompleted
  | ExecutionFailed
  | ExecutionMigrated
  | ExecutionMigrationPrepared
  | ExecutionMigrationReleased
  | ExecutionPaused
  | ExecutionReleased
  | ExecutionRequested
  | ExecutionResumed
  | ExecutionStarted
  | ExecutionTimedOut
  | IncidentRaised
  | IncidentResolved
  | PauseEnded
  | PauseRequested
  | SignalReceived
  | StepCompleted
  | StepFailed
  | StepRetryScheduled
  | StepSkipped
  | StepStarted
  | WaitOpened
