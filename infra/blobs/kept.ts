import { type Connection, openPool } from '@weconnect/postgres/pool'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { openMasterKey } from '@weconnect/secrets/master-key'
import type { Keyring } from '@weconnect/secrets/port'
import { openFileBlobs } from './files.ts'
import type { Blobs } from './port.ts'
import { openPostgresBlobs } from './postgres.ts'
import { sparingMemory } from './sparing-memory.ts'

/** Where keys and large payloads are: in the data folder of one process, or where many processes reach them. Can be handed to a thread. */
export type KeptWhere =
  | { readonly keyFile: string; readonly blobFolder: string }
  | { readonly masterKey: string; readonly database: Connection | string }

export interface Kept {
  readonly keyring: Keyring
  readonly blobs: Blobs
  close(): Promise<void>
}

/** @throws WeConnectError CONFIG_INVALID, or an error of the database */
export const openKept = async (where: KeptWhere): Promise<Kept> => {
  if ('keyFile' in where) {
    const keyring = openKeyFile(where.keyFile)
    const blobs = openFileBlobs({ folder: where.blobFolder, addressKey: (organisationId) => keyring.derive(`blobs/${organisationId}`) })
    return { keyring, blobs: sparingMemory(blobs), close: async () => undefined }
  }
  const keyring = openMasterKey(where.masterKey)
  const pool = openPool(where.database, 4)
  try {
    const blobs = await openPostgresBlobs(pool, (organisationId) => keyring.derive(`blobs/${organisationId}`))
    return { keyring, blobs: sparingMemory(blobs), close: () => pool.close() }
  } catch (error) {
    await pool.close()
    throw error
  }
}
