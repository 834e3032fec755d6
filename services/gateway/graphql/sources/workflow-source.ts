import type { ConnectionData } from '@weconnect/contracts/events/types'
import type { JsonValue } from '@weconnect/contracts/json'
import type { WorkflowConnectionRow, WorkflowNodeRow, WorkflowRow } from '@weconnect/projections/workflow-list/queries'
import type { Workflow, WorkflowContent, WorkflowNode } from '@weconnect/workflows/model'

/** What resolvers of Workflow start from: either a row of the read model, or the aggregate. */
export interface WorkflowSource {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly organizationId: string
  readonly status: string
  readonly settings: JsonValue
  readonly tags: readonly string[]
  readonly category: string | null
  readonly version: number
  readonly activeVersion: number
  readonly revision: number
  readonly isTemplate: boolean
  readonly templateMetadata: JsonValue
  readonly source: string
  readonly row?: WorkflowRow
  readonly aggregate?: Workflow
}

export const workflowOfRow = (row: WorkflowRow): WorkflowSource => ({ ...row, description: row.description ?? '', row })

export const workflowOfAggregate = (workflow: Workflow, revision: number): WorkflowSource => ({
  id: workflow.workflowId,
  name: workflow.name,
  description: workflow.description,
  organizationId: workflow.organisationId,
  status: workflow.status,
  settings: workflow.settings,
  tags: workflow.tags,
  category: workflow.category ?? null,
  version: workflow.version,
  activeVersion: workflow.activeVersion,
  revision,
  isTemplate: workflow.isTemplate,
  templateMetadata: workflow.templateMetadata ?? null,
  source: workflow.source,
  aggregate: workflow,
})

/** The fields of WorkflowNode that both sources have; the read model adds the rest. */
export interface NodeSource {
  readonly id: string
  readonly workflowId: string
  readonly name: string
  readonly type: string
  readonly typeVersion: number
  readonly position: { readonly x: number; readonly y: number; readonly z: number }
  readonly configuration: JsonValue
  readonly credentials: JsonValue
  readonly credentialsId: string | null
  readonly retryPolicy: JsonValue
  readonly timeoutMs: number
  readonly cacheConfig: JsonValue
  readonly uiMetadata: JsonValue
  readonly options: JsonValue
  readonly category?: string | null
}

export const nodeOfRow = (row: WorkflowNodeRow): NodeSource => ({ ...row, position: { z: 0, ...row.position } })

/** Defaults are those of contracts/events/types.ts. */
export const nodeOfAggregate = (workflowId: string, node: WorkflowNode): NodeSource => {
  const { options } = node
  return {
    id: node.nodeId,
    workflowId,
    name: node.name,
    type: node.nodeType,
    typeVersion: node.typeVersion,
    position: { z: 0, ...node.position },
    configuration: node.parameters,
    credentials: node.credentials ?? null,
    credentialsId: firstCredential(node.credentials),
    retryPolicy: {
      retryOnFail: options.retryOnFail ?? false,
      maxTries: options.maxTries ?? 3,
      waitBetweenTries: options.waitBetweenTries ?? 1000,
      ...(options.retry && { retry: options.retry as unknown as JsonValue }),
    },
    timeoutMs: options.timeoutMs ?? 30_000,
    cacheConfig: { enabled: options.cache?.enabled ?? false, ttl: options.cache?.ttlSeconds ?? 300 },
    uiMetadata: { disabled: options.disabled ?? false, notes: options.notes ?? null, notesInFlow: options.notesInFlow ?? false },
    options: options as JsonValue,
  }
}

const firstCredential = (credentials: unknown): string | null => {
  const [first] = Object.values((credentials ?? {}) as Readonly<Record<string, { readonly id?: unknown } | null>>)
  return typeof first?.id === 'string' ? first.id : null
}

export type EdgeSource = Omit<WorkflowConnectionRow, 'createdAt'>

export const edgeOf = (workflowId: string, { connectionId, conditions = null, transform = null, ...edge }: ConnectionData): EdgeSource => ({
  id: connectionId,
  workflowId,
  conditions,
  transform,
  ...edge,
})

export const contentSource = (content: WorkflowContent, version: number | null, revision: number) => ({
  workflowId: content.workflowId,
  version,
  revision,
  name: content.name,
  settings: content.settings,
  nodes: content.nodes.map((node) => nodeOfAggregate(content.workflowId, node)),
  connections: content.connections.map((edge) => edgeOf(content.workflowId, edge)),
  pinData: content.pinData ?? null,
})
