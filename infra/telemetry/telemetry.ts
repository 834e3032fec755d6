import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type Logger, type LogOptions, openLog } from './log.ts'

type Labels<Name extends string> = Readonly<Record<Name, string>>
export type LabelledValue = { readonly labels: Readonly<Record<string, string>>; readonly value: number }

/** Logs and metrics of one process. */
export interface Telemetry {
  readonly log: Logger
  /** Records one answered HTTP request. */
  request(labels: { readonly method: string; readonly route: string; readonly status: number }, seconds: number): void
  /** Sets a gauge to exactly these values: what is not named is gone. */
  gauge(name: string, help: string, values: readonly LabelledValue[]): void
  /** Makes a counter; ask once for each name. @returns a function that adds to it, 1 unless given */
  counter<Name extends string>(name: string, help: string, labels: readonly Name[]): (labels: Labels<Name>, by?: number) => void
  /** Makes a histogram; ask once for each name. @param buckets upper bounds, ascending @returns a function that records a value */
  histogram<Name extends string>(
    name: string,
    help: string,
    labels: readonly Name[],
    buckets: readonly number[],
  ): (labels: Labels<Name>, value: number) => void
  /** All metrics in Prometheus' text format. */
  exposition(): Promise<{ readonly contentType: string; readonly text: string }>
}

/** Seconds, from half a millisecond to ten seconds. */
const requestBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export const openTelemetry = (options: LogOptions): Telemetry => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const gauges = new Map<string, Gauge>()

  const histogram: Telemetry['histogram'] = (name, help, labelNames, buckets) => {
    const metric = new Histogram({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers: [registry] })
    return (labels, value) => metric.observe(labels, value)
  }
  const requestSeconds = histogram(
    'weconnect_http_request_duration_seconds',
    'Time from request to answer',
    ['method', 'route', 'status'],
    requestBuckets,
  )
  const gaugeOf = (name: string, help: string, labelNames: string[]): Gauge => {
    const metric = gauges.get(name) ?? new Gauge({ name, help, labelNames, registers: [registry] })
    gauges.set(name, metric)
    return metric
  }

  return {
    log: openLog(options),
    request: ({ method, route, status }, seconds) => requestSeconds({ method, route, status: String(status) }, seconds),
    gauge: (name, help, values) => {
      if (values.length === 0) return gauges.get(name)?.reset()
      const metric = gaugeOf(name, help, Object.keys(values[0]!.labels))
      metric.reset()
      for (const { labels, value } of values) metric.set(labels, value)
    },
    counter: (name, help, labelNames) => {
      const metric = new Counter({ name, help, labelNames: [...labelNames], registers: [registry] })
      return (labels, by = 1) => metric.inc(labels, by)
    },
    histogram,
    exposition: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}
