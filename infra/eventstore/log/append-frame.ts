import { WeConnectError } from '@weconnect/contracts/errors'
import type { EventBytes } from '../port.ts'
import { noRun, type SharedRun, sharedRunOf, sharesRun } from './shared-run.ts'

/*
 * The events of one append in one row. A frame is
 *   version u8 | length of the shared run u16 | distance of the run from the end of the metadata u16 | the run
 * and then for each event
 *   id length u8 | type length u8 | data length u32 | metadata length u32 | id | type | data | metadata
 * with numbers in big-endian order and texts in UTF-8. The highest bit of the metadata length says that the run was left out of these metadata.
 * What the events of an append have in common (time, actor, organisation ...) is a third of all bytes, and bytes are what a commit costs.
 */
const frameVersion = 1
const frameHeaderBytes = 5
const eventHeaderBytes = 10
const maxTextBytes = 255
const runLeftOut = 0x80000000

const checkText = (what: string, text: string): number => {
  const bytes = Buffer.byteLength(text)
  if (bytes === 0 || bytes > maxTextBytes)
    throw new WeConnectError('INVALID_INPUT', `The ${what} of an event has 1 to ${maxTextBytes} bytes`)
  return bytes
}

/** Bytes of an append as its limit counts them: everything, the shared run each time. */
export const appendBytes = (events: readonly EventBytes[]): number => {
  let total = 0
  for (const { id, type, data, metadata } of events) {
    total += eventHeaderBytes + checkText('id', id) + checkText('type', type) + data.length + metadata.length
  }
  return total
}

/** Writes the metadata without the run. Answers how many bytes that took. */
const writeMetadata = (frame: Buffer, at: number, metadata: Buffer, run: SharedRun): number => {
  const runEnd = metadata.length - run.distance
  frame.set(metadata.subarray(0, runEnd - run.bytes.length), at)
  frame.set(metadata.subarray(runEnd), at + runEnd - run.bytes.length)
  return metadata.length - run.bytes.length
}

/** @param total what appendBytes answers for these events */
export const encodeFrame = (events: readonly EventBytes[], total: number): Buffer => {
  const run = sharedRunOf(events)
  const sharing = events.map(({ metadata }) => sharesRun(metadata, run))
  const saved = run.bytes.length * sharing.filter(Boolean).length
  const frame = Buffer.allocUnsafe(frameHeaderBytes + run.bytes.length + total - saved)
  frame[0] = frameVersion
  frame.writeUInt16BE(run.bytes.length, 1)
  frame.writeUInt16BE(run.distance, 3)
  frame.set(run.bytes, frameHeaderBytes)
  let at = frameHeaderBytes + run.bytes.length
  for (const [index, { id, type, data, metadata }] of events.entries()) {
    const idBytes = frame.write(id, at + eventHeaderBytes)
    const typeBytes = frame.write(type, at + eventHeaderBytes + idBytes)
    const dataAt = at + eventHeaderBytes + idBytes + typeBytes
    frame.set(data, dataAt)
    const metadataBytes = writeMetadata(frame, dataAt + data.length, metadata, sharing[index] ? run : noRun)
    frame[at] = idBytes
    frame[at + 1] = typeBytes
    frame.writeUInt32BE(data.length, at + 2)
    frame.writeUInt32BE(sharing[index] ? metadataBytes + runLeftOut : metadataBytes, at + 6)
    at = dataAt + data.length + metadataBytes
  }
  return frame
}

const damaged = (): never => {
  throw new WeConnectError('LOG_CORRUPT', 'A row of the event log does not have the layout it was written with: run `./weconnect verify`.')
}

const withRun = (stored: Buffer, { bytes, distance }: SharedRun): Buffer => {
  const at = stored.length - distance
  if (at < 0) damaged()
  const metadata = Buffer.allocUnsafe(stored.length + bytes.length)
  metadata.set(stored.subarray(0, at), 0)
  metadata.set(bytes, at)
  metadata.set(stored.subarray(at), at + bytes.length)
  return metadata
}

const readRun = (frame: Buffer): SharedRun => {
  if (frame.length < frameHeaderBytes || frame[0] !== frameVersion) damaged()
  const end = frameHeaderBytes + frame.readUInt16BE(1)
  const distance = frame.readUInt16BE(3)
  if (end > frame.length || (end === frameHeaderBytes && distance !== 0)) damaged()
  return { bytes: frame.subarray(frameHeaderBytes, end), distance }
}

/** The events share the memory of the frame where they can. @throws WeConnectError LOG_CORRUPT when it does not hold exactly `count` events */
export const decodeFrame = (frame: Buffer, count: number): EventBytes[] => {
  const run = readRun(frame)
  const events: EventBytes[] = []
  let at = frameHeaderBytes + run.bytes.length
  for (let index = 0; index < count; index += 1) {
    if (at + eventHeaderBytes > frame.length) damaged()
    const idEnd = at + eventHeaderBytes + (frame[at] as number)
    const typeEnd = idEnd + (frame[at + 1] as number)
    const dataEnd = typeEnd + frame.readUInt32BE(at + 2)
    const length = frame.readUInt32BE(at + 6)
    const end = dataEnd + (length % runLeftOut)
    if (end > frame.length) damaged()
    const stored = frame.subarray(dataEnd, end)
    events.push({
      id: frame.toString('utf8', at + eventHeaderBytes, idEnd),
      type: frame.toString('utf8', idEnd, typeEnd),
      data: frame.subarray(typeEnd, dataEnd),
      metadata: length >= runLeftOut ? withRun(stored, run) : stored,
    })
    at = end
  }
  if (at !== frame.length) damaged()
  return events
}
