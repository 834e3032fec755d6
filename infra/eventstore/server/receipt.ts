import { eventCatalogue } from '@weconnect/contracts/events/catalogue'
import { familyOf } from '@weconnect/contracts/ids'
import type { EventBytes } from '../port.ts'

/*
 * The protocol knows two things of an event that the log has no column for: when the server took it, and whether its data are JSON. For events
 * that any tool appends they stand before the metadata:
 *   magic, 4 bytes | flags, 1 byte (1 = the data are JSON) | received, 6 bytes, milliseconds since the epoch | the metadata of the client
 * WeConnect's own events keep the bytes that their hashes are made of: their time is in their metadata, and their data are always JSON.
 */
const magic = Buffer.from([0x00, 0x45, 0x53, 0x01])
const flagsAt = magic.length
const receivedAt = flagsAt + 1
const headerBytes = receivedAt + 6
const jsonFlag = 1

export interface Receipt {
  readonly json: boolean
  /** Milliseconds since the epoch. */
  readonly received: number
  /** As the client gave them. */
  readonly metadata: Buffer
}

/** WeConnect's families, and the stream in which it names the log. */
const families: ReadonlySet<string> = new Set([...Object.values(eventCatalogue).map(({ family }) => family), 'weconnect'])

/** Whether a stream bears the name of one of WeConnect's. */
export const isOwnStream = (stream: string): boolean => families.has(familyOf(stream))

const isOwnEvent = (stream: string, { id, metadata }: EventBytes): boolean =>
  isOwnStream(stream) && metadata.subarray(0, 60).toString('latin1').startsWith(`{"eventId":"${id}"`)

/** The event as it goes into the log. */
export const receipted = (stream: string, event: EventBytes, json: boolean, received: number): EventBytes => {
  if (json && isOwnEvent(stream, event)) return event
  const header = Buffer.alloc(headerBytes)
  header.set(magic)
  header[flagsAt] = json ? jsonFlag : 0
  header.writeUIntBE(received, receivedAt, 6)
  return { ...event, metadata: Buffer.concat([header, event.metadata]) }
}

const ownTime = (metadata: Buffer): number => {
  const [, time] = /"time":"([^"]+)"/.exec(metadata.toString('latin1')) ?? []
  return Date.parse(time ?? '') || 0
}

export const receiptOf = (stored: Buffer): Receipt => {
  if (stored.length < headerBytes || !stored.subarray(0, magic.length).equals(magic)) {
    return { json: true, received: ownTime(stored), metadata: stored }
  }
  return {
    json: ((stored[flagsAt] as number) & jsonFlag) !== 0,
    received: stored.readUIntBE(receivedAt, 6),
    metadata: stored.subarray(headerBytes),
  }
}
