import type { Position } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import { type Point, quoted, type TimeSeries } from '@weconnect/metrics/port'
import { type Generation, placesIn, placesText, type ReadModelStore } from '../runner/stores/store.ts'
import { added, type MinuteSums, minutePoint, recountedSums, storedSums } from './minutes.ts'
import { performanceMetricsList } from './projection.ts'
import { pointOf, type Run, runsOf } from './runs.ts'

export interface InfluxMetricsOptions {
  readonly series: TimeSeries
  /** Of minutes, which are kept for ever, and of what is remembered about generations. */
  readonly bucket: string
  /** Of single runs. */
  readonly rawBucket: string
  readonly retentionDays: number
  readonly newId: () => string
  /** That of the code, unless given. */
  readonly version?: number | undefined
}

interface Checkpoint {
  readonly version: number
  readonly generation: string
  readonly position: Position | null
  /** See placesText. */
  readonly places?: string | null
}

/** Stored, but never complete: it is built anew by who opens it. */
const incomplete = 0
/** A crash leaves a batch that is written, but not remembered; so many events after an opening may be there already. */
const unsureEvents = 4_000
const minutesInMemory = 60
const always = 1_000_000_000n
const generations = 'weconnect_generations'
const current = 'weconnect_current'

/**
 * Metrics in InfluxDB: a point for every run, kept for some time, and sums for every minute, kept for ever. Points have their place in the log in their
 * time, so that writing one again changes nothing; minutes are whole sums and never added to. A rebuild writes points of another generation beside
 * those that are read, and then names it the current one.
 */
export const influxMetricsStore = (options: InfluxMetricsOptions): ReadModelStore => {
  const { series, bucket, rawBucket, retentionDays, newId, version = performanceMetricsList.version } = options
  const ensureBuckets = async (): Promise<void> => {
    await series.ensureBucket(bucket, undefined)
    await series.ensureBucket(rawBucket, retentionDays)
  }
  const begin = async (made: number): Promise<Generation & { readonly id: string }> => {
    const checkpoint: Checkpoint = { version: made, generation: newId(), position: null }
    await remember(series, bucket, checkpoint)
    return generationOf(options, checkpoint, made === incomplete ? 'opened' : 'begun')
  }
  const drop = async (generation: string): Promise<void> => {
    for (const one of [bucket, rawBucket]) await series.remove(one, 'generation', generation)
  }
  const point = (generation: string): Promise<void> => writeState(series, bucket, current, {}, { named: generation })
  return {
    name: performanceMetricsList.name,
    version,
    variable: 'INFLUX_URL',
    open: async () => {
      await ensureBuckets()
      const id = await currentGeneration(series, bucket)
      const found = id === undefined ? undefined : await checkpointOf(series, bucket, id)
      if (found !== undefined) return generationOf(options, found, 'opened')
      const made = await begin(incomplete)
      await point(made.id)
      return made
    },
    begin: async () => {
      await ensureBuckets()
      const id = await currentGeneration(series, bucket)
      for (const left of await allGenerations(series, bucket)) if (left !== id) await drop(left)
      return begin(version)
    },
    swap: async (next) => {
      const id = await currentGeneration(series, bucket)
      const taken = (next as Generation & { readonly id: string }).id
      await point(taken)
      if (id !== undefined && id !== taken) await drop(id)
    },
    close: async () => undefined,
  }
}

