import type { ConnectionData, NodeData, NodeOptions, Position3 } from '@weconnect/contracts/events/types'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'

/** What every command names: which workflow, on whose behalf. */
interface Target {
  readonly workflowId: string
  readonly organisationId: string
}

/** An edit may name the revision it was made against; when the workflow has moved on it is refused with STALE_EXPECTED_VERSION. */
interface Edit extends Target {
  readonly expectedVersion?: number
}

export interface CreateWorkflow extends Target {
  readonly type: 'CreateWorkflow'
  readonly name: string
  readonly description?: string
  readonly category?: string
  readonly tags?: readonly string[]
  /** `executionOrder` is `parallel` unless it is given. */
  readonly settings?: JsonObject
  readonly source?: 'created' | 'template'
}

/** A parsed n8n file: see import-n8n.ts. */
export interface ImportWorkflow extends Target {
  readonly type: 'ImportWorkflow'
  readonly name: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly settings: JsonObject
  readonly nodes: readonly NodeData[]
  readonly connections: readonly ConnectionData[]
  readonly pinData?: JsonObject
  /** What the export needs to give the same file back. */
  readonly imported: JsonObject
  /** Which of its events to append, from `from` up to but not including `to`, when one append cannot hold them all. */
  readonly part?: ImportPart
}
export interface ImportPart {
  readonly from: number
  readonly to: number
  readonly last: boolean
}

export interface RenameWorkflow extends Edit {
  readonly type: 'RenameWorkflow'
  readonly name: string
}
export interface DescribeWorkflow extends Edit {
  readonly type: 'DescribeWorkflow'
  readonly description: string
}
export interface TagWorkflow extends Edit {
  readonly type: 'TagWorkflow'
  /** All tags; blanks and repetitions are dropped. */
  readonly tags: readonly string[]
}
export interface CategoriseWorkflow extends Edit {
  readonly type: 'CategoriseWorkflow'
  /** Absent: none. */
  readonly category?: string
}
export interface MarkTemplate extends Edit {
  readonly type: 'MarkTemplate'
  readonly isTemplate: boolean
  readonly metadata?: JsonValue
}

export interface AddNode extends Edit {
  readonly type: 'AddNode'
  readonly nodeId: string
  readonly name: string
  readonly nodeType: string
  readonly typeVersion: number
  readonly position: Position3
  readonly parameters?: JsonObject
  readonly options?: NodeOptions
  readonly credentials?: JsonObject
}
/** An absent field keeps its value. */
export interface ConfigureNode extends Edit {
  readonly type: 'ConfigureNode'
  readonly nodeId: string
  readonly parameters?: JsonObject
  readonly options?: NodeOptions
  readonly credentials?: JsonObject
  readonly typeVersion?: number
}
export interface MoveNode extends Edit {
  readonly type: 'MoveNode'
  readonly nodeId: string
  readonly position: Position3
}
/** Rewrites the expressions of all nodes that name it. */
export interface RenameNode extends Edit {
  readonly type: 'RenameNode'
  readonly nodeId: string
  readonly name: string
}
export interface RemoveNode extends Edit {
  readonly type: 'RemoveNode'
  readonly nodeId: string
}

export interface ConnectNodes extends Edit {
  readonly type: 'ConnectNodes'
  readonly connectionId: string
  readonly sourceNodeId: string
  /** `main` when absent, or an ai_* type. */
  readonly sourceOutput?: string
  /** From 0; 0 when absent. */
  readonly sourceIndex?: number
  readonly targetNodeId: string
  readonly targetInput?: string
  readonly targetIndex?: number
  /** Expression that lets an item pass. */
  readonly conditions?: JsonValue
  /** Expression that replaces an item's json. */
  readonly transform?: JsonValue
}
export interface DisconnectNodes extends Edit {
  readonly type: 'DisconnectNodes'
  readonly connectionId: string
}

export interface ChangeSettings extends Edit {
  readonly type: 'ChangeSettings'
  /** The whole object. */
  readonly settings: JsonObject
}
export interface ChangeFlowControl extends Edit {
  readonly type: 'ChangeFlowControl'
  /** settings.flowControl, the whole of it; absent: nothing is declared any more. The other settings stay. */
  readonly flowControl?: JsonObject
}
export interface ChangePinData extends Edit {
  readonly type: 'ChangePinData'
  /** Items by node name; absent: none. */
  readonly pinData?: JsonObject
}

export interface PublishWorkflow extends Edit {
  readonly type: 'PublishWorkflow'
  readonly note?: string
}
/** Without a version: the draft goes live, published first when it changed since the last publish. */
export interface ActivateWorkflow extends Edit {
  readonly type: 'ActivateWorkflow'
  readonly version?: number
}
export interface DeactivateWorkflow extends Edit {
  readonly type: 'DeactivateWorkflow'
}
export interface ArchiveWorkflow extends Edit {
  readonly type: 'ArchiveWorkflow'
}
export interface RestoreWorkflow extends Edit {
  readonly type: 'RestoreWorkflow'
}

export type CreationCommand = CreateWorkflow | ImportWorkflow
export type DetailCommand =
  | RenameWorkflow
  | DescribeWorkflow
  | TagWorkflow
  | CategoriseWorkflow
  | MarkTemplate
  | ChangeSettings
  | ChangeFlowControl
  | ChangePinData
export type NodeCommand = AddNode | ConfigureNode | MoveNode | RenameNode | RemoveNode
export type ConnectionCommand = ConnectNodes | DisconnectNodes
export type LifecycleCommand = PublishWorkflow | ActivateWorkflow | DeactivateWorkflow | ArchiveWorkflow | RestoreWorkflow
/** Everything but creation: needs an existing workflow. */
export type EditCommand = DetailCommand | NodeCommand | ConnectionCommand | LifecycleCommand
export type WorkflowCommand = CreationCommand | EditCommand
