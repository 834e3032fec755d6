// Generated from contracts/schemas by `./weconnect generate`. Do not edit.
import type { JsonValue } from '../json.ts'

/** Calls of the last seconds that became no execution: written together, and only when there were some. */
export interface WebhookCallsCounted {
  readonly type: 'WebhookCallsCounted'
  readonly data: {
    /** Deliveries that had come before: they got the answer of the first. */
    readonly duplicates: number
    /** Calls that were refused, by the code of the error. */
    readonly refused: Readonly<Record<string, number>>
  }
}

/** What the webhook asks of its calls and how it answers them, as its version says: for those who look at it. Follows its registration. */
export interface WebhookConfigured {
  readonly type: 'WebhookConfigured'
  readonly data: {
    /** {authentication?, rateLimiting?, requestValidation?, responseConfig}: docs/webhooks.md. */
    readonly settings: JsonValue
  }
}

/** A method and path now start a workflow. The stream is one per method and path, so that they are unique. */
export interface WebhookRegistered {
  readonly type: 'WebhookRegistered'
  readonly data: {
    /** Id: uuid5 of method and path. */
    readonly webhookId: string
    /** Workflow. */
    readonly workflowId: string
    /** Webhook node. */
    readonly nodeId: string
    /** Published version. */
    readonly version: number
    /** GET, POST ... */
    readonly method: string
    /** Without leading slash; :name are parameters. */
    readonly path: string
  }
}

/** The path is free again. */
export interface WebhookReleased {
  readonly type: 'WebhookReleased'
  readonly data: {
    /** Workflow that held it. */
    readonly workflowId: string
  }
}

export type WebhookEvent = WebhookCallsCounted | WebhookConfigured | WebhookRegistered | WebhookReleased
