import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { HttpRequest } from '../../sdk/node.ts'
import { asObject, asText } from '../per-item.ts'
import { BadParameter, bodyOf, jsonParameter, pairsOf, type Read } from './body.ts'

type Pair = readonly [name: string, value: JsonValue]

const objectParameter = (parameter: string, value: JsonValue | undefined): JsonObject => {
  const parsed = jsonParameter(parameter, value) ?? {}
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new BadParameter(parameter, `The value in the "${parameter}" field must be a JSON object`)
  return parsed as JsonObject
}

/** Pairs from the list or from the JSON, whichever the node uses. */
const pairsFor = (read: Read, send: string, specify: string, list: string, json: string): readonly Pair[] => {
  if (read(send) !== true) return []
  if (read(specify) !== 'json') return pairsOf(read(list)).map(({ name, value }) => [name, value])
  return Object.entries(objectParameter(json, read(json))).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
}

const spread =
  (arrays: string) =>
  ([name, value]: Pair): readonly Pair[] => {
    if (!Array.isArray(value)) return [[name, value]]
    const nameOf = (index: number): string => (arrays === 'repeat' ? name : arrays === 'indices' ? `${name}[${index}]` : `${name}[]`)
    return value.map((entry: JsonValue, index) => [nameOf(index), entry])
  }

const urlOf = (read: Read, arrays: string): string => {
  const text = asText(read('url')).trim()
  if (!/^https?:\/\//i.test(text)) throw new BadParameter('url', `Invalid URL: ${text}. URL must start with "http" or "https".`)
  const url = URL.parse(text)
  if (url === null) throw new BadParameter('url', `Invalid URL: ${text}`)
  const pairs = pairsFor(read, 'sendQuery', 'specifyQuery', 'queryParameters', 'jsonQuery')
  for (const [name, value] of pairs.flatMap(spread(arrays))) url.searchParams.append(name, asText(value))
  return url.href
}

const accepted: Readonly<Record<string, string>> = {
  json: 'application/json,text/*;q=0.99',
  text: 'application/json,text/html,application/xhtml+xml,application/xml,text/*;q=0.9, */*;q=0.1',
}
const acceptedByDefault = 'application/json,text/html,application/xhtml+xml,application/xml,text/*;q=0.9, image/*;q=0.8, */*;q=0.7'

const headersOf = (read: Read, lowercase: boolean, defaults: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const own = pairsFor(read, 'sendHeaders', 'specifyHeaders', 'headerParameters', 'jsonHeaders').map(
    ([name, value]) => [lowercase ? name.toLowerCase() : name, asText(value)] as const,
  )
  const given = new Set(own.map(([name]) => name.toLowerCase()))
  return Object.fromEntries([...Object.entries(defaults).filter(([name, value]) => value !== '' && !given.has(name)), ...own])
}

const redirectsOf = (options: JsonObject): number => {
  const redirect = asObject(asObject(options['redirect'])['redirect'])
  return redirect['followRedirects'] === false ? 0 : Number(redirect['maxRedirects'] ?? 21)
}

export interface ResponseOptions {
  readonly fullResponse: boolean
  readonly neverError: boolean
  readonly format: string
  readonly field: string
}

export const responseOptionsOf = (options: JsonObject): ResponseOptions => {
  const response = asObject(asObject(options['response'])['response'])
  return {
    fullResponse: response['fullResponse'] === true,
    neverError: response['neverError'] === true,
    format: asText(response['responseFormat'], 'autodetect'),
    field: asText(response['outputPropertyName'], 'data') || 'data',
  }
}

const refuseWhatIsMissing = (read: Read, options: JsonObject): void => {
  if (asText(read('authentication'), 'none') !== 'none')
    throw new BadParameter('authentication', 'Authentication with credentials is not supported yet')
  if (read('provideSslCertificates') === true) throw new BadParameter('provideSslCertificates', 'Client certificates are not supported yet')
  const pagination = asObject(asObject(options['pagination'])['pagination'])
  if (options['pagination'] !== undefined && asText(pagination['paginationMode'], 'off') !== 'off')
    throw new BadParameter('options.pagination', 'Pagination is not supported yet')
  if (responseOptionsOf(options).format === 'file')
    throw new BadParameter('options.response', 'The response format "File" is not supported yet')
}

/**
 * The request that the parameters of an item ask for.
 * @param boundary of a multipart body
 * @throws BadParameter
 */
export const requestOf = (read: Read, boundary: string): HttpRequest => {
  const options = asObject(read('options'))
  refuseWhatIsMissing(read, options)
  const body = bodyOf(read, boundary)
  const defaults = {
    accept: accepted[responseOptionsOf(options).format] ?? acceptedByDefault,
    'user-agent': 'WeConnect',
    'content-type': body?.contentType ?? '',
  }
  return {
    method: asText(read('method'), 'GET'),
    url: urlOf(read, asText(options['queryParameterArrays'], 'brackets')),
    headers: headersOf(read, options['lowercaseHeaders'] !== false, defaults),
    maxRedirects: redirectsOf(options),
    ...(body === undefined ? {} : { body: body.text }),
    ...(options['timeout'] === undefined ? {} : { timeoutMs: Number(options['timeout']) }),
    ...(options['proxy'] ? { proxy: asText(options['proxy']) } : {}),
    ...(options['allowUnauthorizedCerts'] === true ? { allowUnauthorizedCerts: true } : {}),
  }
}
