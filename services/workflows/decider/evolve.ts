import type { ConnectionData, NodeData } from '@weconnect/contracts/events/types'
import type { NodeConfigured, WorkflowCreated, WorkflowEvent, WorkflowPublished } from '@weconnect/contracts/events/workflow'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { Workflow, WorkflowNode } from '../model.ts'

/** A workflow before its first event. */
export const absentWorkflow: Workflow = {
  workflowId: '',
  organisationId: '',
  name: '',
  description: '',
  status: 'absent',
  nodes: [],
  connections: [],
  settings: {},
  tags: [],
  isTemplate: false,
  source: 'created',
  version: 0,
  versions: new Map(),
  activeVersion: 0,
  revision: -1,
  publishedHash: '',
}

/** The workflow after one more event of its stream. Every event counts, so `revision` is that of the event. */
export const evolve = (workflow: Workflow, event: WorkflowEvent): Workflow => ({
  ...changed(workflow, event),
  revision: workflow.revision + 1,
})

const changed = (workflow: Workflow, event: WorkflowEvent): Workflow => {
  switch (event.type) {
    case 'WorkflowCreated':
      return created(workflow, event.data)
    case 'WorkflowRenamed':
      return { ...workflow, name: event.data.name }
    case 'WorkflowDescribed':
      return { ...workflow, description: event.data.description }
    case 'WorkflowTagged':
      return { ...workflow, tags: event.data.tags }
    case 'WorkflowCategorised':
      return withOptional(workflow, 'category', event.data.category)
    case 'WorkflowMarkedTemplate':
      return withOptional({ ...workflow, isTemplate: event.data.isTemplate }, 'templateMetadata', event.data.metadata)
    case 'SettingsChanged':
      return { ...workflow, settings: objectOf(event.data.settings) }
    case 'PinDataChanged':
      return withOptional(workflow, 'pinData', event.data.pinData ?? undefined)
    case 'NodeAdded':
      return { ...workflow, nodes: [...workflow.nodes, nodeOf(event.data.node)] }
    case 'NodeConfigured':
      return withNode(workflow, event.data.nodeId, (node) => configured(node, event.data))
    case 'NodeMoved':
      return withNode(workflow, event.data.nodeId, (node) => ({ ...node, position: event.data.position }))
    case 'NodeRenamed':
      return withNode(workflow, event.data.nodeId, (node) => ({ ...node, name: event.data.name }))
    case 'NodeRemoved':
      return withoutNode(workflow, event.data.nodeId)
    case 'NodesConnected':
      return { ...workflow, connections: [...workflow.connections, event.data.connection] }
    case 'NodesDisconnected':
      return { ...workflow, connections: workflow.connections.filter((edge) => edge.connectionId !== event.data.connectionId) }
    case 'WorkflowPublished':
      return published(workflow, event.data)
    case 'WorkflowActivated':
      return { ...workflow, status: 'active', activeVersion: event.data.version }
    case 'WorkflowDeactivated':
      return { ...workflow, status: 'inactive', activeVersion: 0 }
    case 'WorkflowArchived':
      return { ...workflow, status: 'archived', activeVersion: 0 }
    case 'WorkflowImported':
      return { ...workflow, status: 'draft' }
    case 'WorkflowRestored':
      return { ...workflow, status: 'inactive' }
  }
}

const objectOf = (value: JsonValue): JsonObject => (isJsonObject(value) ? value : {})

/** Sets or removes an optional field, so that "none" has one form only: absent. */
const withOptional = <Key extends 'category' | 'templateMetadata' | 'pinData'>(
  workflow: Workflow,
  key: Key,
  value: Workflow[Key],
): Workflow => {
  const { [key]: _before, ...rest } = workflow
  return (value === undefined ? rest : { ...rest, [key]: value }) as Workflow
}

const created = (workflow: Workflow, data: WorkflowCreated['data']): Workflow => ({
  ...workflow,
  workflowId: data.workflowId,
  organisationId: data.organisationId,
  name: data.name,
  description: data.description ?? '',
  ...(data.category != null && { category: data.category }),
  tags: data.tags,
  settings: objectOf(data.settings),
  source: data.source,
  ...(data.imported !== undefined && { imported: data.imported }),
  status: data.inParts ? 'importing' : 'draft',
})

const nodeOf = (data: NodeData): WorkflowNode => ({ ...data, parameters: objectOf(data.parameters) })

const configured = (node: WorkflowNode, data: NodeConfigured['data']): WorkflowNode => ({
  ...node,
  ...(data.parameters != null && { parameters: objectOf(data.parameters) }),
  ...(data.options != null && { options: data.options }),
  ...(data.credentials != null && { credentials: data.credentials }),
  ...(data.typeVersion != null && { typeVersion: data.typeVersion }),
})

const withNode = (workflow: Workflow, nodeId: string, change: (node: WorkflowNode) => WorkflowNode): Workflow => ({
  ...workflow,
  nodes: workflow.nodes.map((node) => (node.nodeId === nodeId ? change(node) : node)),
})

const touches = (edge: ConnectionData, nodeId: string): boolean => edge.sourceNodeId === nodeId || edge.targetNodeId === nodeId

const withoutNode = (workflow: Workflow, nodeId: string): Workflow => ({
  ...workflow,
  nodes: workflow.nodes.filter((node) => node.nodeId !== nodeId),
  connections: workflow.connections.filter((edge) => !touches(edge, nodeId)),
})

const published = (workflow: Workflow, { version, contentHash }: WorkflowPublished['data']): Workflow => ({
  ...workflow,
  version,
  versions: new Map(workflow.versions).set(version, { revision: workflow.revision + 1, contentHash }),
  publishedHash: contentHash,
})
