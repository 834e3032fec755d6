import { isKept, keptData, maxInlineBytes } from '@weconnect/contracts/binaries'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import type { BinaryData } from '@weconnect/contracts/items'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { binaryOf } from '../built-in/binary-data.ts'
import type { HelperAnswer, HelperQuery } from './runner/step.ts'

/** What stands behind `this.helpers` of the code: only what the step's own organisation may have. */
export interface CodeHelpers {
  /** The bytes of a file that an item carries. @throws WeConnectError PAYLOAD_UNREADABLE */
  bytesOf(file: BinaryData): Promise<Buffer>
  /** Keeps bytes beside the items. @returns the id that names them */
  keep(bytes: Buffer): Promise<string>
  /** Outbound HTTP, journalled; absent when the step was not begun as one that reaches outside. */
  http?(request: HttpRequest): Promise<HttpResponse>
}

const textOf = (value: JsonValue | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

const bytesOf = async (helpers: CodeHelpers, { data, id }: BinaryData): Promise<HelperAnswer> => {
  const file: BinaryData = { data: String(data), mimeType: '', id: String(id) }
  const bytes = isKept(file) ? await helpers.bytesOf(file) : Buffer.from(file.data, 'base64')
  return { base64: bytes.toString('base64') }
}

const fileOf = async (
  helpers: CodeHelpers,
  { base64, fileName, mimeType }: Extract<HelperQuery, { kind: 'file' }>,
): Promise<HelperAnswer> => {
  const bytes = Buffer.from(String(base64), 'base64')
  const file = await binaryOf(bytes, textOf(fileName), textOf(mimeType))
  return { file: bytes.length > maxInlineBytes ? { ...file, data: keptData, id: await helpers.keep(bytes) } : file }
}

const headersOf = (value: JsonValue | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(isJsonObject(value) ? value : {})
      .filter(([name, text]) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && text !== undefined && text !== null)
      .map(([name, text]) => [name, String(text)]),
  )

const urlOf = (options: JsonObject): string => {
  const { baseURL, qs } = options
  const url = new URL(textOf(options['url']) ?? '', textOf(baseURL))
  for (const [name, value] of Object.entries(isJsonObject(qs) ? qs : {}))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null) url.searchParams.append(name, typeof one === 'object' ? JSON.stringify(one) : String(one))
  return url.href
}

const bodyOf = (body: JsonValue | undefined): Pick<HttpRequest, 'body' | 'bodyEncoding'> & { readonly isJson?: boolean } => {
  if (body === undefined || body === null) return {}
  if (isJsonObject(body) && typeof body['$base64'] === 'string') return { body: body['$base64'], bodyEncoding: 'base64' }
  return typeof body === 'string' ? { body } : { body: JSON.stringify(body), isJson: true }
}

/** n8n's options of a request. */
const requestOf = (options: JsonObject): HttpRequest => {
  const { isJson, ...body } = bodyOf(options['body'])
  const headers = headersOf(options['headers'])
  const { auth, timeout } = options
  const has = (name: string): boolean => Object.keys(headers).some((header) => header.toLowerCase() === name)
  if (isJson && !has('content-type')) headers['content-type'] = 'application/json'
  if (options['json'] === true && !has('accept')) headers['accept'] = 'application/json'
  if (isJsonObject(auth) && !has('authorization'))
    headers['authorization'] = `Basic ${Buffer.from(`${auth['username'] ?? ''}:${auth['password'] ?? ''}`).toString('base64')}`
  return {
    method: (textOf(options['method']) ?? 'GET').toUpperCase(),
    url: urlOf(options),
    headers,
    ...body,
    ...(typeof timeout === 'number' && timeout > 0 && { timeoutMs: timeout }),
    ...(options['disableFollowRedirect'] === true && { maxRedirects: 0 }),
    ...(options['skipSslCertificateValidation'] === true && { allowUnauthorizedCerts: true }),
  }
}

const answerOf = async (helpers: CodeHelpers, options: JsonValue): Promise<HelperAnswer> => {
  if (helpers.http === undefined)
    return { error: 'helpers.httpRequest() must stand in the code by its name, so that it is known before it runs that it reaches outside' }
  const { status, statusText, headers, body, bodyEncoding } = await helpers.http(requestOf(isJsonObject(options) ? options : {}))
  return { response: { status, statusText, headers, body, bodyEncoding } }
}

const kinds: readonly string[] = ['bytes', 'file', 'http']
export const isHelperQuery = (query: JsonValue): query is JsonObject & HelperQuery =>
  isJsonObject(query) && kinds.includes(String(query['kind']))

/** Errors that the user's code may catch: what it asked for was wrong, or did not succeed. */
const mayBeCaught = (error: unknown): boolean =>
  error instanceof TypeError ||
  (error instanceof WeConnectError && ['PAYLOAD_UNREADABLE', 'EGRESS_FAILED', 'EGRESS_DENIED'].includes(error.code))

/** Answers what the code asks its helpers. The query comes from the user's side: nothing in it is trusted. */
export const answerHelper = async (helpers: CodeHelpers, query: HelperQuery): Promise<HelperAnswer> => {
  try {
    if (query.kind === 'bytes') return await bytesOf(helpers, isJsonObject(query.file) ? query.file : ({} as BinaryData))
    if (query.kind === 'file') return await fileOf(helpers, query)
    return await answerOf(helpers, query.options)
  } catch (error) {
    if (!mayBeCaught(error)) throw error
    return { error: (error as Error).message }
  }
}
