import type { Sql } from '@weconnect/postgres/pool'
import { ofOrganisation, uuidIf } from '../paging/filter.ts'
import { type ListArgs, type Page, page } from '../paging/page.ts'
import { selectionOf } from '../runner/tables/table.ts'
import { approvals } from './tables.ts'

/** What people are asked to approve. */
export interface ApprovalRow {
  readonly executionId: string
  readonly step: number
  readonly organizationId: string
  readonly workflowId: string
  readonly nodeId: string
  /** As it was when it was asked. */
  readonly nodeName: string
  readonly title: string | null
  /** Who may decide; all that may run executions when null. */
  readonly roles: readonly string[] | null
  /** ISO 8601: nobody is waited for any longer. */
  readonly until: string | null
  readonly openedAt: string
}

export interface ApprovalFilter {
  readonly workflowId?: string | undefined
  readonly executionId?: string | undefined
  /** Those that this role may decide. */
  readonly role?: string | undefined
}

/** Approvals that an organisation waits for, what was asked last first. */
export const listApprovals = (sql: Sql, args: ListArgs<ApprovalFilter>): Promise<Page<ApprovalRow>> =>
  page<ApprovalRow>(
    sql,
    {
      select: selectionOf(approvals, 't'),
      from: 'approvals t',
      filter: ofOrganisation(args.organisationId)
        .andIf('t.workflow_id = ?', uuidIf(args.filter?.workflowId))
        .andIf('t.execution_id = ?', uuidIf(args.filter?.executionId))
        .andIf('(t.roles is null or ? = any(t.roles))', args.filter?.role),
      order: [
        { sql: 't.opened_at', type: 'timestamptz' },
        { sql: 't.execution_id', type: 'uuid' },
        { sql: 't.step', type: 'integer' },
      ],
      direction: 'descending',
    },
    args,
  )
