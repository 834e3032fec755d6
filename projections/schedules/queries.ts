import type { JsonValue } from '@weconnect/contracts/json'
import type { Sql } from '@weconnect/postgres/pool'
import { inOrderOf } from '../paging/by-ids.ts'
import { ofOrganisation, uuidIf, uuidsOf } from '../paging/filter.ts'
import { type ListArgs, newestFirst, type Page, page } from '../paging/page.ts'
import { selectionOf } from '../runner/tables/table.ts'
import { schedules } from './tables.ts'

export interface ScheduleRow {
  readonly id: string
  readonly workflowId: string
  readonly organizationId: string
  readonly nodeId: string
  /** Of the trigger node. */
  readonly name: string
  /** Published version of the workflow that it starts. */
  readonly version: number
  readonly rules: JsonValue
  /** The rules in words. */
  readonly description: string
  /** Null unless the schedule is one cron expression. */
  readonly cronExpression: string | null
  readonly timezone: string
  readonly overlap: string
  readonly missed: string
  readonly isActive: boolean
  readonly isPaused: boolean
  readonly pauseNote: string | null
  /** Null = never, as things are. */
  readonly nextExecution: string | null
  readonly lastExecution: string | null
  readonly lastExecutionId: string | null
  readonly executionCount: number
  readonly maxExecutions: number | null
  readonly retryConfig: JsonValue
  readonly createdAt: string
  readonly updatedAt: string
}

export interface ScheduleFilter {
  readonly workflowId?: string | undefined
  readonly isActive?: boolean | undefined
  readonly isPaused?: boolean | undefined
}

const columns = selectionOf(schedules, 't')

/** Schedules of an organisation, the newest first. */
export const listSchedules = (sql: Sql, args: ListArgs<ScheduleFilter>): Promise<Page<ScheduleRow>> =>
  page<ScheduleRow>(
    sql,
    {
      select: columns,
      from: 'schedules t',
      filter: ofOrganisation(args.organisationId)
        .andIf('t.workflow_id = ?', uuidIf(args.filter?.workflowId))
        .andIf('t.is_active = ?', args.filter?.isActive)
        .andIf('t.is_paused = ?', args.filter?.isPaused),
      ...newestFirst,
    },
    args,
  )

/** One entry per id, in the order of the ids. */
export const schedulesByIds = async (
  sql: Sql,
  args: { readonly organisationId: string; readonly ids: readonly string[] },
): Promise<readonly (ScheduleRow | undefined)[]> => {
  const rows = await sql.query<ScheduleRow>(`select ${columns} from schedules t where t.organization_id = $1 and t.id = any($2::uuid[])`, [
    args.organisationId,
    uuidsOf(args.ids),
  ])
  return inOrderOf(args.ids, rows)
}
