import type { Envelope } from '@weconnect/contracts/envelope'
import type { NodeData, NodeOptions } from '@weconnect/contracts/events/types'
import type { JsonValue } from '@weconnect/contracts/json'
import { clip, streamIdOf, summable, userOf } from '../runner/event-values.ts'
import type { ExecutionFacts } from '../runner/execution-facts.ts'
import { projection } from '../runner/projection.ts'
import { jsonText, jsonTextIf, payloadText } from '../runner/tables/json-column.ts'
import type { Rows } from '../runner/tables/rows.ts'
import type { RowOf } from '../runner/tables/table.ts'
import { workflowConnections, workflowNodes, workflows } from './tables.ts'

export const workflowList = projection({
  name: 'workflow-list',
  version: 2,
  tables: [workflows, workflowNodes, workflowConnections],
  on: {
    WorkflowCreated: (event, rows) => {
      const { name, description, category, tags, settings, source, inParts } = event.data
      edit(event, rows, {
        name,
        description: description ?? null,
        user_id: userOf(event),
        organization_id: event.organisationId,
        status: inParts ? 'importing' : 'draft',
        settings: jsonText(settings),
        tags: tagsOf(tags),
        category: category ?? null,
        source,
        created_at: event.time,
      })
    },
    WorkflowImported: (event, rows) => edit(event, rows, { status: 'draft' }),
    WorkflowRenamed: (event, rows) => edit(event, rows, { name: event.data.name }),
    WorkflowDescribed: (event, rows) => edit(event, rows, { description: event.data.description || null }),
    WorkflowTagged: (event, rows) => edit(event, rows, { tags: tagsOf(event.data.tags) }),
    WorkflowCategorised: (event, rows) => edit(event, rows, { category: event.data.category ?? null }),
    SettingsChanged: (event, rows) => edit(event, rows, { settings: jsonText(event.data.settings) }),
    PinDataChanged: (event, rows) => edit(event, rows, {}),
    WorkflowMarkedTemplate: (event, rows) =>
      edit(event, rows, { is_template: event.data.isTemplate, template_metadata: jsonTextIf(event.data.metadata) }),
    WorkflowPublished: (event, rows) => edit(event, rows, { version: event.data.version }),
    WorkflowActivated: (event, rows) => edit(event, rows, { status: 'active', active_version: event.data.version }),
    WorkflowDeactivated: (event, rows) => edit(event, rows, { status: 'inactive', active_version: 0 }),
    WorkflowArchived: (event, rows) => edit(event, rows, { status: 'archived', active_version: 0 }),
    WorkflowRestored: (event, rows) => edit(event, rows, { status: 'inactive' }),

    NodeAdded: (event, rows) => {
      edit(event, rows, {})
      rows.put(workflowNodes, addedNode(event, event.data.node))
    },
    NodeConfigured: (event, rows) => {
      const { parameters, options, credentials, typeVersion } = event.data
      editNode(event, rows, {
        configuration: parameters === undefined ? undefined : payloadText(event, 'parameters', parameters),
        ...(options === undefined ? {} : optionColumns(options)),
        ...(credentials === undefined ? {} : credentialColumns(credentials)),
        type_version: typeVersion,
      })
    },
    NodeMoved: (event, rows) => editNode(event, rows, { position: jsonText({ ...event.data.position }) }),
    NodeRenamed: (event, rows) => editNode(event, rows, { name: event.data.name }),
    NodeRemoved: (event, rows) => {
      const key = { workflow_id: streamIdOf(event), id: event.data.nodeId }
      edit(event, rows, {})
      rows.remove(workflowNodes, key)
      rows.removeWhere(workflowConnections, { workflow_id: key.workflow_id, source_node_id: key.id })
      rows.removeWhere(workflowConnections, { workflow_id: key.workflow_id, target_node_id: key.id })
    },
    NodesConnected: (event, rows) => {
      const { connectionId, sourceNodeId, sourceOutput, sourceIndex, targetNodeId, targetInput, targetIndex, conditions, transform } =
        event.data.connection
      edit(event, rows, {})
      rows.put(workflowConnections, {
        workflow_id: streamIdOf(event),
        id: connectionId,
        organization_id: event.organisationId,
        source_node_id: sourceNodeId,
        source_output: sourceOutput,
        source_index: sourceIndex,
        target_node_id: targetNodeId,
        target_input: targetInput,
        target_index: targetIndex,
        conditions: payloadText(event, 'connection.conditions', conditions),
        transform: payloadText(event, 'connection.transform', transform),
        created_revision: event.revision,
        created_at: event.time,
      })
    },
    NodesDisconnected: (event, rows) => {
      edit(event, rows, {})
      rows.remove(workflowConnections, { workflow_id: streamIdOf(event), id: event.data.connectionId })
    },

    // Put, as its workflow may come later when topics are read; until then the row belongs to no organisation, and nobody sees it.
    ExecutionRequested: (event, rows) =>
      rows.put(workflows, { id: event.data.workflowId, executions_total: 1, last_execution_at: event.time }),
    ExecutionCompleted: (event, rows, execution) => ended(rows, execution, event.data.durationMs, 'executions_completed'),
    ExecutionFailed: (event, rows, execution) => ended(rows, execution, event.data.durationMs, 'executions_failed'),
    ExecutionTimedOut: (event, rows, execution) => ended(rows, execution, event.data.durationMs, 'executions_failed'),
  },
})

