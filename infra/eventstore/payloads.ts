import { promisify } from 'node:util'
import { zstdCompressSync, zstdDecompress } from 'node:zlib'
import type { Blobs } from '@weconnect/blobs/port'
import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { DataKey, Keyring } from '@weconnect/secrets/port'
import { open, seal } from '@weconnect/secrets/seal'
import { type JsonPath, setValueAt, valueAt, withValueAt } from './json-path.ts'

const decompress = promisify(zstdDecompress)

/** JSON longer than this goes to the blob store, bytes. */
export const maxInlinePayload = 64 * 1024

/** A payload on its way into the log. */
export interface Part {
  readonly path: JsonPath
  readonly text: string
  /** Of the text in UTF-8. */
  readonly bytes: number
  /** Address in the blob store, once it is there. */
  blob?: string
}

/** A payload as it is stored: the record Payload of contracts/schemas. */
interface StoredPayload {
  readonly keyId: string
  readonly sealed?: string
  readonly blob?: string
  readonly encoding?: string
}

/** What a payload reads as when its key was destroyed. */
export const erased: JsonObject = { $erased: true }

/** The payloads of an event's data, those that are absent left out. */
export const partsOf = (data: JsonObject, paths: readonly JsonPath[]): Part[] => {
  const parts: Part[] = []
  for (const path of paths) {
    const value = valueAt(data, path)
    if (value === undefined) continue
    const text = JSON.stringify(value)
    parts.push({ path, text, bytes: Buffer.byteLength(text) })
  }
  return parts
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
  for (const { path, text, blob } of parts) {
    const payload: StoredPayload =
      blob === undefined
        ? { keyId, sealed: seal(key, Buffer.from(text), placeOf(stream, eventId, path)).toString('base64') }
        : { keyId, blob, encoding: 'zstd' }
    stored = withValueAt(stored, path, payload as JsonObject & StoredPayload)
  }
  return stored
}

/** Durable when it resolves. */
export const moveToBlob = async (part: Part, blobs: Blobs, organisationId: string, key: DataKey): Promise<void> => {
  part.blob = await blobs.put(organisationId, zstdCompressSync(Buffer.from(part.text)), key)
}

const isStoredPayload = (value: JsonValue): value is JsonObject & StoredPayload =>
  isJsonObject(value) && typeof value['keyId'] === 'string' && (typeof value['sealed'] === 'string' || typeof value['blob'] === 'string')

const unreadable = (stream: string, eventId: string, path: JsonPath, cause?: unknown): WeConnectError =>
  new WeConnectError('PAYLOAD_UNREADABLE', `${path.join('.')} of event ${eventId} in ${stream} cannot be opened`, { cause })

/**
 * Opens the payloads of freshly parsed data, in place.
 * @returns a promise only when a blob must be fetched
 */
export const openParts = (
  data: JsonObject,
  paths: readonly JsonPath[],
  { keyring, blobs }: { keyring: Keyring; blobs: Blobs },
  stream: string,
  eventId: string,
): Promise<void> | undefined => {
  const fetching: Promise<void>[] = []
  const fetchBlob = async (address: string, key: Buffer, encoding: string | undefined): Promise<Buffer> => {
    const bytes = await blobs.get(address, key)
    return encoding === 'zstd' ? decompress(bytes) : bytes
  }
  const openPart = (path: JsonPath, stored: JsonObject & StoredPayload): void => {
    const key = keyring.find(stored.keyId)
    const set = (json: Buffer): void => setValueAt(data, path, JSON.parse(json.toString()) as JsonValue)
    if (!key) setValueAt(data, path, erased)
    else if (stored.blob === undefined) set(open(key, Buffer.from(stored.sealed ?? '', 'base64'), placeOf(stream, eventId, path)))
    else fetching.push(fetchBlob(stored.blob, key, stored.encoding).then(set))
  }
  for (const path of paths) {
    const stored = valueAt(data, path)
    if (stored === undefined) continue
    if (!isStoredPayload(stored)) throw unreadable(stream, eventId, path)
    try {
      openPart(path, stored)
    } catch (error) {
      throw unreadable(stream, eventId, path, error)
    }
  }
  return fetching.length === 0 ? undefined : Promise.all(fetching).then(() => undefined)
}
