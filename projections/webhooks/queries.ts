import type { JsonValue } from '@weconnect/contracts/json'
import type { Sql } from '@weconnect/postgres/pool'
import { ofOrganisation, uuidIf, uuidsOf } from '../paging/filter.ts'
import { type ListArgs, newestFirst, type Page, page } from '../paging/page.ts'
import { selectionOf } from '../runner/tables/table.ts'
import { webhooks } from './tables.ts'

export interface WebhookRow {
  readonly id: string
  readonly workflowId: string
  readonly organizationId: string
  readonly nodeId: string
  /** Published version of the workflow that it starts. */
  readonly version: number
  /** Without leading slash; unique with its method. */
  readonly path: string
  readonly method: string
  readonly authentication: JsonValue
  readonly rateLimiting: JsonValue
  readonly requestValidation: JsonValue
  readonly responseConfig: JsonValue
  readonly isActive: boolean
  readonly statistics: {
    readonly calls: number
    readonly succeeded: number
    readonly failed: number
    /** Of those that ended. */
    readonly averageMs: number | null
    readonly duplicates: number
    readonly refused: number
    readonly refusedBy: { readonly who: number; readonly rate: number; readonly content: number; readonly other: number }
  }
  readonly lastCalledAt: string | null
  readonly createdAt: string
  readonly updatedAt: string
}

export interface WebhookFilter {
  readonly workflowId?: string | undefined
  readonly path?: string | undefined
  readonly method?: string | undefined
  readonly isActive?: boolean | undefined
}

const webhookColumns = selectionOf(webhooks, 't', [
  'calls_total',
  'succeeded_total',
  'failed_total',
  'duration_ms_total',
  'duplicates_total',
  'refused_who',
  'refused_rate',
  'refused_content',
  'refused_other',
])

/** Webhooks of an organisation, the newest first. */
export const listWebhooks = (sql: Sql, args: ListArgs<WebhookFilter>): Promise<Page<WebhookRow>> =>
  page<WebhookRow>(
    sql,
    {
      select: webhookColumns,
      from: 'webhooks t',
      filter: ofOrganisation(args.organisationId)
        .andIf('t.workflow_id = ?', uuidIf(args.filter?.workflowId))
        .andIf('t.path = ?', args.filter?.path)
        .andIf('t.method = ?', args.filter?.method)
        .andIf('t.is_active = ?', args.filter?.isActive),
      ...newestFirst,
    },
    args,
  )

/** Active webhooks by workflow. One entry per id, in the order of the ids. */
export const webhooksOfWorkflows = async (
  sql: Sql,
  args: { readonly organisationId: string; readonly workflowIds: readonly string[] },
): Promise<readonly (readonly WebhookRow[])[]> => {
  const rows = await sql.query<WebhookRow>(
    `select ${webhookColumns} from webhooks t where t.organization_id = $1 and t.workflow_id = any($2::uuid[]) and t.is_active order by t.created_at, t.id`,
    [args.organisationId, uuidsOf(args.workflowIds)],
  )
  const byWorkflow = Map.groupBy(rows, (row) => row.workflowId)
  return args.workflowIds.map((id) => byWorkflow.get(id) ?? [])
}
