import type { JsonValue } from '@weconnect/contracts/json'
import type { Sql } from '@weconnect/postgres/pool'
import { inOrderOf } from '../paging/by-ids.ts'
import { containing, ofOrganisation, uuidsOf } from '../paging/filter.ts'
import { type ListArgs, newestFirst, type Page, page } from '../paging/page.ts'
import { selectionOf } from '../runner/tables/table.ts'
import { workflowConnections, workflowNodes, workflows } from './tables.ts'

export interface WorkflowRow {
  readonly id: string
  readonly organizationId: string
  readonly name: string
  readonly description: string | null
  /** Who created it; null when no user did. */
  readonly userId: string | null
  readonly status: 'draft' | 'active' | 'inactive' | 'archived'
  readonly settings: JsonValue
  readonly tags: readonly string[]
  readonly category: string | null
  /** Number of the newest published version; 0 = none. */
  readonly version: number
  /** Version whose triggers are live; 0 = none. */
  readonly activeVersion: number
  /** Revision of its stream as of this row: the expected version of the next edit. */
  readonly revision: number
  readonly source: 'created' | 'imported' | 'template'
  readonly isTemplate: boolean
  readonly templateMetadata: JsonValue
  readonly executionStats: {
    readonly total: number
    readonly completed: number
    /** Failed or timed out. */
    readonly failed: number
    /** Sum over the executions that have ended. */
    readonly durationMs: number
  }
  readonly lastExecutionAt: string | null
  readonly createdAt: string
  readonly updatedAt: string
}

export interface WorkflowNodeRow {
  /** Unique within its workflow. */
  readonly id: string
  readonly workflowId: string
  readonly name: string
  readonly type: string
  readonly typeVersion: number
  /** Of the definition of its type; null while that is unknown. */
  readonly category: string | null
  readonly position: { readonly x: number; readonly y: number; readonly z?: number }
  /** Parameters, or `{"$ref": {stream, revision, field}, bytes}` when they are larger than 16 KiB. */
  readonly configuration: JsonValue
  readonly options: JsonValue
  readonly credentials: JsonValue
  readonly credentialsId: string | null
  readonly retryPolicy: { readonly retryOnFail: boolean; readonly maxTries: number; readonly waitBetweenTries: number }
  readonly timeoutMs: number
  readonly cacheConfig: { readonly enabled: boolean; readonly ttl: number }
  readonly uiMetadata: { readonly disabled: boolean; readonly notes: string | null; readonly notesInFlow: boolean }
  readonly createdAt: string
  readonly updatedAt: string
}

export interface WorkflowConnectionRow {
  readonly id: string
  readonly workflowId: string
  readonly sourceNodeId: string
  readonly targetNodeId: string
  readonly sourceOutput: string
  readonly sourceIndex: number
  readonly targetInput: string
  readonly targetIndex: number
  readonly conditions: JsonValue
  readonly transform: JsonValue
  readonly createdAt: string
}

export interface WorkflowFilter {
  /** Absent: all but the archived. */
  readonly status?: readonly WorkflowRow['status'][] | undefined
  /** Workflows that have every one of these. */
  readonly tags?: readonly string[] | undefined
  readonly category?: string | undefined
  /** Words of name and description, or a part of the name. */
  readonly text?: string | undefined
  readonly name?: string | undefined
  readonly isTemplate?: boolean | undefined
  readonly userId?: string | undefined
}

/** Workflows of an organisation, the newest first. */
export const listWorkflows = (sql: Sql, args: ListArgs<WorkflowFilter>): Promise<Page<WorkflowRow>> =>
  page<WorkflowRow>(
    sql,
    {
      select: workflowColumns,
      from: 'workflows t',
      filter: workflowFilter(args.organisationId, args.filter ?? {}),
      ...newestFirst,
    },
    args,
  )

const workflowColumns = selectionOf(workflows, 't', [
  'executions_total',
  'executions_completed',
  'executions_failed',
  'executions_duration_ms',
])

const workflowFilter = (organisationId: string, filter: WorkflowFilter) => {
  const common = ofOrganisation(organisationId)
    .andIf('t.tags @> ?', filter.tags)
    .andIf('t.category = ?', filter.category)
    .andIf('t.name = ?', filter.name)
    .andIf('t.is_template = ?', filter.isTemplate)
    .andIf('t.user_id = ?', filter.userId)
    .andIf(
      `(to_tsvector('simple', coalesce(t.name, '') || ' ' || coalesce(t.description, '')) @@ websearch_to_tsquery('simple', ?) or t.name ilike ?)`,
      filter.text === '' ? undefined : filter.text,
      containing(filter.text),
    )
  return filter.status === undefined
    ? common.and(`t.status not in ('archived', 'importing')`)
    : common.and('t.status = any(?)', filter.status)
}

/** In the order of `ids`; undefined where there is none, or it is another organisation's. */
export const workflowsByIds = async (
  sql: Sql,
  args: { readonly organisationId: string; readonly ids: readonly string[] },
): Promise<readonly (WorkflowRow | undefined)[]> => {
  const rows = await sql.query<WorkflowRow>(
    `select ${workflowColumns} from workflows t where t.organization_id = $1 and t.id = any($2::uuid[]) and t.status <> 'importing'`,
    [args.organisationId, uuidsOf(args.ids)],
  )
  return inOrderOf(args.ids, rows)
}

interface OfWorkflows {
  readonly organisationId: string
  readonly workflowIds: readonly string[]
}

/** Nodes by workflow, in the order in which they were added. One entry per id, in the order of the ids. */
export const nodesOfWorkflows = async (sql: Sql, args: OfWorkflows): Promise<readonly (readonly WorkflowNodeRow[])[]> =>
  grouped(
    args.workflowIds,
    await sql.query<WorkflowNodeRow>(
      `select ${nodeColumns} from workflow_nodes t left join node_definitions d on d.name = t.type
        where t.organization_id = $1 and t.workflow_id = any($2::uuid[]) order by t.created_revision, t.id`,
      [args.organisationId, uuidsOf(args.workflowIds)],
    ),
  )

const nodeColumns = `${selectionOf(workflowNodes, 't', ['category', 'created_revision', 'organization_id'])}, coalesce(t.category, d.category) as category`

/** Connections by workflow, in the order in which they were made. One entry per id, in the order of the ids. */
export const connectionsOfWorkflows = async (sql: Sql, args: OfWorkflows): Promise<readonly (readonly WorkflowConnectionRow[])[]> =>
  grouped(
    args.workflowIds,
    await sql.query<WorkflowConnectionRow>(
      `select ${selectionOf(workflowConnections, 't', ['created_revision', 'organization_id'])} from workflow_connections t
        where t.organization_id = $1 and t.workflow_id = any($2::uuid[]) order by t.created_revision, t.id`,
      [args.organisationId, uuidsOf(args.workflowIds)],
    ),
  )

const grouped = <Row extends { readonly workflowId: string }>(
  ids: readonly string[],
  rows: readonly Row[],
): readonly (readonly Row[])[] => {
  const byWorkflow = Map.groupBy(rows, (row) => row.workflowId)
  return ids.map((id) => byWorkflow.get(id) ?? [])
}
