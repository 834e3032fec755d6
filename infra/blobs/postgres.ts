import { WeConnectError } from '@weconnect/contracts/errors'
import type { Sql } from '@weconnect/postgres/pool'
import { open, seal } from '@weconnect/secrets/seal'
import { addressOf, parseAddress } from './address.ts'
import type { Blobs } from './port.ts'

/** A schema of its own: the tables beside it are read models and may be dropped, these are named by the log. */
const layout = `
  create schema if not exists weconnect_kept;
  create table if not exists weconnect_kept.blobs (address text primary key, bytes bytea not null)`
/** One number for all, so that of several processes one makes the table. */
const layoutLock = 7_305_002

const storageError = (error: unknown): WeConnectError =>
  new WeConnectError('UNAVAILABLE', 'PostgreSQL, which keeps the blobs, does not answer. Try again.', { cause: error })

/**
 * Blobs in a table, for processes that share no disk and have no S3.
 * @param addressKey 32 bytes per organisation that make its addresses
 */
export const openPostgresBlobs = async (sql: Sql, addressKey: (organisationId: string) => Buffer): Promise<Blobs> => {
  // Several statements of one message are one transaction.
  await sql.query(`select pg_advisory_xact_lock(${layoutLock}); ${layout}`)
  return {
    put: async (organisationId, bytes, { keyId, key }) => {
      const address = addressOf(organisationId, bytes, keyId, addressKey(organisationId))
      parseAddress(address)
      const sealed = seal(key, bytes, Buffer.from(address))
      try {
        await sql.query('insert into weconnect_kept.blobs values ($1, $2) on conflict (address) do nothing', [address, sealed])
      } catch (error) {
        throw storageError(error)
      }
      return address
    },
    get: async (address, key) => {
      parseAddress(address)
      const rows = await sql
        .query<{ bytes: Buffer }>('select bytes from weconnect_kept.blobs where address = $1', [address])
        .catch((error: unknown) => {
          throw storageError(error)
        })
      try {
        return open(key, rows[0]?.bytes ?? Buffer.alloc(0), Buffer.from(address))
      } catch (error) {
        throw new WeConnectError('PAYLOAD_UNREADABLE', `The blob ${address} is missing or damaged`, { cause: error })
      }
    },
  }
}
