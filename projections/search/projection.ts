import type { Envelope } from '@weconnect/contracts/envelope'
import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import { clip, streamIdOf } from '../runner/event-values.ts'
import { projection } from '../runner/projection.ts'
import type { Rows } from '../runner/tables/rows.ts'
import type { RowOf } from '../runner/tables/table.ts'
import type { SearchKind } from './face.ts'
import { searchDocuments } from './tables.ts'
import { fold, wordsOfType } from './words.ts'

export const searchIndex = projection({
  name: 'search',
  version: 1,
  tables: [searchDocuments],
  on: {
    WorkflowCreated: (event, rows) => {
      const { name, description, tags, inParts } = event.data
      const columns = {
        ...titleColumns(name),
        ...bodyColumns(description ?? ''),
        keywords: keywordsOf(tags),
        ...(inParts ? { visible: false } : {}),
      }
      rows.put(searchDocuments, { ...documentColumns(event, 'workflow', streamIdOf(event), streamIdOf(event)), ...columns })
    },
    WorkflowImported: (event, rows) => editWorkflow(event, rows, { visible: true }),
    WorkflowRenamed: (event, rows) => editWorkflow(event, rows, titleColumns(event.data.name)),
    WorkflowDescribed: (event, rows) => editWorkflow(event, rows, bodyColumns(event.data.description)),
    WorkflowTagged: (event, rows) => editWorkflow(event, rows, { keywords: keywordsOf(event.data.tags) }),
    WorkflowArchived: (event, rows) => editWorkflow(event, rows, { visible: false }),
    WorkflowRestored: (event, rows) => editWorkflow(event, rows, { visible: true }),

    NodeAdded: (event, rows) => {
      const { nodeId, name, nodeType, options } = event.data.node
      const columns = { ...titleColumns(name), ...bodyColumns(options.notes ?? ''), keywords: clip(wordsOfType(nodeType), 2_000) }
      rows.put(searchDocuments, { ...documentColumns(event, 'node', nodeDocument(event, nodeId), streamIdOf(event)), ...columns })
    },
    NodeRenamed: (event, rows) => editNode(event, rows, titleColumns(event.data.name)),
    NodeConfigured: (event, rows) => {
      if (event.data.options !== undefined) editNode(event, rows, bodyColumns(event.data.options.notes ?? ''))
    },
    NodeRemoved: (event, rows) => rows.remove(searchDocuments, { kind: 'node', id: nodeDocument(event, event.data.nodeId) }),

    ExecutionFailed: (event, rows, { workflowId }) => {
      const columns = { ...titleColumns(event.data.code), ...bodyColumns(messageOf(event.data.error)) }
      rows.put(searchDocuments, { ...documentColumns(event, 'execution', streamIdOf(event), workflowId), ...columns })
    },
    ExecutionTimedOut: (event, rows, { workflowId }) => {
      const columns = { ...titleColumns('EXECUTION_TIMEOUT'), ...bodyColumns(`timed out after ${event.data.timeoutMs} ms`) }
      rows.put(searchDocuments, { ...documentColumns(event, 'execution', streamIdOf(event), workflowId), ...columns })
    },
  },
})

type DocumentColumns = RowOf<typeof searchDocuments>

const documentColumns = (event: Envelope, kind: SearchKind, id: string, workflowId: string): DocumentColumns => ({
  kind,
  id,
  organization_id: event.organisationId,
  workflow_id: workflowId,
  updated_at: event.time,
})

const editWorkflow = (event: Envelope, rows: Rows, columns: DocumentColumns): void =>
  rows.update(searchDocuments, { ...columns, kind: 'workflow', id: streamIdOf(event), updated_at: event.time })

const editNode = (event: Envelope & { data: { nodeId: string } }, rows: Rows, columns: DocumentColumns): void =>
  rows.update(searchDocuments, { ...columns, kind: 'node', id: nodeDocument(event, event.data.nodeId), updated_at: event.time })

const nodeDocument = (event: Envelope, nodeId: string): string => `${streamIdOf(event)}/${nodeId}`

const titleColumns = (title: string): DocumentColumns => ({ title: clip(title, 1_000), folded_title: fold(clip(title, 1_000)) })
const bodyColumns = (body: string): DocumentColumns => ({ body: clip(body, 20_000), folded_body: fold(clip(body, 20_000)) })
const keywordsOf = (tags: readonly string[]): string => fold(clip(tags.join(' '), 5_000))

const messageOf = (error: JsonValue): string => (isJsonObject(error) && typeof error['message'] === 'string' ? error['message'] : '')
