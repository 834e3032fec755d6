import type { Sql } from '@weconnect/postgres/pool'
import { ofOrganisation, uuidOf } from '../paging/filter.ts'
import { page } from '../paging/page.ts'
import { camelCase } from '../runner/tables/table.ts'
import { eventsPerPart, type RunLogEntry, type RunLogs, type StepRow } from './face.ts'

/** The run logs that PostgreSQL keeps. */
export const postgresRunLogs = (sql: Sql): RunLogs => ({ entries: (args) => entries(sql, args), steps: (args) => steps(sql, args) })

const entries = async (sql: Sql, args: Parameters<RunLogs['entries']>[0]): ReturnType<RunLogs['entries']> => {
  const from = args.fromRevision ?? 0
  const limit = args.limit ?? 5
  const parts = await sql.query<{ entries: readonly RunLogEntry[] }>(
    `select t.entries from run_logs t where t.organization_id = $1 and t.execution_id = $2 and t.part >= $3 order by t.part limit $4`,
    [args.organisationId, uuidOf(args.executionId), Math.floor(from / eventsPerPart), limit + 1],
  )
  const found = parts.slice(0, limit).flatMap((part) => part.entries)
  return { entries: found.filter((entry) => entry.revision >= from), hasMore: parts.length > limit }
}

const steps = (sql: Sql, args: Parameters<RunLogs['steps']>[0]): ReturnType<RunLogs['steps']> =>
  page<StepRow>(
    sql,
    {
      select: stepColumns,
      from: 'node_executions t',
      filter: ofOrganisation(args.organisationId)
        .and('t.execution_id = ?', uuidOf(args.filter.executionId))
        .andIf('t.node_id = ?', args.filter.nodeId)
        .andIf('t.status = any(?)', args.filter.status),
      order: [{ sql: 't.step', type: 'integer' }],
      direction: 'ascending',
    },
    args,
  )

const stepColumns = [
  'id',
  'execution_id',
  'step',
  'node_id',
  'node_name',
  'node_type',
  'run_index',
  'status',
  'input_data',
  'output_data',
  'output_counts',
  'error_data',
  'error_code',
  'retry_count',
  'cache_hit',
  'performance_metrics',
  'started_at',
  'finished_at',
  'duration_ms',
]
  .map((name) => `t.${name} as "${camelCase(name)}"`)
  .join(', ')
