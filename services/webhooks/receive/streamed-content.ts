import { once } from 'node:events'
import { Readable } from 'node:stream'
import { isWeConnectError } from '@weconnect/contracts/errors'
import type { BinaryData } from '@weconnect/contracts/items'
import type { WebhookDescription } from '@weconnect/nodes/sdk/node'
import busboy from 'busboy'
import { aboutFile } from './binary.ts'
import { type Content, defaultProperty, isParsed, mediaTypeOf } from './body.ts'
import type { Delivery } from './delivery.ts'
import { FormFields } from './form-fields.ts'
import { type File, limits, listenToFields, named, unreadable } from './multipart.ts'
import { mayBeLarge } from './stream-body.ts'

/** Keeps the bytes of a file as they come; gives what stands for it in an item. */
export type KeepFile = (pieces: AsyncIterable<Buffer>) => Promise<Pick<BinaryData, 'data' | 'id' | 'bytes'>>

/** Whether a body is files that need not be held in memory: the parts of a form, or bytes of a type that nobody parses. */
export const isUpload = ({ headers }: Pick<Delivery, 'headers'>): boolean =>
  mayBeLarge(headers) && !isParsed(mediaTypeOf(headers['content-type']))

/**
 * What `readBody` makes of such a body, with its files on disk before the rest of it has come.
 * @throws WeConnectError BODY_TOO_LARGE, BODY_LENGTH_MISMATCH, INVALID_INPUT
 */
export const streamedContent = async (
  { headers, stream }: Delivery,
  { binaryProperty }: Pick<WebhookDescription, 'binaryProperty'>,
  keep: KeepFile,
): Promise<Content> => {
  const type = mediaTypeOf(headers['content-type'])
  if (type === 'multipart/form-data') return streamedForm(stream(), headers['content-type'] ?? '', binaryProperty, keep)
  const kept = await keep(stream())
  if (kept.bytes === 0) return { body: {} }
  return { body: {}, binary: { [binaryProperty ?? defaultProperty]: { ...kept, ...aboutFile(kept.bytes ?? 0, type) } } }
}

const streamedForm = async (
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  prefix: string | undefined,
  keep: KeepFile,
): Promise<Content> => {
  const fields = new FormFields()
  const files: Promise<File>[] = []
  try {
    const parser = busboy({ headers: { 'content-type': contentType }, limits })
    listenToFields(parser, fields)
    parser.on('file', (name, stream, { filename, mimeType }) => {
      const kept = keep(stream).then((file) => ({ name, data: { ...file, ...aboutFile(file.bytes ?? 0, mimeType, filename) } }))
      kept.catch((error: Error) => parser.destroy(error))
      files.push(kept)
    })
    const closed = once(parser, 'close')
    const source = Readable.from(chunks)
    source.on('error', (error) => parser.destroy(error))
    source.pipe(parser)
    await closed
    const all = await Promise.all(files)
    return all.length > 0 ? { body: fields.all, binary: named(all, prefix) } : { body: fields.all }
  } catch (error) {
    await Promise.allSettled(files)
    throw isWeConnectError(error) ? error : unreadable(error)
  }
}
