import { hash } from 'node:crypto'
import type { EventBytes } from './port.ts'

/*
 * `hash` is the last property of an event's metadata:
 *   base64url(SHA-256(hash of the stream's previous event | data | metadata without the property `hash`))
 * For the first event of a stream the SHA-256 of the stream's name stands for the previous hash, so that a stream cannot take another's name.
 */
const hashBytes = 32
const hashTextLength = 43
const prefix = ',"hash":"'
const suffix = '"}'
const propertyBytes = prefix.length + hashTextLength + suffix.length

/** What the first event of a stream is chained to. */
export const originOf = (stream: string): Buffer => hash('sha256', stream, 'buffer')

/** @param head hash of the last event; empty for a stream that does not exist yet */
export const previousHash = (stream: string, head: string): Buffer => (head === '' ? originOf(stream) : Buffer.from(head, 'base64url'))

export const isHash = (text: string): boolean => Buffer.from(text, 'base64url').length === hashBytes

/**
 * The bytes of one event with its link. Data and metadata share one allocation.
 * @param metadata JSON object without `hash`
 */
export const chained = (
  id: string,
  type: string,
  data: string,
  metadata: string,
  previous: Buffer,
): { event: EventBytes; digest: Buffer } => {
  const dataBytes = Buffer.byteLength(data)
  const metadataBytes = Buffer.byteLength(metadata)
  const bytes = Buffer.allocUnsafe(hashBytes + dataBytes + metadataBytes + propertyBytes - 1)
  bytes.set(previous, 0)
  bytes.write(data, hashBytes)
  const metadataAt = hashBytes + dataBytes
  const end = metadataAt + bytes.write(metadata, metadataAt)
  const digest = hash('sha256', bytes.subarray(0, end), 'buffer')
  bytes.write(prefix + digest.toString('base64url') + suffix, end - 1, 'latin1')
  return { event: { id, type, data: bytes.subarray(hashBytes, metadataAt), metadata: bytes.subarray(metadataAt) }, digest }
}

/** Hash that the event should carry, and the one it does carry; undefined when its metadata do not end with one. */
export const linkOf = ({ data, metadata }: EventBytes, previous: Buffer): { digest: Buffer; stored: string } | undefined => {
  const at = metadata.length - propertyBytes
  if (at < 1 || metadata.toString('latin1', at, at + prefix.length) !== prefix) return undefined
  if (metadata.toString('latin1', metadata.length - suffix.length) !== suffix) return undefined
  const bytes = Buffer.allocUnsafe(hashBytes + data.length + at + 1)
  bytes.set(previous, 0)
  bytes.set(data, hashBytes)
  bytes.set(metadata.subarray(0, at), hashBytes + data.length)
  bytes[bytes.length - 1] = 0x7d
  return {
    digest: hash('sha256', bytes, 'buffer'),
    stored: metadata.toString('latin1', at + prefix.length, metadata.length - suffix.length),
  }
}
