import { join } from 'node:path'
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
