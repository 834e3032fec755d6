import type { Sql } from '@weconnect/postgres/pool'
import { ofOrganisation, uuidIf } from '../paging/filter.ts'
import { type ListArgs, newestFirst, type Page, page } from '../paging/page.ts'
import { selectionOf } from '../runner/tables/table.ts'
import { triggers } from './tables.ts'

export interface TriggerRow {
  readonly id: string
  readonly workflowId: string
  readonly organizationId: string
  readonly nodeId: string
  /** Of the trigger node. */
  readonly name: string
  /** Published version of the workflow that it starts. */
  readonly version: number
  readonly kind: 'poll' | 'kafka' | 'mail'
  readonly isActive: boolean
  /** Null while it can look. `since`: ISO 8601. */
  readonly failure: { readonly code: string; readonly message: string; readonly since: string } | null
  readonly executionCount: number
  readonly lastExecutionAt: string | null
  readonly createdAt: string
  readonly updatedAt: string
}

export interface TriggerFilter {
  readonly workflowId?: string | undefined
  readonly kind?: string | undefined
  readonly isActive?: boolean | undefined
}

/** Triggers of an organisation that look by themselves, the newest first. */
export const listTriggers = (sql: Sql, args: ListArgs<TriggerFilter>): Promise<Page<TriggerRow>> =>
  page<TriggerRow>(
    sql,
    {
      select: selectionOf(triggers, 't'),
      from: 'triggers t',
      filter: ofOrganisation(args.organisationId)
        .andIf('t.workflow_id = ?', uuidIf(args.filter?.workflowId))
        .andIf('t.kind = ?', args.filter?.kind)
        .andIf('t.is_active = ?', args.filter?.isActive),
      ...newestFirst,
    },
    args,
  )
