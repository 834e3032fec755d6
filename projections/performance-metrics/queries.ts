import type { Sql } from '@weconnect/postgres/pool'
import { ofOrganisation } from '../paging/filter.ts'
import { selectionOf } from '../runner/tables/table.ts'
import type { MetricQuery, MetricRow, Metrics } from './face.ts'
import { performanceMetrics } from './tables.ts'

/** The metrics that PostgreSQL keeps. */
export const postgresMetrics = (sql: Sql): Metrics => ({ series: (query) => series(sql, query), rows: (query) => rows(sql, query) })

const series = (sql: Sql, query: MetricQuery): Promise<readonly { readonly timestamp: string; readonly value: number }[]> => {
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

const rows = (sql: Sql, query: Omit<MetricQuery, 'metric' | 'entityId'> & { readonly entityId: string }): Promise<readonly MetricRow[]> => {
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
