import { join } from 'node:path'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import { keepEmbeddedPostgres } from '@weconnect/postgres/kept-running'
import type { Connection } from '@weconnect/postgres/pool'
import type { Settings } from './settings.ts'

/** PostgreSQL for the read models: the one that POSTGRES_URL names, else a child of our own. */
export const readModelsServer = async (
  { dataFolder, postgresUrl }: Settings,
  say: (message: string) => void,
): Promise<{ readonly connection: Connection | string; stop(): Promise<void> }> =>
  postgresUrl === undefined
    ? keepEmbeddedPostgres({ folder: join(dataFolder, 'postgres'), log: say })
    : { connection: postgresUrl, stop: async () => undefined }

/** What is wrong with the server that POSTGRES_URL names, for whoever started this process. The password is not shown. */
export const postgresError = (cause: unknown): WeConnectError =>
  new WeConnectError(
    'CONFIG_INVALID',
    `POSTGRES_URL: the server cannot be used: ${reasonOf(cause)}. Write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE, and check that the server runs and lets this user in.`,
    { cause },
  )

const reasonOf = (error: unknown): string => {
  const first = isWeConnectError(error, 'UNAVAILABLE') ? error.cause : error
  return first instanceof Error ? first.message || first.name : String(first)
}
