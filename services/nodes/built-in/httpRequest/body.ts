import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { setField } from '../../parameters/paths.ts'
import type { NodeContext } from '../../sdk/node.ts'
import { binaryIn, bytesIn } from '../binary-data.ts'
import { asObject, asObjects, asText } from '../per-item.ts'

/** A parameter of the item whose request is made. */
export type Read = (name: string) => JsonValue | undefined

export interface RequestBody {
  /** Empty: the body says nothing of its type. */
  readonly contentType: string
  readonly content: string | Buffer
}

/** Thrown for parameters that make no request; its message is shown with node and item. */
export class BadParameter extends Error {
  readonly parameter: string
  constructor(parameter: string, message: string) {
    super(message)
    this.parameter = parameter
  }
}

/** The item whose request is made, for files that go with it. */
export interface BodySource {
  readonly context: NodeContext
  readonly item: Item | undefined
  readonly index: number
  /** Does not occur in any value. */
  readonly boundary: string
}

export interface Field {
  readonly name: string
  readonly value: JsonValue
  readonly row: JsonObject
}

/** The name and value of each row of a list of pairs; rows without a name are left out. */
export const pairsOf = (value: JsonValue | undefined, list = 'parameters'): readonly Field[] =>
  asObjects(asObject(value)[list])
    .map((row) => ({ name: asText(row['name']), value: row['value'] ?? '', row }))
    .filter(({ name }) => name !== '')

/** A JSON parameter, typed as text or given by an expression as a value. @throws BadParameter */
export const jsonParameter = (parameter: string, value: JsonValue | undefined): JsonValue | undefined => {
  if (typeof value !== 'string') return value
  if (value.trim() === '') return undefined
  try {
    return JSON.parse(value) as JsonValue
  } catch {
    throw new BadParameter(parameter, `The value in the "${parameter}" field is not valid JSON`)
  }
}

export const formText = (fields: readonly { readonly name: string; readonly value: JsonValue }[]): string =>
  new URLSearchParams(fields.map(({ name, value }) => [name, asText(value)])).toString()

const quoted = (name: string): string => name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const filePart = async (name: string, property: string, { context, item, index }: BodySource): Promise<readonly (string | Buffer)[]> => {
  const { fileName, mimeType } = binaryIn(item, property, index)
  const disposition = `Content-Disposition: form-data; name="${quoted(name)}"; filename="${quoted(fileName ?? property)}"`
  const type = mimeType.replace(/[\r\n]/g, ' ')
  return [`${disposition}\r\nContent-Type: ${type}\r\n\r\n`, await bytesIn(context, item, property, index), '\r\n']
}

const textPart = (name: string, value: JsonValue): string =>
  `Content-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${asText(value)}\r\n`

/** Text as long as all of it is text. */
const joined = (parts: readonly (string | Buffer)[]): string | Buffer =>
  parts.every((part) => typeof part === 'string')
    ? parts.join('')
    : Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))

/** Fields and files; a row of the type `formBinaryData` names the binary field of the item that it sends. */
export const multipart = async (fields: readonly Field[], source: BodySource): Promise<RequestBody> => {
  const parts: (string | Buffer)[] = []
  for (const { name, value, row } of fields) {
    parts.push(`--${source.boundary}\r\n`)
    if (row['parameterType'] === 'formBinaryData') parts.push(...(await filePart(name, asText(row['inputDataFieldName']), source)))
    else parts.push(textPart(name, value))
  }
  const content = joined([...parts, `--${source.boundary}--\r\n`])
  return { contentType: `multipart/form-data; boundary=${source.boundary}`, content }
}

/** The bytes of a binary field of the item, as they are. */
export const fileBody = async (property: string, { context, item, index }: BodySource): Promise<RequestBody> => ({
  contentType: binaryIn(item, property, index).mimeType,
  content: await bytesIn(context, item, property, index),
})

export const jsonText = (value: JsonValue): RequestBody => ({ contentType: 'application/json', content: JSON.stringify(value) })
export const form = (content: string): RequestBody => ({ contentType: 'application/x-www-form-urlencoded', content })

/** From version 4 on `a.b` is the member b of a. */
const objectOf = (fields: readonly Field[], typeVersion: number): JsonObject => {
  const object: Record<string, JsonValue | undefined> = {}
  for (const { name, value } of fields) setField(object, name, value, typeVersion >= 4)
  return object
}

const jsonBody = (read: Read, typeVersion: number): RequestBody | undefined => {
  const value =
    read('specifyBody') === 'json' ? jsonParameter('jsonBody', read('jsonBody')) : objectOf(pairsOf(read('bodyParameters')), typeVersion)
  return value === undefined ? undefined : jsonText(value)
}

/** The body that the parameters of an item ask for; undefined = none. @throws BadParameter, WeConnectError NODE_FAILED without the file */
export const bodyOf = async (read: Read, source: BodySource): Promise<RequestBody | undefined> => {
  if (read('sendBody') !== true) return undefined
  const contentType = asText(read('contentType'), 'json')
  switch (contentType) {
    case 'json':
      return jsonBody(read, source.context.node.typeVersion)
    case 'form-urlencoded':
      return form(read('specifyBody') === 'string' ? asText(read('body')) : formText(pairsOf(read('bodyParameters'))))
    case 'multipart-form-data':
      return multipart(pairsOf(read('bodyParameters')), source)
    case 'binaryData':
      return fileBody(asText(read('inputDataFieldName')), source)
    case 'raw':
      return { contentType: asText(read('rawContentType')), content: asText(read('body')) }
    default:
      throw new BadParameter('contentType', `Unknown content type "${contentType}"`)
  }
}
