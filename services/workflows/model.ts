import type { ConnectionData, NodeOptions, Position3 } from '@weconnect/contracts/events/types'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'

export interface WorkflowNode {
  readonly nodeId: string
  readonly name: string
  readonly nodeType: string
  readonly typeVersion: number
  readonly position: Position3
  readonly options: NodeOptions
  readonly parameters: JsonObject
  readonly credentials?: JsonValue
  readonly extra?: JsonValue
  readonly importedId?: JsonValue
}

/** importing: more of its content is on the way, and to everybody else it does not exist; draft: never activated; inactive: was active once. */
export type WorkflowStatus = 'absent' | 'importing' | 'draft' | 'active' | 'inactive' | 'archived'

/** Whether there is nothing yet that anybody may see. */
export const isUnseen = ({ status }: { readonly status: WorkflowStatus }): boolean => status === 'absent' || status === 'importing'

/** What runs: the content of a workflow at one revision. */
export interface WorkflowContent {
  readonly workflowId: string
  readonly name: string
  /** In the order in which they were added. */
  readonly nodes: readonly WorkflowNode[]
  readonly connections: readonly ConnectionData[]
  readonly settings: JsonObject
  readonly pinData?: JsonValue
}

/** The aggregate, folded from its stream. */
export interface Workflow extends WorkflowContent {
  readonly status: WorkflowStatus
  readonly description: string
  readonly category?: string
  readonly tags: readonly string[]
  readonly isTemplate: boolean
  readonly templateMetadata?: JsonValue
  readonly source: 'created' | 'imported' | 'template'
  readonly imported?: JsonValue
  /** Number of the newest published version; 0 = none. */
  readonly version: number
  /** Revision of the stream that holds the content of each published version. */
  readonly versions: ReadonlyMap<number, { readonly revision: number; readonly contentHash: string }>
  /** Version whose triggers are live; 0 = none. */
  readonly activeVersion: number
  readonly organisationId: string
  /** Revision of its stream; -1 while absent. The expected version of the next edit. */
  readonly revision: number
  /** Hash of the content as it was published last; empty when it never was. */
  readonly publishedHash: string
}
