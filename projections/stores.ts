import { checkInflux, type InfluxSettings, rawBucket } from '@weconnect/metrics/connect'
import type { TimeSeries } from '@weconnect/metrics/port'
import type { MongoSettings } from '@weconnect/mongo/connect'
import type { Documents } from '@weconnect/mongo/port'
import type { Sql } from '@weconnect/postgres/pool'
import type { MeiliSettings } from '@weconnect/search/connect'
import type { SearchIndexes } from '@weconnect/search/port'
import type { Metrics } from './performance-metrics/face.ts'
import { influxMetrics } from './performance-metrics/influx-queries.ts'
import { influxMetricsStore } from './performance-metrics/influx-store.ts'
import { postgresMetrics } from './performance-metrics/queries.ts'
import { type QueueDepth, startQueueDepth } from './performance-metrics/queue-depth.ts'
import { readModels } from './read-models.ts'
import type { RunLogs } from './run-logs/face.ts'
import { mongoRunLogs } from './run-logs/mongo-queries.ts'
import { mongoRunLogStore } from './run-logs/mongo-store.ts'
import { postgresRunLogs } from './run-logs/queries.ts'
import type { Projection } from './runner/projection.ts'
import type { ReadModelStore } from './runner/stores/store.ts'
import type { Timers } from './runner/timers.ts'
import type { Search } from './search/face.ts'
import { meiliSearch } from './search/meili-queries.ts'
import { meiliSearchStore } from './search/meili-store.ts'
import { postgresSearch } from './search/queries.ts'

/** Servers that keep a read model in place of PostgreSQL; plain values, so that a thread can be given them. */
export interface StoreSettings {
  readonly mongo?: MongoSettings | undefined
  readonly meili?: MeiliSettings | undefined
  readonly influx?: InfluxSettings | undefined
}

/** What is asked of read models that may be kept elsewhere. */
export interface Reads {
  readonly runLogs: RunLogs
  readonly search: Search
  readonly metrics: Metrics
}

// The client of a server is loaded where the server is used: they are the most of what a process would have in memory.
const documentsOf = async ({ url }: MongoSettings): Promise<Documents> => (await import('@weconnect/mongo/documents')).openDocuments(url)
const indexesOf = async (meili: MeiliSettings): Promise<SearchIndexes> =>
  (await import('@weconnect/search/indexes')).openSearchIndexes(meili)
const seriesOf = async (influx: InfluxSettings): Promise<TimeSeries> =>
  (await import('@weconnect/metrics/time-series')).openTimeSeries(influx)

/**
 * Asks every server once, at the start of a process.
 * @throws WeConnectError CONFIG_INVALID or UNAVAILABLE, naming the variable, what failed and what to do
 */
export const checkStores = async ({ mongo, meili, influx }: StoreSettings): Promise<void> => {
  if (mongo !== undefined) await (await import('@weconnect/mongo/connect')).checkMongo(mongo)
  if (meili !== undefined) await (await import('@weconnect/search/connect')).checkMeili(meili)
  if (influx !== undefined) await checkInflux(influx)
}

/** What writes the read models that are kept elsewhere; for startStoreRunner, one each. */
export const openStores = async ({ mongo, meili, influx }: StoreSettings, newId: () => string): Promise<readonly ReadModelStore[]> => {
  const stores: ReadModelStore[] = []
  if (mongo !== undefined) stores.push(mongoRunLogStore({ documents: await documentsOf(mongo), retentionDays: mongo.retentionDays, newId }))
  if (meili !== undefined) stores.push(meiliSearchStore({ indexes: await indexesOf(meili), newId }))
  if (influx !== undefined) {
    const { bucket, retentionDays } = influx
    stores.push(influxMetricsStore({ series: await seriesOf(influx), bucket, rawBucket: rawBucket(influx), retentionDays, newId }))
  }
  return stores
}

/** The read models that PostgreSQL keeps. */
export const postgresReadModels = (stores: readonly Pick<ReadModelStore, 'name'>[]): readonly Projection[] =>
  readModels.filter(({ name }) => !stores.some((store) => store.name === name))

/** Asks each read model where it is kept. */
export const openReads = async ({ mongo, meili, influx }: StoreSettings, sql: Sql): Promise<Reads & { close(): Promise<void> }> => {
  const documents = mongo && (await documentsOf(mongo))
  return {
    runLogs: documents === undefined ? postgresRunLogs(sql) : mongoRunLogs(documents),
    search: meili === undefined ? postgresSearch(sql) : meiliSearch(await indexesOf(meili)),
    metrics: influx === undefined ? postgresMetrics(sql) : influxMetrics(await seriesOf(influx), influx.bucket),
    close: async () => documents?.close(),
  }
}

/** Where InfluxDB is set: notes how many executions run and wait in this process. @returns what ends it */
export const noteQueueDepth = async (
  { influx }: StoreSettings,
  worker: string,
  sample: () => QueueDepth,
  timers: Timers,
): Promise<() => void> =>
  influx === undefined
    ? () => undefined
    : startQueueDepth({ series: await seriesOf(influx), rawBucket: rawBucket(influx), worker, sample, timers })
