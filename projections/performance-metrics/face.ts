import type { JsonValue } from '@weconnect/contracts/json'

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

/** What is asked of the metrics, whichever store keeps them. */
export interface Metrics {
  /** Values of the minutes in which something happened, ascending; 10,000 at most. */
  series(query: MetricQuery): Promise<readonly { readonly timestamp: string; readonly value: number }[]>
  /** All metrics of one entity in a period, ascending; 10,000 at most. */
  rows(query: Omit<MetricQuery, 'metric' | 'entityId'> & { readonly entityId: string }): Promise<readonly MetricRow[]>
}
