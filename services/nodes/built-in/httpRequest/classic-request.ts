import type { JsonObject } from '@weconnect/contracts/json'
import type { HttpRequest } from '../../sdk/node.ts'
import { asNames, asObject, asText } from '../per-item.ts'
import {
  type BodySource,
  fileBody,
  form,
  formText,
  jsonParameter,
  jsonText,
  multipart,
  pairsOf,
  type Read,
  type RequestBody,
} from './body.ts'
import {
  bodyFields,
  credentialFields,
  headersWith,
  optionFields,
  type Pair,
  type Plan,
  pairsOfJson,
  type ResponseOptions,
  urlWith,
} from './request.ts'

const parametersOf = (read: Read, list: string, json: string): readonly Pair[] =>
  read('jsonParameters') === true ? pairsOfJson(json, read(json)) : pairsOf(read(list), 'parameter').map(({ name, value }) => [name, value])

/** `field`, or `name:field` for several files of a form. */
const filesOf = (read: Read) =>
  asNames(read('binaryPropertyName')).map((entry) => {
    const [name = '', property = name] = entry.split(':')
    return { name, value: '', row: { parameterType: 'formBinaryData', inputDataFieldName: property } }
  })

const hasBody = (method: string): boolean => ['PATCH', 'POST', 'PUT', 'DELETE'].includes(method)

const bodyOf = async (read: Read, options: JsonObject, source: BodySource): Promise<RequestBody | undefined> => {
  if (!hasBody(asText(read('requestMethod'), 'GET'))) return undefined
  const type = asText(options['bodyContentType'], 'json')
  const isJson = read('jsonParameters') === true
  if (isJson && read('sendBinaryData') === true) {
    if (type === 'multipart-form-data') return multipart(filesOf(read), source)
    return fileBody(asText(read('binaryPropertyName'), 'data'), source)
  }
  if (type === 'raw') {
    const contentType = asText(options['bodyContentCustomMimeType'])
    return { contentType, content: asText(isJson ? read('bodyParametersJson') : read('bodyParametersUi')) }
  }
  if (isJson && type === 'json') {
    const value = jsonParameter('bodyParametersJson', read('bodyParametersJson'))
    return value === undefined ? undefined : jsonText(value)
  }
  const pairs = parametersOf(read, 'bodyParametersUi', 'bodyParametersJson')
  if (pairs.length === 0) return undefined
  const fields = pairs.map(([name, value]) => ({ name, value, row: {} }))
  if (type === 'form-urlencoded') return form(formText(fields))
  return type === 'multipart-form-data' ? multipart(fields, source) : jsonText(Object.fromEntries(pairs))
}

const redirectsOf = (options: JsonObject, method: string): number => {
  if (options['followRedirect'] === false) return 0
  return options['followAllRedirects'] === true || ['GET', 'HEAD'].includes(method) ? 21 : 0
}

const formats: Readonly<Record<string, string>> = { json: 'json', string: 'text', file: 'file' }

const responseOptionsOf = (read: Read, options: JsonObject): ResponseOptions => ({
  fullResponse: options['fullResponse'] === true,
  neverError: options['ignoreResponseCode'] === true,
  format: formats[asText(read('responseFormat'), 'json')] ?? 'json',
  field: asText(read('dataPropertyName'), 'data') || 'data',
  splitLists: options['splitIntoItems'] === true,
})

/** The request that the parameters of an item ask for, in versions 1 and 2. @throws BadParameter */
export const classicPlanOf = async (read: Read, source: BodySource): Promise<Plan> => {
  const options = asObject(read('options'))
  const method = asText(read('requestMethod'), 'GET')
  const response = responseOptionsOf(read, options)
  const body = await bodyOf(read, options, source)
  const query = parametersOf(read, 'queryParametersUi', 'queryParametersJson')
  const headers = parametersOf(read, 'headerParametersUi', 'headerParametersJson')
  const request: HttpRequest = {
    method,
    url: urlWith(asText(read('url')).trim(), query, options['useQueryString'] === true ? 'repeat' : 'indices'),
    headers: headersWith(headers, false, response.format, body),
    maxRedirects: redirectsOf(options, method),
    ...bodyFields(body),
    ...optionFields({ ...options, allowUnauthorizedCerts: read('allowUnauthorizedCerts') }),
    ...credentialFields(read),
  }
  return { request, response }
}
