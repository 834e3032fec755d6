import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { WeConnectError } from '@weconnect/contracts/errors'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { openEsdbEventStore } from '@weconnect/eventstore/esdb'
import type { EventStore, WorkOf } from '@weconnect/eventstore/port'
import { servedFolderFile } from '../served-folder.ts'

/**
 * The event log: the one that EVENTSTORE_URL names, else the one in the data folder.
 * @throws WeConnectError CONFIG_INVALID
 */
export const openEventLog = async (
  { dataFolder: folder, eventStoreUrl: url }: { readonly dataFolder: string; readonly eventStoreUrl: string | undefined },
  workOf: WorkOf,
  say: (message: string) => void,
): Promise<EventStore> => {
  if (url === undefined) return openEmbeddedEventStore({ folder, workOf })
  if (folder === '') return openEsdbEventStore({ url, workOf })
  if (existsSync(join(folder, 'log.db'))) say(`EVENTSTORE_URL is set: the log in ${folder} is not used`)
  return openEsdbEventStore({ url, folder, workOf })
}

/** An instance keeps its log for itself; the log of an event store may hold streams of other programs. @throws WeConnectError CONFIG_INVALID */
export const refuseServedFolder = (folder: string): void => {
  if (!existsSync(servedFolderFile(folder))) return
  throw new WeConnectError(
    'CONFIG_INVALID',
    `${folder} is served by \`./weconnect eventstore serve\` and may hold streams of other programs. Choose another folder with --data, and name the server in EVENTSTORE_URL.`,
  )
}
