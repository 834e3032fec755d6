import type { Blobs } from '@weconnect/blobs/port'
import type { Envelope, EventMetadata } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'
import type { Keyring } from '@weconnect/secrets/port'
import type { StoredEvent } from '../port.ts'
import { checkVersion, type EventTypeInfo, upcastOf } from './event-types.ts'
import { openParts } from './payloads.ts'

const parsed = (bytes: Buffer, what: string, { stream, revision }: StoredEvent): JsonObject => {
  try {
    return JSON.parse(bytes.toString('utf8')) as JsonObject
  } catch (error) {
    throw new WeConnectError('LOG_CORRUPT', `The ${what} of event ${revision} in ${stream} is not JSON: run \`./weconnect verify\``, {
      cause: error,
    })
  }
}

const lifted = (type: string, from: number, info: EventTypeInfo, data: JsonObject): JsonObject => {
  let current = data
  for (let version = from; version < info.version; version += 1) current = upcastOf(type, version)?.raise(current) ?? current
  return current
}

/** Opens stored events. Answers a promise only for those with a payload in the blob store: most need none, and a promise each costs. */
export const eventReader =
  (stores: { keyring: Keyring; blobs: Blobs }) =>
  (stored: StoredEvent): Envelope | Promise<Envelope> => {
    const metadata = parsed(stored.metadata, 'metadata', stored) as unknown as EventMetadata
    const info = checkVersion(metadata.type, metadata.schemaVersion)
    const data = parsed(stored.data, 'data', stored)
    const paths =
      metadata.schemaVersion === info.version ? info.payloads : (upcastOf(metadata.type, metadata.schemaVersion)?.payloads ?? [])
    const fetching = openParts(data, paths, stores, { stream: stored.stream, eventId: metadata.eventId })
    // The metadata were parsed just now and are nobody else's, so they become the envelope without a copy.
    const envelope = (): Envelope =>
      Object.assign(metadata, {
        stream: stored.stream,
        revision: stored.revision,
        position: stored.position,
        data: metadata.schemaVersion === info.version ? data : lifted(metadata.type, metadata.schemaVersion, info, data),
      }) as unknown as Envelope
    return fetching ? fetching.then(envelope) : envelope()
  }
