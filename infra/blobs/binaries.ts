import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import type { Binaries } from '@weconnect/contracts/binaries'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Keyring } from '@weconnect/secrets/port'
import type { Blobs } from './port.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** `blob:{raw or zstd}:{key id}:{address}`. */
const idShape = /^blob:(raw|zstd):([^:]{1,100}):([^:]{1,200})$/

const unreadable = (message: string): WeConnectError => new WeConnectError('PAYLOAD_UNREADABLE', message)

/** Images and archives do not get smaller; what hardly does is kept as it is. */
const smaller = async (bytes: Buffer): Promise<{ readonly encoding: 'raw' | 'zstd'; readonly stored: Buffer }> => {
  const compressed = await compress(bytes)
  return compressed.length < bytes.length * 0.9 ? { encoding: 'zstd', stored: compressed } : { encoding: 'raw', stored: bytes }
}

/** Files of items in the blob store, sealed with the key of their organisation: destroying the key erases them. */
export const openBinaries = ({ blobs, keyring }: { readonly blobs: Blobs; readonly keyring: Keyring }): Binaries => ({
  keep: async (organisationId, bytes) => {
    const key = await keyring.sealing(organisationId)
    const { encoding, stored } = await smaller(bytes)
    return `blob:${encoding}:${key.keyId}:${await blobs.put(organisationId, stored, key)}`
  },
  read: async (organisationId, id) => {
    const [, encoding, keyId = '', address = ''] = idShape.exec(id) ?? []
    // The id is data that a user may have typed: nothing of another organisation may come of it.
    if (!address.startsWith(`${organisationId}/`)) throw unreadable('The bytes of this file are not kept here')
    const key = keyring.find(keyId)
    if (!key) throw unreadable('The bytes of this file were erased')
    const stored = await blobs.get(address, key)
    return encoding === 'zstd' ? decompress(stored) : stored
  },
})
