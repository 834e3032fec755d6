import { type Connection, openPool } from '@weconnect/postgres/pool'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { openMasterKey } from '@weconnect/secrets/master-key'
import type { Keyring } from '@weconnect/secrets/port'
import { openFileBlobs } from './files.ts'
import type { Blobs } from './port.ts'
import { openPostgresBlobs } from './postgres.ts'
import type { S3Settings } from './s3-url.ts'
import { sparingMemory } from './sparing-memory.ts'
import { withEarlierBlobs, withEarlierKeys } from './with-earlier.ts'

export type KeysWhere =
  | { readonly keyFile: string }
  /** @param earlierKeyFile opens what was sealed before there was a master key */
  | { readonly masterKey: string; readonly earlierKeyFile?: string }

export type BlobsWhere =
  | { readonly folder: string }
  | { readonly database: Connection | string }
  /** @param earlier where blobs were put before, and are still found */
  | { readonly s3: S3Settings; readonly earlier: { readonly folder: string } | { readonly database: Connection | string } }

/** Where keys and large payloads are: in the data folder of one process, or where many processes reach them. Can be handed to a thread. */
export interface KeptWhere {
  readonly keys: KeysWhere
  readonly blobs: BlobsWhere
}

export interface Kept {
  readonly keyring: Keyring
  readonly blobs: Blobs
  close(): Promise<void>
}

/** @throws WeConnectError CONFIG_INVALID, or an error of the database */
export const openKept = async (where: KeptWhere): Promise<Kept> => {
  const keyring = openKeys(where.keys)
  const { blobs, close } = await openBlobs(where.blobs, (organisationId) => keyring.derive(`blobs/${organisationId}`))
  return { keyring, blobs: sparingMemory(blobs), close }
}

const openKeys = (where: KeysWhere): Keyring => {
  if ('keyFile' in where) return openKeyFile(where.keyFile)
  const keyring = openMasterKey(where.masterKey)
  return where.earlierKeyFile === undefined ? keyring : withEarlierKeys(keyring, openKeyFile(where.earlierKeyFile))
}

type AddressKey = (organisationId: string) => Buffer
type OpenedBlobs = Pick<Kept, 'blobs' | 'close'>

const openBlobs = async (where: BlobsWhere, addressKey: AddressKey): Promise<OpenedBlobs> => {
  if ('folder' in where) return { blobs: openFileBlobs({ folder: where.folder, addressKey }), close: async () => undefined }
  if ('database' in where) return openInDatabase(where.database, addressKey)
  const earlier = await openBlobs(where.earlier, addressKey)
  const { openS3Blobs } = await import('./s3.ts')
  const s3 = openS3Blobs(where.s3, addressKey)
  return {
    blobs: withEarlierBlobs(s3, earlier.blobs),
    close: async () => {
      s3.close()
      await earlier.close()
    },
  }
}

const openInDatabase = async (database: Connection | string, addressKey: AddressKey): Promise<OpenedBlobs> => {
  const pool = openPool(database, 4)
  try {
    return { blobs: await openPostgresBlobs(pool, addressKey), close: () => pool.close() }
  } catch (error) {
    await pool.close()
    throw error
  }
}
