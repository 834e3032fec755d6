import { once } from 'node:events'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { BinaryData } from '@weconnect/contracts/items'
import busboy from 'busboy'
import { binaryOf } from './binary.ts'
import type { Content } from './body.ts'
import { FormFields, isForbiddenName } from './form-fields.ts'

export const limits = { fields: 1000, files: 100, fieldSize: 1024 * 1024, headerPairs: 100 }

export interface File {
  readonly name: string
  readonly data: BinaryData
}

/**
 * Fields go to the body, files to binary properties: of the same name (numbered from 0 when a name has several), or of `prefix` and a number from 0.
 * @throws WeConnectError INVALID_INPUT for a malformed body, or one with more than 1,000 fields, 100 files or 1 MiB in a field
 */
export const readMultipart = async (body: Buffer, contentType: string, prefix?: string): Promise<Content> => {
  const fields = new FormFields()
  const files: File[] = []
  try {
    const parser = busboy({ headers: { 'content-type': contentType }, limits })
    const closed = once(parser, 'close')
    listenToFields(parser, fields)
    parser.on('file', (name, stream, { filename, mimeType }) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => files.push({ name, data: binaryOf(Buffer.concat(chunks), mimeType, filename) }))
      // The parser tells of it too; without a listener of its own it would end the process.
      stream.on('error', () => undefined)
    })
    parser.end(body)
    await closed
  } catch (error) {
    if (isWeConnectError(error)) throw error
    throw unreadable(error)
  }
  return files.length > 0 ? { body: fields.all, binary: named(files, prefix) } : { body: fields.all }
}

export const unreadable = (error: unknown): WeConnectError =>
  new WeConnectError('INVALID_INPUT', 'The multipart body cannot be read: a boundary or a part is malformed', { cause: error })

/** Puts the fields of a form where they belong, and ends the parser when there are too many of anything. */
export const listenToFields = (parser: busboy.Busboy, fields: FormFields): void => {
  const refuse = (message: string): void => void parser.destroy(new WeConnectError('INVALID_INPUT', message))
  parser.on('fieldsLimit', () => refuse(`A multipart body may have at most ${limits.fields} fields`))
  parser.on('filesLimit', () => refuse(`A multipart body may have at most ${limits.files} files`))
  parser.on('field', (name, value, { valueTruncated, nameTruncated }) => {
    if (valueTruncated || nameTruncated) refuse('A field of a multipart body may be 1 MiB at most; send it as a file')
    else fields.put(name, value)
  })
}

export const named = (files: readonly File[], prefix: string | undefined): Record<string, BinaryData> => {
  const binary: Record<string, BinaryData> = {}
  for (const [index, file] of files.entries()) {
    const name = prefix === undefined ? propertyOf(file, files) : `${prefix}${index}`
    if (!isForbiddenName(name)) binary[name] = file.data
  }
  return binary
}

const propertyOf = (file: File, files: readonly File[]): string => {
  const same = files.filter(({ name }) => name === file.name)
  const name = file.name.endsWith('[]') ? file.name.slice(0, -2) : file.name
  return same.length > 1 ? `${name}${same.indexOf(file)}` : name
}
