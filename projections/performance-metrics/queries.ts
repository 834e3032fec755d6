import type { JsonValue } from '@weconnect/contracts/json'
import type { Sql } from '@weconnect/postgres/pool'
import { ofOrganisation } from '../paging/filter.ts'
import { selectionOf } from '../runner/table.ts'
import { performanceMetrics } from './tables.ts'

export type MetricEntity = 'workflow' | 'node' | 'execution'
/** Runs that ended, the sum of their milliseconds, and how many of them failed: per minute. */
export type MetricName = 'count' | 'duration_total' | 'failures'

export interface MetricRow {
  readonly id: string
  readonly entityType: MetricEntity
  /** Workflow id; `{workflow id}/{node id}`; for `execution`, what triggered it (webhook, manual ...). */
  readonly entityId: string
  readonly metricName: MetricName
  readonly metricValue: number
  readonly metricUnit: 'count' | 'ms'
  readonly tags: JsonValue
  /** Start of the minute. */
  readonly timestamp: string
}

export interface MetricQuery {
  readonly organisationId: string
  readonly entityType: MetricEntity
  /** Absent: the sum over all of that type. */
  readonly entityId?: string | undefined
  readonly metric: MetricName
  /** ISO 8601, inclusive. */
  readonly from: string
  /** ISO 8601, exclusive. */
  readonly to: string
}

/** Values of the minutes in which something happened, ascending; 10,000 at most. */
export const metricSeries = (sql: Sql, query: MetricQuery): Promise<readonly { readonly timestamp: string; readonly value: number }[]> => {
  const filter = ofOrganisation(query.organisationId)
    .and(
      't.entity_type = ? and t.metric_name = ? and t.timestamp >= ? and t.timestamp < ?',
      query.entityType,
      query.metric,
      query.from,
      query.to,
    )
    .andIf('t.entity_id = ?', query.entityId)
  return sql.query(
    `select t.timestamp, sum(t.metric_value) as value from performance_metrics t where ${filter.text()} group by t.timestamp order by t.timestamp limit 10000`,
    filter.values,
  )
}

/** All metrics of one entity in a period, as rows of the table, ascending; 10,000 at most. */
export const metricRows = (
  sql: Sql,
  query: Omit<MetricQuery, 'metric' | 'entityId'> & { readonly entityId: string },
): Promise<readonly MetricRow[]> => {
  const filter = ofOrganisation(query.organisationId).and(
    't.entity_type = ? and t.entity_id = ? and t.timestamp >= ? and t.timestamp < ?',
    query.entityType,
    query.entityId,
    query.from,
    query.to,
  )
  return sql.query<MetricRow>(
    `select ${selectionOf(performanceMetrics, 't')} from performance_metrics t where ${filter.text()} order by t.timestamp, t.metric_name limit 10000`,
    filter.values,
  )
}
