import { checkInflux, type InfluxSettings, rawBucket } from '@weconnect/metrics/connect'
import { openTimeSeries } from '@weconnect/metrics/time-series'
import { checkMongo, type MongoSettings } from '@weconnect/mongo/connect'
import { openDocuments } from '@weconnect/mongo/documents'
import type { Sql } from '@weconnect/postgres/pool'
import { checkMeili, type MeiliSettings } from '@weconnect/search/connect'
import { openSearchIndexes } from '@weconnect/search/indexes'
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
import type { ReadModelStore } from './runner/store.ts'
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

/**
 * Asks every server once, at the start of a process.
 * @throws WeConnectError CONFIG_INVALID or UNAVAILABLE, naming the variable, what failed and what to do
 */
export const checkStores = async ({ mongo, meili, influx }: StoreSettings): Promise<void> => {
  if (mongo !== undefined) await checkMongo(mongo)
  if (meili !== undefined) await checkMeili(meili)
  if (influx !== undefined) await checkInflux(influx)
}

/** What writes the read models that are kept elsewhere; for startStoreRunner, one each. */
export const openStores = ({ mongo, meili, influx }: StoreSettings, newId: () => string): readonly ReadModelStore[] => {
  const stores: ReadModelStore[] = []
  if (mongo !== undefined) stores.push(mongoRunLogStore({ documents: openDocuments(mongo.url), retentionDays: mongo.retentionDays, newId }))
  if (meili !== undefined) stores.push(meiliSearchStore({ indexes: openSearchIndexes(meili), newId }))
  if (influx !== undefined) {
    const { bucket, retentionDays } = influx
    stores.push(influxMetricsStore({ series: openTimeSeries(influx), bucket, rawBucket: rawBucket(influx), retentionDays, newId }))
  }
  return stores
}

/** The read models that PostgreSQL keeps. */
export const postgresReadModels = (stores: readonly Pick<ReadModelStore, 'name'>[]): readonly Projection[] =>
  readModels.filter(({ name }) => !stores.some((store) => store.name === name))

/** Asks each read model where it is kept. */
export const openReads = ({ mongo, meili, influx }: StoreSettings, sql: Sql): Reads & { close(): Promise<void> } => {
  const documents = mongo && openDocuments(mongo.url)
  return {
    runLogs: documents === undefined ? postgresRunLogs(sql) : mongoRunLogs(documents),
    search: meili === undefined ? postgresSearch(sql) : meiliSearch(openSearchIndexes(meili)),
    metrics: influx === undefined ? postgresMetrics(sql) : influxMetrics(openTimeSeries(influx), influx.bucket),
    close: async () => documents?.close(),
  }
}

/** Where InfluxDB is set: notes how many executions run and wait in this process. @returns what ends it */
export const noteQueueDepth = ({ influx }: StoreSettings, worker: string, sample: () => QueueDepth, timers: Timers): (() => void) =>
  influx === undefined
    ? () => undefined
    : startQueueDepth({ series: openTimeSeries(influx), rawBucket: rawBucket(influx), worker, sample, timers })
