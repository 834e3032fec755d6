import { binaryEvent, type EventData, jsonEvent, type RecordedEvent } from '@eventstore/db-client'
import { isJsonObject, type JsonObject } from '@weconnect/contracts/json'
import type { EventBytes, StoredEvent } from '../port.ts'
import { formatPosition } from '../position.ts'

/*
 * The log's bytes in the client's form. The client parses whatever is JSON, so only bytes that JSON.stringify writes in exactly the same way may be
 * handed over as JSON; all of WeConnect's own are. Others travel as they are, or, where the client would still parse them, in base64.
 */
const packedKey = '$bytes'

const openingBrace = 0x7b

/** The object that these bytes are the one way to write; undefined when they are not. */
const exactJson = (bytes: Buffer): JsonObject | undefined => {
  if (bytes[0] !== openingBrace) return undefined
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return isJsonObject(value) && Buffer.from(JSON.stringify(value)).equals(bytes) ? value : undefined
  } catch {
    return undefined
  }
}

const clientParses = (bytes: Buffer): boolean => {
  try {
    JSON.parse(bytes.toString())
    return true
  } catch {
    return false
  }
}

type Metadata = JsonObject | Uint8Array | undefined

const metadataForm = (bytes: Buffer): Metadata => {
  if (bytes.length === 0) return undefined
  const json = exactJson(bytes)
  if (json && !(packedKey in json)) return json
  return clientParses(bytes) ? { [packedKey]: bytes.toString('base64') } : new Uint8Array(bytes)
}

const metadataBytes = (metadata: unknown): Buffer => {
  if (metadata === undefined) return Buffer.alloc(0)
  if (metadata instanceof Uint8Array) return Buffer.from(metadata)
  const packed = isJsonObject(metadata) ? metadata[packedKey] : undefined
  return typeof packed === 'string' ? Buffer.from(packed, 'base64') : Buffer.from(JSON.stringify(metadata))
}

export const eventData = ({ id, type, data, metadata }: EventBytes): EventData => {
  const json = exactJson(data)
  const form = { id, type, metadata: metadataForm(metadata) }
  // The client tells bytes from JSON by the class itself, so a Buffer will not do.
  return json ? jsonEvent({ ...form, data: json }) : binaryEvent({ ...form, data: new Uint8Array(data) })
}

/** An event as it was read, and where its append ends. */
export interface Fetched {
  readonly event: StoredEvent
  readonly place: number
  /** Equal to the place for the last event of an append. */
  readonly commit: number
}

export const fetched = (logId: string, recorded: RecordedEvent): Fetched => {
  const place = Number(recorded.position?.prepare ?? 0)
  const commit = Number(recorded.position?.commit ?? place)
  return {
    place,
    commit,
    event: {
      id: recorded.id,
      type: recorded.type,
      stream: recorded.streamId,
      revision: Number(recorded.revision),
      position: formatPosition(logId, place),
      following: commit - place,
      data: recorded.isJson ? Buffer.from(JSON.stringify(recorded.data)) : Buffer.from(recorded.data as Uint8Array),
      metadata: metadataBytes(recorded.metadata),
    },
  }
}
