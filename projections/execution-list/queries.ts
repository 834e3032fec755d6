import type { JsonValue } from '@weconnect/contracts/json'
import type { Sql } from '@weconnect/postgres/pool'
import { inOrderOf } from '../paging/by-ids.ts'
import { containing, ofOrganisation, uuidIf, uuidsOf } from '../paging/filter.ts'
import { type ListArgs, newestFirst, type Page, page } from '../paging/page.ts'
import { selectionOf } from '../runner/tables/table.ts'
import { workflowExecutions } from './tables.ts'

export type ExecutionRowStatus =
  | 'pending'
  | 'running'
  | 'waiting'
  | 'paused'
  | 'incident'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'timeout'

/** Values larger than 16 KiB are `{"$ref": {stream, revision, field}, bytes}`: the whole is in that event. */
export interface ExecutionRow {
  readonly id: string
  readonly organizationId: string
  readonly workflowId: string
  /** Published version; 0 = the draft. */
  readonly workflowVersion: number
  readonly userId: string | null
  readonly status: ExecutionRowStatus
  readonly triggerType: 'manual' | 'webhook' | 'schedule' | 'api' | 'execution' | 'error'
  readonly triggerData: JsonValue
  readonly inputData: JsonValue
  readonly errorData: JsonValue
  readonly errorCode: string | null
  readonly errorText: string | null
  readonly executionPlan: JsonValue
  /** Node ids in the order in which they ended, the first 200. */
  readonly executionPath: readonly string[] | null
  readonly performanceMetrics: JsonValue
  readonly resourceUsage: JsonValue
  readonly parentExecutionId: string | null
  readonly correlationId: string
  readonly revision: number
  readonly startedAt: string | null
  readonly finishedAt: string | null
  readonly durationMs: number | null
  readonly createdAt: string
}

export interface ExecutionFilter {
  readonly workflowId?: string | undefined
  readonly status?: readonly ExecutionRowStatus[] | undefined
  readonly trigger?: readonly ExecutionRow['triggerType'][] | undefined
  /** ISO 8601, inclusive. Compared with the time of the request, which every execution has. */
  readonly startedAfter?: string | undefined
  /** ISO 8601, exclusive. */
  readonly startedBefore?: string | undefined
  /** A part of the error's code or message. */
  readonly errorText?: string | undefined
  readonly minDurationMs?: number | undefined
  readonly maxDurationMs?: number | undefined
  readonly parentExecutionId?: string | undefined
  readonly userId?: string | undefined
}

/** Executions of an organisation, the newest first. */
export const listExecutions = (sql: Sql, args: ListArgs<ExecutionFilter>): Promise<Page<ExecutionRow>> =>
  page<ExecutionRow>(
    sql,
    {
      select: executionColumns,
      from: 'workflow_executions t',
      filter: executionFilter(args.organisationId, args.filter ?? {}),
      ...newestFirst,
    },
    args,
  )

/** `output_data` is that of the step that ended last; what the execution gave, which may be another's, is asked of the log. */
const executionColumns = selectionOf(workflowExecutions, 't', ['output_data', 'output_step', 'last_step'])

const executionFilter = (organisationId: string, filter: ExecutionFilter) =>
  ofOrganisation(organisationId)
    .andIf('t.workflow_id = ?', uuidIf(filter.workflowId))
    .andIf('t.status = any(?)', filter.status)
    .andIf('t.trigger_type = any(?)', filter.trigger)
    .andIf('t.created_at >= ?', filter.startedAfter)
    .andIf('t.created_at < ?', filter.startedBefore)
    .andIf('t.error_text ilike ?', containing(filter.errorText))
    .andIf('t.duration_ms >= ?', filter.minDurationMs)
    .andIf('t.duration_ms <= ?', filter.maxDurationMs)
    .andIf('t.parent_execution_id = ?', uuidIf(filter.parentExecutionId))
    .andIf('t.user_id = ?', filter.userId)

/** In the order of `ids`; undefined where there is none, or it is another organisation's. */
export const executionsByIds = async (
  sql: Sql,
  args: { readonly organisationId: string; readonly ids: readonly string[] },
): Promise<readonly (ExecutionRow | undefined)[]> => {
  const rows = await sql.query<ExecutionRow>(
    `select ${executionColumns} from workflow_executions t where t.organization_id = $1 and t.id = any($2::uuid[])`,
    [args.organisationId, uuidsOf(args.ids)],
  )
  return inOrderOf(args.ids, rows)
}

/** The newest `limit` executions of each workflow, newest first. One entry per id, in the order of the ids. */
export const latestExecutionsOfWorkflows = async (
  sql: Sql,
  args: { readonly organisationId: string; readonly workflowIds: readonly string[]; readonly limit?: number | undefined },
): Promise<readonly (readonly ExecutionRow[])[]> => {
  const rows = await sql.query<ExecutionRow>(
    `select ${executionColumns} from unnest($2::uuid[]) w cross join lateral
      (select * from workflow_executions e where e.workflow_id = w and e.organization_id = $1 order by e.created_at desc, e.id desc limit $3) t
      order by t.created_at desc, t.id desc`,
    [args.organisationId, [...new Set(uuidsOf(args.workflowIds))], args.limit ?? 5],
  )
  const byWorkflow = Map.groupBy(rows, (row) => row.workflowId)
  return args.workflowIds.map((id) => byWorkflow.get(id) ?? [])
}
