import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Blobs } from '@weconnect/blobs/port'
import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { DataKey, Keyring } from '@weconnect/secrets/port'
import { open, seal } from '@weconnect/secrets/seal'
import { deferValueAt, type JsonPath, valueAt, withValueAt } from './json-path.ts'
import { jsonPieces, leastLength } from './json-pieces.ts'

/** JSON longer than this goes to the blob store, bytes. */
export const maxInlinePayload = 64 * 1024

/** A payload on its way into the log; it must not change on the way. */
export interface Part {
  readonly path: JsonPath
  readonly value: JsonValue
  /** Absent for what is certainly too large for the log: its text is made piece by piece. */
  readonly text?: string
  /** Of the text in UTF-8; where there is no text, at least so many, until it is in the blob store. */
  bytes: number
  /** Address in the blob store, once it is there. */
  blob?: string
}

/** A payload as it is stored: the record Payload of contracts/schemas. */
interface StoredPayload {
  readonly keyId: string
  readonly sealed?: string
  readonly blob?: string
  readonly encoding?: string
  readonly bytes?: number
}

/** What a payload reads as when its key was destroyed. */
export const erased: JsonObject = { $erased: true }

/** The payloads of an event's data, those that are absent left out. */
export const partsOf = (data: JsonObject, paths: readonly JsonPath[]): Part[] => {
  const parts: Part[] = []
  for (const path of paths) {
    const value = valueAt(data, path)
    if (value !== undefined) parts.push(partOf(path, value))
  }
  return parts
}

const partOf = (path: JsonPath, value: JsonValue): Part => {
  const least = leastLength(value, maxInlinePayload + 1)
  if (least > maxInlinePayload) return { path, value, bytes: least }
  const text = JSON.stringify(value)
  return { path, value, text, bytes: Buffer.byteLength(text) }
}

/** Binds a sealed payload to its place, so that it cannot be moved to another event or field. */
const placeOf = (stream: string, eventId: string, path: JsonPath): Buffer => Buffer.from(`${stream}\n${eventId}\n${path.join('.')}`)

/** The data as it is stored: every part sealed, or replaced by its address. */
export const sealParts = (
  data: JsonObject,
  parts: readonly Part[],
  { keyId, key }: DataKey,
  stream: string,
  eventId: string,
): JsonObject => {
  let stored = data
  for (const { path, text, blob, bytes } of parts) {
    const payload: StoredPayload =
      blob === undefined
        ? { keyId, sealed: seal(key, Buffer.from(text ?? ''), placeOf(stream, eventId, path)).toString('base64') }
        : { keyId, blob, encoding: 'zstd', bytes }
    stored = withValueAt(stored, path, payload as JsonObject & StoredPayload)
  }
  return stored
}

/** The text is compressed on the way of a running workflow: a third less time than the default takes, and a little more room. */
const packing = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** Durable when it resolves. */
export const moveToBlob = async (part: Part, blobs: Blobs, organisationId: string, key: DataKey): Promise<void> => {
  const packed = part.text === undefined ? await packedInPieces(part) : zstdCompressSync(Buffer.from(part.text), packing)
  part.blob = await blobs.put(organisationId, packed, key)
}

/** In threads of their own, while the next pieces are written. */
const packedInPieces = async (part: Part): Promise<Buffer> => {
  const chunks: Buffer[] = []
  part.bytes = 0
  const pieces = function* (): Generator<Buffer> {
    for (const text of jsonPieces(part.value)) {
      const piece = Buffer.from(text)
      part.bytes += piece.length
      yield piece
    }
  }
  await pipeline(Readable.from(pieces()), createZstdCompress(packing), async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) chunks.push(chunk)
  })
  return Buffer.concat(chunks)
}

const isStoredPayload = (value: JsonValue): value is JsonObject & StoredPayload =>
  isJsonObject(value) && typeof value['keyId'] === 'string' && (typeof value['sealed'] === 'string' || typeof value['blob'] === 'string')

const unreadable = (stream: string, eventId: string, path: JsonPath, cause?: unknown): WeConnectError =>
  new WeConnectError('PAYLOAD_UNREADABLE', `${path.join('.')} of event ${eventId} in ${stream} cannot be opened`, { cause })

/** Where an event stands, for its payloads to be opened. */
export interface EventPlace {
  readonly stream: string
  readonly eventId: string
}

const openSealed = (stored: StoredPayload, path: JsonPath, { stream, eventId }: EventPlace, keyring: Keyring): JsonValue => {
  const key = keyring.find(stored.keyId)
  if (!key) return erased
  try {
    const plaintext = open(key, Buffer.from(stored.sealed ?? '', 'base64'), placeOf(stream, eventId, path))
    return JSON.parse(plaintext.toString()) as JsonValue
  } catch (error) {
    throw unreadable(stream, eventId, path, error)
  }
}

/** The text is unpacked when it is needed: what is large is looked at by few, and they need not hold all of it at once. */
const deferBlob = (data: JsonObject, path: JsonPath, stored: StoredPayload, bytes: Buffer, { stream, eventId }: EventPlace): void => {
  const read = <Value>(use: (text: Buffer) => Value): Value => {
    try {
      return use(stored.encoding === 'zstd' ? zstdDecompressSync(bytes) : bytes)
    } catch (error) {
      throw unreadable(stream, eventId, path, error)
    }
  }
  deferValueAt(
    data,
    path,
    () => read((text) => JSON.parse(text.toString()) as JsonValue),
    () => stored.bytes ?? read((text) => text.length),
  )
}

/**
 * Opens the payloads of freshly parsed data, in place. They are read when they are first looked at, since most folds and lists look at few;
 * the bytes of those in the blob store are fetched now.
 * @returns a promise only when a blob must be fetched
 * @throws WeConnectError PAYLOAD_UNREADABLE, also from looking at a payload whose bytes or place were changed
 */
export const openParts = (
  data: JsonObject,
  paths: readonly JsonPath[],
  { keyring, blobs }: { keyring: Keyring; blobs: Blobs },
  place: EventPlace,
): Promise<void> | undefined => {
  const fetching: Promise<void>[] = []
  for (const path of paths) {
    const stored = valueAt(data, path)
    if (stored === undefined) continue
    if (!isStoredPayload(stored)) throw unreadable(place.stream, place.eventId, path)
    const key = stored.blob === undefined ? undefined : keyring.find(stored.keyId)
    if (stored.blob !== undefined && key) {
      fetching.push(blobs.get(stored.blob, key).then((bytes) => deferBlob(data, path, stored, bytes, place)))
    } else deferValueAt(data, path, () => openSealed(stored, path, place, keyring))
  }
  return fetching.length === 0 ? undefined : Promise.all(fetching).then(() => undefined)
}
