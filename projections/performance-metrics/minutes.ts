import { type Point, quoted, type TimeSeries } from '@weconnect/metrics/port'
import { type Entity, entitiesOf, measurements, type Run, tagText } from './runs.ts'

/** Of one entity and minute: how many runs ended, their milliseconds, how many failed. */
export interface MinuteSum {
  readonly entity: Entity
  /** `2026-01-02T03:04` */
  readonly minute: string
  readonly runs: number
  readonly durationMs: number
  readonly failures: number
  /** Of the newest run, whose label counts. */
  readonly time: bigint
}

export type MinuteSums = ReadonlyMap<string, MinuteSum>

export const keyOf = ({ type, id, organisationId }: Entity, minute: string): string => `${minute} ${organisationId} ${type} ${id}`

/** The sums with those of `runs` added. */
export const added = (sums: (key: string) => MinuteSum | undefined, runs: readonly Run[]): MinuteSums => {
  const changed = new Map<string, MinuteSum>()
  for (const run of runs)
    for (const entity of entitiesOf(run)) {
      const key = keyOf(entity, run.minute)
      const before = changed.get(key) ?? sums(key)
      changed.set(key, {
        entity: before !== undefined && before.time > run.time ? before.entity : entity,
        minute: run.minute,
        runs: (before?.runs ?? 0) + 1,
        durationMs: (before?.durationMs ?? 0) + run.durationMs,
        failures: (before?.failures ?? 0) + (run.failed ? 1 : 0),
        time: before !== undefined && before.time > run.time ? before.time : run.time,
      })
    }
  return changed
}

export const minutePoint = ({ entity, minute, runs, durationMs, failures, time }: MinuteSum, generation: string): Point => ({
  measurement: measurements.minutes,
  tags: { generation, organisation: entity.organisationId, type: entity.type, entity: tagText(entity.id) },
  fields: { count: runs, duration_total: durationMs, failures, label: entity.label, id: entity.id, newest: String(time) },
  time: BigInt(Date.parse(`${minute}:00Z`)) * 1_000_000n,
})

interface MinuteRow {
  readonly _time: string
  readonly organisation: string
  readonly type: Entity['type']
  readonly id: string
  readonly label: string
  readonly newest: string
  readonly count: number
  readonly duration_total: number
  readonly failures: number
}

const flux = (lines: readonly string[]): string => lines.join('\n  |> ')

/** What is stored of one minute. */
export const storedSums = async (series: TimeSeries, bucket: string, generation: string, minute: string): Promise<MinuteSums> => {
  const rows = await series.query<MinuteRow>(
    flux([
      `from(bucket: ${quoted(bucket)})`,
      `range(start: ${minute}:00Z, stop: ${minuteAfter(minute)}:00Z)`,
      `filter(fn: (r) => r._measurement == ${quoted(measurements.minutes)} and r.generation == ${quoted(generation)})`,
      'pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")',
      'group()',
    ]),
  )
  return new Map(
    rows.map(({ organisation, type, id, label, newest, count, duration_total, failures }) => {
      const entity = { organisationId: organisation, type, id, label }
      return [keyOf(entity, minute), { entity, minute, runs: count, durationMs: duration_total, failures, time: BigInt(newest) }]
    }),
  )
}

interface RawSum {
  readonly _time: string
  readonly _field: 'runs' | 'duration_ms' | 'failures'
  readonly _value: number
}

/** Where single runs are, and the sums of their minutes. */
export interface MetricBuckets {
  readonly bucket: string
  readonly rawBucket: string
}

/** The sums of the entities and minutes that these runs touch, from the points of all runs that are stored: what is stored twice counts once. */
export const recountedSums = async (
  series: TimeSeries,
  { bucket, rawBucket }: MetricBuckets,
  generation: string,
  runs: readonly Run[],
): Promise<MinuteSums> => {
  const touched = added(() => undefined, runs)
  if (touched.size === 0) return touched
  const minutes = [...touched.values()].map(({ minute }) => minute).sort()
  const range = `range(start: ${minutes[0]}:00Z, stop: ${minuteAfter(minutes.at(-1) ?? '')}:00Z)`
  const counted = new Map<string, Record<string, number>>()
  for (const [measurement, groups] of groupings) {
    for (const { type, columns, id } of groups) {
      const rows = await series.query<RawSum & Readonly<Record<string, string>>>(
        flux([
          `from(bucket: ${quoted(rawBucket)})`,
          range,
          `filter(fn: (r) => r._measurement == ${quoted(measurement)} and r.generation == ${quoted(generation)})`,
          'filter(fn: (r) => r._field == "runs" or r._field == "duration_ms" or r._field == "failures")',
          `group(columns: ${JSON.stringify(['organisation', ...columns, '_field'])})`,
          'aggregateWindow(every: 1m, fn: sum, createEmpty: false, timeSrc: "_start")',
        ]),
      )
      for (const row of rows) {
        const key = `${row._time.slice(0, 16)} ${row['organisation']} ${type} ${id(row)}`
        counted.set(key, { ...counted.get(key), [row._field]: row._value })
      }
    }
  }
  const stored = await storedOf(series, bucket, generation, new Set(minutes))
  return new Map(
    [...touched].map(([key, fresh]) => {
      const sum = newer(stored.get(key), fresh)
      const { type, id, organisationId } = sum.entity
      const found = counted.get(`${sum.minute} ${organisationId} ${type} ${type === 'node' ? nodeTag(id) : id}`)
      if (found === undefined) return [key, sum]
      return [key, { ...sum, runs: found['runs'] ?? 0, durationMs: found['duration_ms'] ?? 0, failures: found['failures'] ?? 0 }]
    }),
  )
}

/** Its label is that of the newest run, also when that was written before. */
const newer = (before: MinuteSum | undefined, fresh: MinuteSum): MinuteSum =>
  before !== undefined && before.time > fresh.time ? { ...fresh, entity: before.entity, time: before.time } : fresh

const storedOf = async (series: TimeSeries, bucket: string, generation: string, minutes: ReadonlySet<string>): Promise<MinuteSums> => {
  const sums = await Promise.all([...minutes].map((minute) => storedSums(series, bucket, generation, minute)))
  return new Map(sums.flatMap((ofMinute) => [...ofMinute]))
}

const nodeTag = (id: string): string => {
  const end = id.indexOf('/')
  return `${id.slice(0, end)}/${tagText(id.slice(end + 1))}`
}

const groupings = [
  [
    measurements.executions,
    [
      { type: 'workflow', columns: ['workflow'], id: (row: Readonly<Record<string, string>>) => row['workflow'] ?? '' },
      { type: 'execution', columns: ['trigger'], id: (row: Readonly<Record<string, string>>) => row['trigger'] ?? '' },
    ],
  ],
  [
    measurements.steps,
    [{ type: 'node', columns: ['workflow', 'node'], id: (row: Readonly<Record<string, string>>) => `${row['workflow']}/${row['node']}` }],
  ],
] as const

const minuteAfter = (minute: string): string => new Date(Date.parse(`${minute}:00Z`) + 60_000).toISOString().slice(0, 16)
