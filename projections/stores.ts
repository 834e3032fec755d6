import { checkMongo, type MongoSettings } from '@weconnect/mongo/connect'
import { openDocuments } from '@weconnect/mongo/documents'
import type { Sql } from '@weconnect/postgres/pool'
import { readModels } from './read-models.ts'
import type { RunLogs } from './run-logs/face.ts'
import { mongoRunLogs } from './run-logs/mongo-queries.ts'
import { mongoRunLogStore } from './run-logs/mongo-store.ts'
import { postgresRunLogs } from './run-logs/queries.ts'
import type { Projection } from './runner/projection.ts'
import type { ReadModelStore } from './runner/store.ts'

/** Servers that keep a read model in place of PostgreSQL; plain values, so that a thread can be given them. */
export interface StoreSettings {
  readonly mongo?: MongoSettings | undefined
}

/** What is asked of read models that may be kept elsewhere. */
export interface Reads {
  readonly runLogs: RunLogs
}

/**
 * Asks every server once, at the start of a process.
 * @throws WeConnectError CONFIG_INVALID or UNAVAILABLE, naming the variable, what failed and what to do
 */
export const checkStores = async ({ mongo }: StoreSettings): Promise<void> => {
  if (mongo !== undefined) await checkMongo(mongo)
}

/** What writes the read models that are kept elsewhere; for startStoreRunner, one each. */
export const openStores = ({ mongo }: StoreSettings, newId: () => string): readonly ReadModelStore[] =>
  mongo === undefined ? [] : [mongoRunLogStore({ documents: openDocuments(mongo.url), retentionDays: mongo.retentionDays, newId })]

/** The read models that PostgreSQL keeps. */
export const postgresReadModels = (stores: readonly Pick<ReadModelStore, 'name'>[]): readonly Projection[] =>
  readModels.filter(({ name }) => !stores.some((store) => store.name === name))

/** Asks each read model where it is kept. */
export const openReads = ({ mongo }: StoreSettings, sql: Sql): Reads & { close(): Promise<void> } => {
  const documents = mongo && openDocuments(mongo.url)
  return {
    runLogs: documents === undefined ? postgresRunLogs(sql) : mongoRunLogs(documents),
    close: async () => documents?.close(),
  }
}
