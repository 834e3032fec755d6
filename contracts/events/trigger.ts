// Generated from contracts/schemas by `./weconnect generate`. Do not edit.
import type { JsonValue } from '../json.ts'

/** What was seen up to here; what was found on the way has been started before. */
export interface TriggerAdvanced {
  readonly type: 'TriggerAdvanced'
  readonly data: {
    /** As the node, or the mailbox, understands it. */
    readonly cursor: JsonValue
  }
}

/** The trigger folded up to here, so that a start need not read what was before. */
export interface TriggerCheckpointed {
  readonly type: 'TriggerCheckpointed'
  readonly data: {
    /** As services/triggers/state.ts has it. */
    readonly trigger: JsonValue
  }
}

/** It cannot look any more, and tries again; said once, not for every try. */
export interface TriggerFailed {
  readonly type: 'TriggerFailed'
  readonly data: {
    /** Of docs/errors.md. */
    readonly code: string
    /** For the people of the organisation. */
    readonly message: JsonValue
  }
}

/** Something new was found, and becomes an execution: whoever sees this may ask for it, and its id sees to it that it runs once. */
export interface TriggerFired {
  readonly type: 'TriggerFired'
  readonly data: {
    /** Execution: uuid5 of trigger and number of the fire. */
    readonly executionId: string
    /** Published version that runs. */
    readonly workflowVersion: number
    /** What was found: [item, ...]. */
    readonly items: JsonValue
    /** What was seen, as the node understands it. */
    readonly cursor: JsonValue
  }
}

/** It can look again. */
export interface TriggerRecovered {
  readonly type: 'TriggerRecovered'
  readonly data: Readonly<Record<string, never>>
}

/** A node now looks for what starts its workflow: at times, in a topic, or in a mailbox. One stream for each node of a workflow. */
export interface TriggerRegistered {
  readonly type: 'TriggerRegistered'
  readonly data: {
    /** Id: uuid5 of workflow and node. */
    readonly triggerId: string
    /** Workflow. */
    readonly workflowId: string
    /** Trigger node. */
    readonly nodeId: string
    /** Its name. */
    readonly nodeName: string
    /** Published version. */
    readonly version: number
    /** How it looks. */
    readonly kind: 'poll' | 'kafka' | 'mail'
    /** Hash of what is looked at: with another one, what was seen before says nothing. */
    readonly source: string
  }
}

/** It looks no more. */
export interface TriggerReleased {
  readonly type: 'TriggerReleased'
  readonly data: {
    /** Workflow that it started. */
    readonly workflowId: string
  }
}

export type TriggerEvent =
  | TriggerAdvanced
  | TriggerCheckpointed
  | TriggerFailed
  | TriggerFired
  | TriggerRecovered
  | TriggerRegistered
  | TriggerReleased
