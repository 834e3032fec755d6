import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { asObject, asObjects, asText } from '../per-item.ts'

/** A parameter of the item whose request is made. */
export type Read = (name: string) => JsonValue | undefined

export interface RequestBody {
  readonly contentType: string
  readonly text: string
}

/** Thrown for parameters that make no request; its message is shown with node and item. */
export class BadParameter extends Error {
  readonly parameter: string
  constructor(parameter: string, message: string) {
    super(message)
    this.parameter = parameter
  }
}

/** The name and value of each row of a list of pairs; rows without a name are left out. */
export const pairsOf = (
  value: JsonValue | undefined,
): readonly { readonly name: string; readonly value: JsonValue; readonly row: JsonObject }[] =>
  asObjects(asObject(value)['parameters'])
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

const jsonBody = (read: Read): RequestBody | undefined => {
  const value =
    read('specifyBody') === 'json'
      ? jsonParameter('jsonBody', read('jsonBody'))
      : Object.fromEntries(pairsOf(read('bodyParameters')).map(({ name, value }) => [name, value]))
  return value === undefined ? undefined : { contentType: 'application/json', text: JSON.stringify(value) }
}

const formBody = (read: Read): RequestBody => ({
  contentType: 'application/x-www-form-urlencoded',
  text: read('specifyBody') === 'string' ? asText(read('body')) : formText(pairsOf(read('bodyParameters'))),
})

const quoted = (name: string): string => name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const multipartBody = (read: Read, boundary: string): RequestBody => {
  const parts = pairsOf(read('bodyParameters')).map(({ name, value, row }) => {
    if (row['parameterType'] === 'formBinaryData') throw new BadParameter('bodyParameters', 'Sending files is not supported yet')
    return `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${asText(value)}\r\n`
  })
  return { contentType: `multipart/form-data; boundary=${boundary}`, text: `${parts.join('')}--${boundary}--\r\n` }
}

/**
 * The body that the parameters of an item ask for; undefined = none.
 * @param boundary does not occur in any value
 * @throws BadParameter
 */
export const bodyOf = (read: Read, boundary: string): RequestBody | undefined => {
  if (read('sendBody') !== true) return undefined
  const contentType = asText(read('contentType'), 'json')
  switch (contentType) {
    case 'json':
      return jsonBody(read)
    case 'form-urlencoded':
      return formBody(read)
    case 'multipart-form-data':
      return multipartBody(read, boundary)
    case 'raw':
      return { contentType: asText(read('rawContentType')), text: asText(read('body')) }
    default:
      throw new BadParameter(
        'contentType',
        contentType === 'binaryData' ? 'Sending files is not supported yet' : `Unknown content type "${contentType}"`,
      )
  }
}
