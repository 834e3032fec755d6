import { join } from 'node:path'
import { startEmbeddedPostgres } from '@weconnect/postgres/embedded'
import type { Connection } from '@weconnect/postgres/pool'
import type { Settings } from './settings.ts'

/** PostgreSQL for the read models: the one that POSTGRES_URL names, else a child of our own. */
export const readModelsServer = async (
  { dataFolder, postgresUrl }: Settings,
  say: (message: string) => void,
): Promise<{ readonly connection: Connection | string; stop(): Promise<void> }> =>
  postgresUrl === undefined
    ? startEmbeddedPostgres({ folder: join(dataFolder, 'postgres'), log: say })
    : { connection: postgresUrl, stop: async () => undefined }
