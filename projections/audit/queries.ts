import type { Sql } from '@weconnect/postgres/pool'
import { ofOrganisation } from '../paging/filter.ts'
import { type ListArgs, type Page, page } from '../paging/page.ts'
import { selectionOf } from '../runner/tables/table.ts'
import { auditEntries } from './tables.ts'

/** Who did what: one row per event, steps and the engine's own notes on an execution left out. */
export interface AuditRow {
  readonly eventId: string
  readonly position: string
  /** Type of the event. */
  readonly type: string
  /** `user:{id}`, `webhook:{id}`, `engine:{worker}`, `system`. */
  readonly actor: string
  readonly stream: string
  readonly revision: number
  readonly time: string
  readonly correlationId: string
  readonly causationId: string
}

export interface AuditFilter {
  readonly actor?: string | undefined
  readonly types?: readonly string[] | undefined
  readonly stream?: string | undefined
  readonly correlationId?: string | undefined
  /** ISO 8601, inclusive. */
  readonly from?: string | undefined
  /** ISO 8601, exclusive. */
  readonly to?: string | undefined
}

/** The audit trail of an organisation, the newest first, in the order of the log. */
export const listAudit = (sql: Sql, args: ListArgs<AuditFilter>): Promise<Page<AuditRow>> =>
  page<AuditRow>(
    sql,
    {
      select: selectionOf(auditEntries, 't'),
      from: 'audit_entries t',
      filter: ofOrganisation(args.organisationId)
        .andIf('t.actor = ?', args.filter?.actor)
        .andIf('t.type = any(?)', args.filter?.types)
        .andIf('t.stream = ?', args.filter?.stream)
        .andIf('t.correlation_id = ?', args.filter?.correlationId)
        .andIf('t.time >= ?', args.filter?.from)
        .andIf('t.time < ?', args.filter?.to),
      order: [{ sql: 't.position', type: 'text' }],
      direction: 'descending',
    },
    args,
  )
