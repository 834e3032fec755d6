// Generated from contracts/schemas by `./weconnect generate`. Do not edit.
import type { JsonValue } from '../json.ts'
import type { ConnectionData, NodeData, NodeOptions, Position3 } from './types.ts'

/** A node was added. */
export interface NodeAdded {
  readonly type: 'NodeAdded'
  readonly data: {
    /** The node. */
    readonly node: NodeData
  }
}

/** Parameters, options, credentials, type or version of a node changed. An absent field keeps its value. */
export interface NodeConfigured {
  readonly type: 'NodeConfigured'
  readonly data: {
    /** Node. */
    readonly nodeId: string
    /** All parameters. */
    readonly parameters?: JsonValue
    /** All options. */
    readonly options?: NodeOptions
    /** All credential references. */
    readonly credentials?: JsonValue
    /** Version of the type. */
    readonly typeVersion?: number
  }
}

/** A node moved on the canvas. */
export interface NodeMoved {
  readonly type: 'NodeMoved'
  readonly data: {
    /** Node. */
    readonly nodeId: string
    /** New place. */
    readonly position: Position3
  }
}

/** A node was removed, with its connections. */
export interface NodeRemoved {
  readonly type: 'NodeRemoved'
  readonly data: {
    /** Node. */
    readonly nodeId: string
  }
}

/** A node got a new name. Expressions that name it were rewritten by NodeConfigured events of the same append. */
export interface NodeRenamed {
  readonly type: 'NodeRenamed'
  readonly data: {
    /** Node. */
    readonly nodeId: string
    /** New name. */
    readonly name: string
  }
}

/** Two nodes were connected. */
export interface NodesConnected {
  readonly type: 'NodesConnected'
  readonly data: {
    /** The edge. */
    readonly connection: ConnectionData
  }
}

/** An edge was removed. */
export interface NodesDisconnected {
  readonly type: 'NodesDisconnected'
  readonly data: {
    /** Edge. */
    readonly connectionId: string
  }
}

/** The pinned items changed. */
export interface PinDataChanged {
  readonly type: 'PinDataChanged'
  readonly data: {
    /** Items by node name; null = none. */
    readonly pinData?: JsonValue
  }
}

/** The settings changed. */
export interface SettingsChanged {
  readonly type: 'SettingsChanged'
  readonly data: {
    /** The whole settings object. */
    readonly settings: JsonValue
  }
}

/** Its triggers are live with this version. */
export interface WorkflowActivated {
  readonly type: 'WorkflowActivated'
  readonly data: {
    /** Published version. */
    readonly version: number
  }
}

/** It left the lists; nothing runs. */
export interface WorkflowArchived {
  readonly type: 'WorkflowArchived'
  readonly data: Readonly<Record<string, never>>
}

/** Its category changed. */
export interface WorkflowCategorised {
  readonly type: 'WorkflowCategorised'
  readonly data: {
    /** New category; null removes it. */
    readonly category?: string
  }
}

/** A workflow came into being. */
export interface WorkflowCreated {
  readonly type: 'WorkflowCreated'
  readonly data: {
    /** Id. */
    readonly workflowId: string
    /** Organisation that owns it. */
    readonly organisationId: string
    /** Name. */
    readonly name: string
    /** Free text. */
    readonly description?: string
    /** Category. */
    readonly category?: string
    /** Tags, in order. */
    readonly tags: readonly string[]
    /** n8n settings object; executionOrder is v0, v1 or parallel. */
    readonly settings: JsonValue
    /** Where it came from. */
    readonly source: 'created' | 'imported' | 'template'
    /** Top-level keys of an imported file that WeConnect gives no meaning to, kept for export. */
    readonly imported?: JsonValue
    /** True: its content comes in several appends, and nobody sees it before WorkflowImported. */
    readonly inParts?: boolean
  }
}

/** Its triggers are off. */
export interface WorkflowDeactivated {
  readonly type: 'WorkflowDeactivated'
  readonly data: Readonly<Record<string, never>>
}

/** Its description changed. */
export interface WorkflowDescribed {
  readonly type: 'WorkflowDescribed'
  readonly data: {
    /** New text; empty removes it. */
    readonly description: string
  }
}

/** The last of an import that came in several appends is there: the workflow can be seen and used. */
export interface WorkflowImported {
  readonly type: 'WorkflowImported'
  readonly data: {
    /** How many nodes it has. */
    readonly nodes: number
    /** How many connections it has. */
    readonly connections: number
  }
}

/** It became a template, or ceased to be one. */
export interface WorkflowMarkedTemplate {
  readonly type: 'WorkflowMarkedTemplate'
  readonly data: {
    /** Whether it is one now. */
    readonly isTemplate: boolean
    /** What the gallery shows. */
    readonly metadata?: JsonValue
  }
}

/** The content as of this revision became a numbered, immutable version. */
export interface WorkflowPublished {
  readonly type: 'WorkflowPublished'
  readonly data: {
    /** 1, 2, 3 ... */
    readonly version: number
    /** SHA-256 of the canonical content, hex. */
    readonly contentHash: string
    /** What changed. */
    readonly note?: string
  }
}

/** Its name changed. */
export interface WorkflowRenamed {
  readonly type: 'WorkflowRenamed'
  readonly data: {
    /** New name. */
    readonly name: string
  }
}

/** It came back from the archive, inactive. */
export interface WorkflowRestored {
  readonly type: 'WorkflowRestored'
  readonly data: Readonly<Record<string, never>>
}

/** Its tags changed. */
export interface WorkflowTagged {
  readonly type: 'WorkflowTagged'
  readonly data: {
    /** All tags, in order. */
    readonly tags: readonly string[]
  }
}

export type WorkflowEvent =
  | NodeAdded
  | NodeConfigured
  | NodeMoved
  | NodeRemoved
  | NodeRenamed
  | NodesConnected
  | NodesDisconnected
  | PinDataChanged
  | SettingsChanged
  | WorkflowActivated
  | WorkflowArchived
  | WorkflowCategorised
  | WorkflowCreated
  | WorkflowDeactivated
  | WorkflowDescribed
  | WorkflowImported
  | WorkflowMarkedTemplate
  | WorkflowPublished
  | WorkflowRenamed
  | WorkflowRestored
  | WorkflowTagged
