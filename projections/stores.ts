import { checkMongo, type MongoSettings } from '@weconnect/mongo/connect'
import { openDocuments } from '@weconnect/mongo/documents'
import type { Sql } from '@weconnect/postgres/pool'
import { checkMeili, type MeiliSettings } from '@weconnect/search/connect'
import { openSearchIndexes } from '@weconnect/search/indexes'
import { readModels } from './read-models.ts'
import type { RunLogs } from './run-logs/face.ts'
import { mongoRunLogs } from './run-logs/mongo-queries.ts'
import { mongoRunLogStore } from './run-logs/mongo-store.ts'
import { postgresRunLogs } from './run-logs/queries.ts'
import type { Projection } from './runner/projection.ts'
import type { ReadModelStore } from './runner/store.ts'
import type { Search } from './search/face.ts'
import { meiliSearch } from './search/meili-queries.ts'
import { meiliSearchStore } from './search/meili-store.ts'
import { postgresSearch } from './search/queries.ts'

/** Servers that keep a read model in place of PostgreSQL; plain values, so that a thread can be given them. */
export interface StoreSettings {
  readonly mongo?: MongoSettings | undefined
  readonly meili?: MeiliSettings | undefined
}

/** What is asked of read models that may be kept elsewhere. */
export interface Reads {
  readonly runLogs: RunLogs
  readonly search: Search
}

/**
 * Asks every server once, at the start of a process.
 * @throws WeConnectError CONFIG_INVALID or UNAVAILABLE, naming the variable, what failed and what to do
 */
export const checkStores = async ({ mongo, meili }: StoreSettings): Promise<void> => {
  if (mongo !== undefined) await checkMongo(mongo)
  if (meili !== undefined) await checkMeili(meili)
}

/** What writes the read models that are kept elsewhere; for startStoreRunner, one each. */
export const openStores = ({ mongo, meili }: StoreSettings, newId: () => string): readonly ReadModelStore[] => {
  const stores: ReadModelStore[] = []
  if (mongo !== undefined) stores.push(mongoRunLogStore({ documents: openDocuments(mongo.url), retentionDays: mongo.retentionDays, newId }))
  if (meili !== undefined) stores.push(meiliSearchStore({ indexes: openSearchIndexes(meili), newId }))
  return stores
}

/** The read models that PostgreSQL keeps. */
export const postgresReadModels = (stores: readonly Pick<ReadModelStore, 'name'>[]): readonly Projection[] =>
  readModels.filter(({ name }) => !stores.some((store) => store.name === name))

/** Asks each read model where it is kept. */
export const openReads = ({ mongo, meili }: StoreSettings, sql: Sql): Reads & { close(): Promise<void> } => {
  const documents = mongo && openDocuments(mongo.url)
  return {
    runLogs: documents === undefined ? postgresRunLogs(sql) : mongoRunLogs(documents),
    search: meili === undefined ? postgresSearch(sql) : meiliSearch(openSearchIndexes(meili)),
    close: async () => documents?.close(),
  }
}
