import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { HttpRequest } from '../../sdk/node.ts'
import { asObject, asText } from '../per-item.ts'
import { BadParameter, type BodySource, bodyOf, jsonParameter, pairsOf, type Read, type RequestBody } from './body.ts'
import { credentialTypeFor } from './choose-credential.ts'

export type Pair = readonly [name: string, value: JsonValue]

/** A request and how its answer is read. */
export interface Plan {
  readonly request: HttpRequest
  readonly response: ResponseOptions
}

export interface ResponseOptions {
  readonly fullResponse: boolean
  readonly neverError: boolean
  /** autodetect, file, json, or text. */
  readonly format: string
  /** Where text and files go. */
  readonly field: string
  /** Whether each entry of a list is an item. */
  readonly splitLists: boolean
}

const objectParameter = (parameter: string, value: JsonValue | undefined): JsonObject => {
  const parsed = jsonParameter(parameter, value) ?? {}
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new BadParameter(parameter, `The value in the "${parameter}" field must be a JSON object`)
  return parsed as JsonObject
}

export const pairsOfJson = (parameter: string, value: JsonValue | undefined): readonly Pair[] =>
  Object.entries(objectParameter(parameter, value)).flatMap(([name, each]) => (each === undefined ? [] : [[name, each]]))

/** Pairs from the list or from the JSON, whichever the node uses. */
const pairsFor = (read: Read, send: string, specify: string, list: string, json: string): readonly Pair[] => {
  if (read(send) !== true) return []
  return read(specify) === 'json' ? pairsOfJson(json, read(json)) : pairsOf(read(list)).map(({ name, value }) => [name, value])
}

const spread =
  (arrays: string) =>
  ([name, value]: Pair): readonly Pair[] => {
    if (!Array.isArray(value)) return [[name, value]]
    const nameOf = (index: number): string => (arrays === 'repeat' ? name : arrays === 'indices' ? `${name}[${index}]` : `${name}[]`)
    return value.map((entry: JsonValue, index) => [nameOf(index), entry])
  }

/** @throws BadParameter for what is no http URL */
export const urlWith = (text: string, pairs: readonly Pair[], arrays: string): string => {
  if (!/^https?:\/\//i.test(text)) throw new BadParameter('url', `Invalid URL: ${text}. URL must start with "http" or "https".`)
  const url = URL.parse(text)
  if (url === null) throw new BadParameter('url', `Invalid URL: ${text}`)
  for (const [name, value] of pairs.flatMap(spread(arrays))) url.searchParams.append(name, asText(value))
  return url.href
}

const accepted: Readonly<Record<string, string>> = {
  json: 'application/json,text/*;q=0.99',
  text: 'application/json,text/html,application/xhtml+xml,application/xml,text/*;q=0.9, */*;q=0.1',
}
const acceptedByDefault = 'application/json,text/html,application/xhtml+xml,application/xml,text/*;q=0.9, image/*;q=0.8, */*;q=0.7'

/** Headers of the user before those that we would send. */
export const headersWith = (
  pairs: readonly Pair[],
  lowercase: boolean,
  format: string,
  body: RequestBody | undefined,
): Readonly<Record<string, string>> => {
  const own = pairs.map(([name, value]) => [lowercase ? name.toLowerCase() : name, asText(value)] as const)
  const given = new Set(own.map(([name]) => name.toLowerCase()))
  const defaults = { accept: accepted[format] ?? acceptedByDefault, 'user-agent': 'WeConnect', 'content-type': body?.contentType ?? '' }
  return Object.fromEntries([...Object.entries(defaults).filter(([name, value]) => value !== '' && !given.has(name)), ...own])
}

export const bodyFields = (body: RequestBody | undefined): Pick<HttpRequest, 'body' | 'bodyEncoding'> => {
  if (body === undefined) return {}
  return typeof body.content === 'string' ? { body: body.content } : { body: body.content.toString('base64'), bodyEncoding: 'base64' }
}

export const optionFields = (options: JsonObject): Pick<HttpRequest, 'timeoutMs' | 'proxy' | 'allowUnauthorizedCerts'> => ({
  ...(options['timeout'] === undefined ? {} : { timeoutMs: Number(options['timeout']) }),
  ...(options['proxy'] ? { proxy: asText(options['proxy']) } : {}),
  ...(options['allowUnauthorizedCerts'] === true ? { allowUnauthorizedCerts: true } : {}),
})

export const credentialFields = (read: Read): Pick<HttpRequest, 'credential'> => {
  const credential = credentialTypeFor(read)
  return credential === undefined ? {} : { credential }
}

/** Version 3 follows when it is told to, later ones unless they are told not to. */
const redirectsOf = (options: JsonObject, typeVersion: number): number => {
  const redirect = asObject(asObject(options['redirect'])['redirect'])
  const follows = redirect['followRedirects'] ?? typeVersion >= 4
  return follows === true ? Number(redirect['maxRedirects'] ?? 21) : 0
}

const responseOptionsOf = (options: JsonObject): ResponseOptions => {
  const response = asObject(asObject(options['response'])['response'])
  return {
    fullResponse: response['fullResponse'] === true,
    neverError: response['neverError'] === true,
    format: asText(response['responseFormat'], 'autodetect'),
    field: asText(response['outputPropertyName'], 'data') || 'data',
    splitLists: true,
  }
}

/** The members of `options` that can be read before a request; pagination is read after each. */
export const optionNames = [
  ...['allowUnauthorizedCerts', 'queryParameterArrays', 'lowercaseHeaders', 'redirect', 'response', 'proxy', 'timeout'],
  'sendCredentialsOnCrossOriginRedirect',
] as const

/** The request that the parameters of an item ask for, from version 3 on. @throws BadParameter */
export const planOf = async (read: Read, source: BodySource): Promise<Plan> => {
  const options = Object.fromEntries(optionNames.map((name) => [name, read(`options.${name}`)])) as JsonObject
  if (read('provideSslCertificates') === true) throw new BadParameter('provideSslCertificates', 'Client certificates are not supported yet')
  const response = responseOptionsOf(options)
  const body = await bodyOf(read, source)
  const query = pairsFor(read, 'sendQuery', 'specifyQuery', 'queryParameters', 'jsonQuery')
  const headers = pairsFor(read, 'sendHeaders', 'specifyHeaders', 'headerParameters', 'jsonHeaders')
  const request: HttpRequest = {
    method: asText(read('method'), 'GET'),
    url: urlWith(asText(read('url')).trim(), query, asText(options['queryParameterArrays'], 'brackets')),
    headers: headersWith(headers, options['lowercaseHeaders'] !== false, response.format, body),
    maxRedirects: redirectsOf(options, source.context.node.typeVersion),
    ...bodyFields(body),
    ...optionFields(options),
    ...credentialFields(read),
    ...(options['sendCredentialsOnCrossOriginRedirect'] === true ? { secretsFollowRedirects: true } : {}),
  }
  return { request, response }
}
