import type { JsonValue } from '@weconnect/contracts/json'
import { quoted, type TimeSeries } from '@weconnect/metrics/port'
import type { MetricName, MetricQuery, MetricRow, Metrics } from './face.ts'
import { currentGeneration } from './influx-store.ts'
import { metricId } from './metric-id.ts'
import { measurements, tagText } from './runs.ts'

const most = 10_000
const metricNames: readonly MetricName[] = ['count', 'duration_total', 'failures']

/** The metrics that InfluxDB keeps. @param bucket that of the minutes */
export const influxMetrics = (series: TimeSeries, bucket: string): Metrics => ({
  series: async (query) => {
    const generation = isEmpty(query) ? undefined : await currentGeneration(series, bucket)
    if (generation === undefined) return []
    const fields = `filter(fn: (r) => r._field == ${quoted(query.metric)})`
    const found = await series.query<{ _time: string; _value: number }>(
      `${minutesOf(bucket, generation, query)} |> ${fields} |> group(columns: ["_time"]) |> sum() |> group() |> sort(columns: ["_time"]) |> limit(n: ${most})`,
    )
    return found
      .filter(({ _value }) => query.metric !== 'failures' || _value > 0)
      .map(({ _time, _value }) => ({ timestamp: isoTime(_time), value: _value }))
  },
  rows: async (query) => {
    const generation = isEmpty(query) ? undefined : await currentGeneration(series, bucket)
    if (generation === undefined) return []
    const found = await series.query<Readonly<Record<MetricName, number>> & { readonly _time: string; readonly label: string }>(
      `${minutesOf(bucket, generation, query)} |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> group() |> sort(columns: ["_time"]) |> limit(n: ${most})`,
    )
    return found.flatMap((row) => rowsOf(query, row)).slice(0, most)
  },
})

type Asked = Omit<MetricQuery, 'metric'>

const minutesOf = (bucket: string, generation: string, { organisationId, entityType, entityId, from, to }: Asked): string => {
  const conditions = [
    `r._measurement == ${quoted(measurements.minutes)}`,
    `r.generation == ${quoted(generation)}`,
    `r.organisation == ${quoted(organisationId)}`,
    `r.type == ${quoted(entityType)}`,
    ...(entityId === undefined ? [] : [`r.entity == ${quoted(tagText(entityId))}`]),
  ]
  return `from(bucket: ${quoted(bucket)}) |> range(start: ${fluxTime(from)}, stop: ${fluxTime(to)}) |> filter(fn: (r) => ${conditions.join(' and ')})`
}

const rowsOf = (
  { organisationId, entityType, entityId = '' }: Asked,
  { _time, label, ...values }: Readonly<Record<MetricName, number>> & { readonly _time: string; readonly label: string },
): readonly MetricRow[] => {
  const timestamp = isoTime(_time)
  const minute = timestamp.slice(0, 16)
  const entity = { type: entityType, id: entityId }
  return metricNames
    .filter((metricName) => metricName !== 'failures' || values.failures > 0)
    .map((metricName) => ({
      id: metricId(organisationId, entity, metricName, minute),
      organizationId: organisationId,
      ...{ entityType, entityId, metricName, metricValue: values[metricName] },
      metricUnit: metricName === 'duration_total' ? 'ms' : 'count',
      tags: JSON.parse(label) as JsonValue,
      timestamp,
    }))
}

/** InfluxDB refuses a period that has no length. */
const isEmpty = ({ from, to }: Asked): boolean => !(Date.parse(from) < Date.parse(to))
const fluxTime = (time: string): string => new Date(time).toISOString()
const isoTime = (time: string): string => new Date(time).toISOString()
