// Generated from contracts/schemas by `./weconnect generate`. Do not edit.

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

export type WebhookEvent = WebhookRegistered | WebhookReleased