const edit = (event: Envelope, rows: Rows, columns: RowOf<typeof workflows>): void => {
  const row = { ...columns, id: streamIdOf(event), revision: event.revision, updated_at: event.time }
  if (event.type === 'WorkflowCreated') rows.put(workflows, row)
  else rows.update(workflows, row)
}

const editNode = (event: Envelope & { data: { nodeId: string } }, rows: Rows, columns: RowOf<typeof workflowNodes>): void => {
  edit(event, rows, {})
  rows.update(workflowNodes, { ...columns, workflow_id: streamIdOf(event), id: event.data.nodeId, updated_at: event.time })
}

const ended = (
  rows: Rows,
  { workflowId }: ExecutionFacts,
  durationMs: number,
  counter: 'executions_completed' | 'executions_failed',
): void => rows.put(workflows, { id: workflowId, [counter]: 1, executions_duration_ms: summable(durationMs) })

/** Longer ones do not fit into an index. */
const tagsOf = (tags: readonly string[]): readonly string[] => tags.map((tag) => clip(tag, 200))

const addedNode = (event: Envelope, node: NodeData): RowOf<typeof workflowNodes> => ({
  workflow_id: streamIdOf(event),
  id: node.nodeId,
  organization_id: event.organisationId,
  name: node.name,
  type: node.nodeType,
  type_version: node.typeVersion,
  position: jsonText({ ...node.position }),
  configuration: payloadText(event, 'node.parameters', node.parameters),
  ...optionColumns(node.options),
  ...credentialColumns(node.credentials),
  created_revision: event.revision,
  created_at: event.time,
  updated_at: event.time,
})

const optionColumns = (options: NodeOptions): RowOf<typeof workflowNodes> => ({
  options: jsonText(options as JsonValue),
  retry_policy: jsonText({
    retryOnFail: options.retryOnFail ?? false,
    maxTries: options.maxTries ?? 3,
    waitBetweenTries: options.waitBetweenTries ?? 1_000,
  }),
  timeout_ms: options.timeoutMs ?? 30_000,
  cache_config: jsonText({ enabled: options.cache?.enabled ?? false, ttl: options.cache?.ttlSeconds ?? 300 }),
  ui_metadata: jsonText({ disabled: options.disabled ?? false, notes: options.notes ?? null, notesInFlow: options.notesInFlow ?? false }),
})

/** Credential references by type; the id of the first is a column of its own. */
const credentialColumns = (credentials: JsonValue | undefined): RowOf<typeof workflowNodes> => {
  const [first] = typeof credentials === 'object' && credentials !== null ? Object.values(credentials) : []
  const id = typeof first === 'object' && first !== null && 'id' in first ? first['id'] : undefined
  return { credentials: jsonTextIf(credentials), credentials_id: typeof id === 'string' ? clip(id, 200) : null }
}
