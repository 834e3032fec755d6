import { WeConnectError } from '@weconnect/contracts/errors'
import { MongoClient } from 'mongodb'

/** Where MongoDB is, as the environment says it. */
export interface MongoSettings {
  /** mongodb:// or mongodb+srv://; its path names the database, `weconnect` unless given. */
  readonly url: string
  /** Days that a run log is kept after its execution ended; undefined = for ever. */
  readonly retentionDays: number | undefined
}

const limitMs = 5_000

/** @throws WeConnectError CONFIG_INVALID when it is no address of MongoDB */
export const openClient = (url: string): MongoClient => {
  try {
    return new MongoClient(url, {
      appName: 'weconnect',
      serverSelectionTimeoutMS: limitMs,
      connectTimeoutMS: limitMs,
      socketTimeoutMS: 30_000,
      ignoreUndefined: true,
    })
  } catch (cause) {
    throw new WeConnectError('CONFIG_INVALID', `MONGODB_URL must be mongodb://host:port/database: ${messageOf(cause)}`, { cause })
  }
}

/** The database of the URL's path. */
export const databaseOf = (client: MongoClient, url: string) => client.db(/^[^/]*\/\/[^/]+\/[^?]/.test(url) ? undefined : 'weconnect')

/**
 * Asks once, before anything is written.
 * @throws WeConnectError CONFIG_INVALID or UNAVAILABLE, naming the variable, what failed and what to do
 */
export const checkMongo = async ({ url }: Pick<MongoSettings, 'url'>): Promise<void> => {
  const client = openClient(url)
  try {
    await databaseOf(client, url).command({ ping: 1 })
  } catch (cause) {
    throw new WeConnectError(
      'UNAVAILABLE',
      `MONGODB_URL=${withoutPassword(url)}: no MongoDB answers (${messageOf(cause)}). Start it, correct the variable, or unset it: then PostgreSQL keeps the run logs.`,
      { cause },
    )
  } finally {
    await client.close()
  }
}

export const withoutPassword = (url: string): string => url.replace(/(\/\/[^:@/]*):[^@/]*@/, '$1:***@')

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