const generationOf = (
  { series, bucket, rawBucket }: InfluxMetricsOptions,
  { version, generation, position, places: kept }: Checkpoint,
  from: 'opened' | 'begun',
): Generation & { readonly id: string } => {
  const known = new Map<string, Map<string, MinuteSums extends ReadonlyMap<string, infer Sum> ? Sum : never>>()
  let unsure = from === 'opened' ? unsureEvents : 0
  let newest = ''
  let swapped = from === 'opened'

  /** Sums of a minute as they are in memory; of one that may be stored already, as they are stored. */
  const ready = async (runs: readonly Run[]): Promise<void> => {
    for (const minute of new Set(runs.map((run) => run.minute))) {
      if (!known.has(minute)) {
        const isNew = from === 'begun' && minute > newest
        known.set(minute, new Map(isNew ? [] : await storedSums(series, bucket, generation, minute)))
      }
      if (minute > newest) newest = minute
    }
  }
  const sumsOf = async (runs: readonly Run[]): Promise<MinuteSums> => {
    if (unsure > 0) return recountedSums(series, { bucket, rawBucket }, generation, runs)
    await ready(runs)
    return added((key) => known.get(key.slice(0, 16))?.get(key), runs)
  }
  const settle = (sums: MinuteSums): void => {
    for (const [key, sum] of sums) known.get(sum.minute)?.set(key, sum)
    for (const minute of [...known.keys()].sort().slice(0, -minutesInMemory)) known.delete(minute)
  }

  return {
    id: generation,
    version,
    position,
    places: placesIn(kept),
    write: async (events, factsOf) => {
      const runs = runsOf(events, factsOf)
      const stored = await series.write(
        rawBucket,
        runs.map((run) => pointOf(run, generation)),
      )
      if (!stored && unsure > 0) await giveUp(series, bucket, generation)
      const sums = await sumsOf(runs)
      const kept = await series.write(
        bucket,
        [...sums.values()].map((sum) => minutePoint(sum, generation)),
      )
      if (!kept) throw new WeConnectError('UNAVAILABLE', `the bucket ${bucket} (INFLUX_BUCKET) does not keep its points for ever`)
      if (unsure === 0) settle(sums)
      unsure = Math.max(0, unsure - events.length)
    },
    keep: async (reached, places) => {
      const now = await currentGeneration(series, bucket)
      swapped ||= now === generation
      if (swapped && now !== generation) throw new WeConnectError('LEASE_LOST', 'the metrics were rebuilt by another process, or are gone')
      await remember(series, bucket, { version, generation, position: reached, places: placesText(places) })
    },
  }
}

/** What the sums of these minutes are to be made of is no longer kept: only the log has it. */
const giveUp = async (series: TimeSeries, bucket: string, generation: string): Promise<void> => {
  await remember(series, bucket, { version: incomplete, generation, position: null })
  throw new WeConnectError('UNAVAILABLE', 'the metrics were left alone for longer than single runs are kept: they are built anew')
}

const remember = (series: TimeSeries, bucket: string, { version, generation, position, places }: Checkpoint): Promise<void> =>
  writeState(series, bucket, generations, { generation }, { version, position: position ?? '', places: places ?? '' })

/** A point that always has the same time, so that there is one. */
const writeState = async (
  series: TimeSeries,
  bucket: string,
  measurement: string,
  tags: Point['tags'],
  fields: Point['fields'],
): Promise<void> => {
  if (await series.write(bucket, [{ measurement, tags, fields, time: always }])) return
  throw new WeConnectError('UNAVAILABLE', `the bucket ${bucket} (INFLUX_BUCKET) does not keep its points for ever, as it must`)
}

interface StateRow {
  readonly _field: string
  readonly _value: string | number
  readonly generation?: string
}

const stateRows = (series: TimeSeries, bucket: string, measurement: string): Promise<readonly StateRow[]> =>
  series.query<StateRow>(
    `from(bucket: ${quoted(bucket)}) |> range(start: 1970-01-01T00:00:00Z, stop: 1970-01-02T00:00:00Z) |> filter(fn: (r) => r._measurement == ${quoted(measurement)})`,
  )

export const currentGeneration = async (series: TimeSeries, bucket: string): Promise<string | undefined> =>
  (await stateRows(series, bucket, current)).map(({ _value }) => String(_value))[0]

const allGenerations = async (series: TimeSeries, bucket: string): Promise<readonly string[]> => [
  ...new Set((await stateRows(series, bucket, generations)).map(({ generation = '' }) => generation)),
]

const checkpointOf = async (series: TimeSeries, bucket: string, id: string): Promise<Checkpoint | undefined> => {
  const rows = (await stateRows(series, bucket, generations)).filter(({ generation }) => generation === id)
  const fields = new Map(rows.map(({ _field, _value }) => [_field, _value]))
  if (fields.size === 0) return undefined
  const [position, places] = ['position', 'places'].map((name) => String(fields.get(name) ?? '') || null)
  return { version: Number(fields.get('version')), generation: id, position: position ?? null, places: places ?? null }
}
