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

/** In front of the id of a list: `{"pieces": [id, ...]}`, the ids of what is to be put together. */
const listMark = 'blobs:'
/** Bytes of a piece: what is held in memory of a file that comes in. */
const pieceBytes = 1024 * 1024

/** Bytes as they come, cut into pieces of one size: the same file is the same pieces, however it came. */
async function* inPieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let size = 0
  for await (const chunk of chunks)
    for (let rest = chunk; rest.length > 0; ) {
      const part = rest.subarray(0, pieceBytes - size)
      rest = rest.subarray(part.length)
      held.push(part)
      size += part.length
      if (size < pieceBytes) continue
      yield Buffer.concat(held)
      held = []
      size = 0
    }
  if (size > 0) yield Buffer.concat(held)
}

const piecesIn = (list: Buffer): readonly string[] => {
  const { pieces } = JSON.parse(list.toString()) as { readonly pieces?: unknown }
  if (Array.isArray(pieces) && pieces.every((piece) => typeof piece === 'string')) return pieces
  throw unreadable('The bytes of this file cannot be put together')
}

/** Files of items in the blob store, sealed with the key of their organisation: destroying the key erases them. */
export const openBinaries = ({ blobs, keyring }: { readonly blobs: Blobs; readonly keyring: Keyring }): Binaries => {
  const keep = async (organisationId: string, bytes: Buffer): Promise<string> => {
    const key = await keyring.sealing(organisationId)
    const { encoding, stored } = await smaller(bytes)
    return `blob:${encoding}:${key.keyId}:${await blobs.put(organisationId, stored, key)}`
  }
  const readOne = async (organisationId: string, id: string): Promise<Buffer> => {
    const [, encoding, keyId = '', address = ''] = idShape.exec(id) ?? []
    // The id is data that a user may have typed: nothing of another organisation may come of it.
    if (!address.startsWith(`${organisationId}/`)) throw unreadable('The bytes of this file are not kept here')
    const key = keyring.find(keyId)
    if (!key) throw unreadable('The bytes of this file were erased')
    const stored = await blobs.get(address, key)
    return encoding === 'zstd' ? decompress(stored) : stored
  }
  return {
    keep,
    keepPieces: async (organisationId, chunks) => {
      const pieces: string[] = []
      let bytes = 0
      for await (const piece of inPieces(chunks)) {
        pieces.push(await keep(organisationId, piece))
        bytes += piece.length
      }
      const [only] = pieces
      if (pieces.length === 1 && only !== undefined) return { id: only, bytes }
      return { id: listMark + (await keep(organisationId, Buffer.from(JSON.stringify({ pieces })))), bytes }
    },
    read: async (organisationId, id) => {
      if (!id.startsWith(listMark)) return readOne(organisationId, id)
      const read: Buffer[] = []
      for (const piece of piecesIn(await readOne(organisationId, id.slice(listMark.length))))
        read.push(await readOne(organisationId, piece))
      return Buffer.concat(read)
    },
  }
}
