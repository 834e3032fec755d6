import { WeConnectError } from '@weconnect/contracts/errors'
import type { EventBytes } from './port.ts'

/*
 * The events of one append in one row. A frame is one byte, the version of the layout, and then for each event
 *   id length u8 | type length u8 | data length u32 | metadata length u32 | id | type | data | metadata
 * with numbers in big-endian order and texts in UTF-8.
 */
const frameVersion = 1
const eventHeaderBytes = 10
const maxTextBytes = 255

const checkText = (what: string, text: string): number => {
  const bytes = Buffer.byteLength(text)
  if (bytes === 0 || bytes > maxTextBytes)
    throw new WeConnectError('INVALID_INPUT', `The ${what} of an event has 1 to ${maxTextBytes} bytes`)
  return bytes
}

/** Bytes that an append takes in the log. */
export const frameBytes = (events: readonly EventBytes[]): number => {
  let total = 1
  for (const { id, type, data, metadata } of events) {
    total += eventHeaderBytes + checkText('id', id) + checkText('type', type) + data.length + metadata.length
  }
  return total
}

/** @param total what frameBytes answers for these events */
export const encodeFrame = (events: readonly EventBytes[], total: number): Buffer => {
  const frame = Buffer.allocUnsafe(total)
  let at = frame.writeUInt8(frameVersion, 0)
  for (const { id, type, data, metadata } of events) {
    const idBytes = frame.write(id, at + eventHeaderBytes)
    const typeBytes = frame.write(type, at + eventHeaderBytes + idBytes)
    frame[at] = idBytes
    frame[at + 1] = typeBytes
    frame.writeUInt32BE(data.length, at + 2)
    frame.writeUInt32BE(metadata.length, at + 6)
    at += eventHeaderBytes + idBytes + typeBytes
    frame.set(data, at)
    frame.set(metadata, at + data.length)
    at += data.length + metadata.length
  }
  return frame
}

const damaged = (): never => {
  throw new WeConnectError('LOG_CORRUPT', 'A row of the event log does not have the layout it was written with: run `./weconnect verify`.')
}

/** The events share the memory of the frame. @throws WeConnectError LOG_CORRUPT when it does not hold exactly `count` events */
export const decodeFrame = (frame: Buffer, count: number): EventBytes[] => {
  if (frame[0] !== frameVersion) damaged()
  const events: EventBytes[] = []
  let at = 1
  for (let index = 0; index < count; index += 1) {
    if (at + eventHeaderBytes > frame.length) damaged()
    const idEnd = at + eventHeaderBytes + (frame[at] as number)
    const typeEnd = idEnd + (frame[at + 1] as number)
    const dataEnd = typeEnd + frame.readUInt32BE(at + 2)
    const end = dataEnd + frame.readUInt32BE(at + 6)
    if (end > frame.length) damaged()
    events.push({
      id: frame.toString('utf8', at + eventHeaderBytes, idEnd),
      type: frame.toString('utf8', idEnd, typeEnd),
      data: frame.subarray(typeEnd, dataEnd),
      metadata: frame.subarray(dataEnd, end),
    })
    at = end
  }
  if (at !== frame.length) damaged()
  return events
}
