import { once } from 'node:events'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { BinaryData } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import busboy from 'busboy'
import { binaryOf } from './binary.ts'
import { isForbiddenName, putField } from './form-fields.ts'

const limits = { fields: 1000, files: 50, fieldSize: 1024 * 1024 }

/** Fields go to the body, files to binary properties of the same name; a second file of a name gets a number behind it. */
export const readMultipart = async (
  body: Buffer,
  contentType: string,
): Promise<{ readonly body: JsonValue; readonly binary?: Readonly<Record<string, BinaryData>> }> => {
  const fields: Record<string, JsonValue> = {}
  const binary: Record<string, BinaryData> = {}
  try {
    const parser = busboy({ headers: { 'content-type': contentType }, limits })
    parser.on('field', (name, value) => putField(fields, name, value))
    parser.on('file', (name, stream, { filename, mimeType }) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => putFile(binary, name, binaryOf(Buffer.concat(chunks), mimeType, filename)))
    })
    const closed = once(parser, 'close')
    parser.end(body)
    await closed
  } catch (error) {
    throw new WeConnectError('INVALID_INPUT', 'The multipart body cannot be read: a boundary or a part is malformed', { cause: error })
  }
  return Object.keys(binary).length > 0 ? { body: fields, binary } : { body: fields }
}

const putFile = (binary: Record<string, BinaryData>, name: string, file: BinaryData): void => {
  if (isForbiddenName(name)) return
  let free = name
  for (let index = 1; Object.hasOwn(binary, free); index += 1) free = `${name}${index}`
  binary[free] = file
}
