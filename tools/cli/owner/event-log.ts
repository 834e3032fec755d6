import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { WeConnectError } from '@weconnect/contracts/errors'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import type { EventStore, WorkOf } from '@weconnect/eventstore/port'
import { servedFolderFile } from '../served-folder.ts'

interface LogSettings {
  readonly dataFolder: string
  readonly eventStoreUrl: string | undefined
  readonly postgresUrl: string | undefined
}

/** What the log keeps of what is open. */
export interface Work {
  readonly of: WorkOf
  /** Raised when the same append is to give another row. */
  readonly version: number
}

/**
 * The event log: the one that EVENTSTORE_URL names, else the one in the data folder.
 * @throws WeConnectError CONFIG_INVALID
 */
export const openEventLog = async (
  { dataFolder: folder, eventStoreUrl: url, postgresUrl }: LogSettings,
  { of: workOf, version: workVersion }: Work,
  say: (message: string) => void,
): Promise<EventStore> => {
  if (url === undefined) return openEmbeddedEventStore({ folder, workOf })
  const { openEsdbEventStore } = await import('@weconnect/eventstore/esdb')
  if (folder === '')
    return openEsdbEventStore({ url, workOf, workVersion, ...(postgresUrl !== undefined && { workDatabase: postgresUrl }) })
  if (existsSync(join(folder, 'log.db'))) say(`EVENTSTORE_URL is set: the log in ${folder} is not used`)
  return openEsdbEventStore({ url, folder, workOf, workVersion })
}

/** An instance keeps its log for itself; the log of an event store may hold streams of other programs. @throws WeConnectError CONFIG_INVALID */
export const refuseServedFolder = (folder: string): void => {
  if (!existsSync(servedFolderFile(folder))) return
  throw new WeConnectError(
    'CONFIG_INVALID',
    `${folder} is served by \`./weconnect eventstore serve\` and may hold streams of other programs. Choose another folder with --data, and name the server in EVENTSTORE_URL.`,
  )
}
