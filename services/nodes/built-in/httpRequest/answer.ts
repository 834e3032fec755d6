import type { Item } from '@weconnect/contracts/items'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { parseUntrusted } from '../../code/untrusted-json.ts'
import type { HttpResponse } from '../../sdk/node.ts'
import { binaryOf } from '../binary-data.ts'
import type { ResponseOptions } from './request.ts'

/** Thrown for an answer that cannot be items; its message is shown with node and item. */
export class BadAnswer extends Error {
  /** Set when the status alone was what is wrong. */
  readonly response: HttpResponse | undefined
  constructor(message: string, response?: HttpResponse) {
    super(message)
    this.response = response
  }
}

const wordsOfStatus: Readonly<Record<number, string>> = {
  400: 'Bad request - please check your parameters',
  401: 'Authorization failed - please check your credentials',
  402: 'Payment required - perhaps check your payment details?',
  403: 'Forbidden - perhaps check your credentials?',
  404: 'The resource you are requesting could not be found',
  405: 'Method not allowed - please check you are using the right HTTP method',
  429: 'The service is receiving too many requests from you',
  500: 'The service was not able to process your request',
  502: 'Bad gateway - the service failed to handle your request',
  503: 'Service unavailable - try again later or consider setting this node to retry automatically (in the node settings)',
  504: 'Gateway timed out - perhaps try again later?',
}

const headerOf = ({ headers }: HttpResponse, name: string): string => {
  const value = headers[name]
  return typeof value === 'string' ? value : (value?.[0] ?? '')
}

const decoded = (bytes: Buffer, charset: string): string => {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

export const textOf = (response: HttpResponse): string => {
  const charset = /charset="?([^";\s]+)/i.exec(headerOf(response, 'content-type'))?.[1]
  if (response.bodyEncoding === 'utf8') return response.body
  return decoded(Buffer.from(response.body, 'base64'), charset ?? 'utf-8')
}

/** @param orNothing what is no JSON is read as nothing */
const jsonOf = (response: HttpResponse, orNothing = false): JsonValue => {
  const text = textOf(response)
  if (text.trim() === '') return {}
  try {
    return parseUntrusted(text)
  } catch {
    if (orNothing) return {}
    throw new BadAnswer('Response body is not valid JSON. Change "Response Format" to "Text"')
  }
}

const isFile = (contentType: string): boolean =>
  /^(?:image|audio|video|font)\/|^application\/(?:octet-stream|pdf|zip|gzip|x-|epub|vnd\.|msword)/i.test(contentType) &&
  !/json|xml|x-www-form|x-javascript|x-ndjson/i.test(contentType)

type Reading = 'file' | 'json' | 'text'

const readingOf = (response: HttpResponse, format: string): Reading => {
  if (format === 'file' || format === 'json' || format === 'text') return format
  const contentType = headerOf(response, 'content-type')
  if (/\bjson\b/i.test(contentType)) return 'json'
  return isFile(contentType) ? 'file' : 'text'
}

/** The body as the node's options read it. @throws BadAnswer for what is not the JSON it should be */
export const bodyOf = (response: HttpResponse, format: string): JsonValue =>
  readingOf(response, format) === 'json' ? jsonOf(response) : textOf(response)

const bytesOf = ({ body, bodyEncoding }: HttpResponse): Buffer => Buffer.from(body, bodyEncoding)

/** The name that the service gives the file, or that its address ends in. */
const fileNameOf = (response: HttpResponse): string | undefined => {
  const disposition = headerOf(response, 'content-disposition')
  const extended = /filename\*\s*=\s*(?:UTF-8|ISO-8859-1)''([^;\s]+)/i.exec(disposition)?.[1]
  const plain = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition)
  const named = extended === undefined ? (plain?.[1] ?? plain?.[2]) : unescaped(extended)
  const last = named ?? unescaped(URL.parse(response.url)?.pathname.split('/').at(-1) ?? '')
  return last.replace(/^.*[\\/]/, '') || undefined
}

const unescaped = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const fileItem = async (response: HttpResponse, { fullResponse, field }: ResponseOptions, input: Item | undefined): Promise<Item> => {
  const mimeType = headerOf(response, 'content-type').split(';')[0]?.trim()
  const file = await binaryOf(bytesOf(response), fileNameOf(response), mimeType || undefined)
  return { json: fullResponse ? aroundBody(response) : {}, binary: { ...input?.binary, [field]: file } }
}

const aroundBody = ({ headers, status, statusText }: HttpResponse): JsonObject => ({
  headers: headers as JsonObject,
  statusCode: status,
  statusMessage: statusText,
})

const dataOf = (value: JsonValue, field: string): JsonObject => (isJsonObject(value) ? value : { [field]: value })

/** @throws BadAnswer for an error status, unless told never to */
export const checkStatus = (response: HttpResponse, { neverError }: Pick<ResponseOptions, 'neverError'>): void => {
  const { status } = response
  if (status >= 400 && !neverError) throw new BadAnswer(wordsOfStatus[status] ?? `The service answered with status ${status}`, response)
}

/**
 * The items that an answer becomes, not yet paired.
 * @throws BadAnswer for an error status (unless told never to), and for what is not the JSON it should be
 */
export const itemsOfAnswer = async (
  response: HttpResponse,
  options: ResponseOptions,
  input: Item | undefined,
): Promise<readonly Item[]> => {
  checkStatus(response, options)
  const { fullResponse, format, field, splitLists, neverError } = options
  const reading = readingOf(response, format)
  if (reading === 'file') return [await fileItem(response, options, input)]
  const body = reading === 'json' ? jsonOf(response, neverError) : textOf(response)
  if (fullResponse) return [{ json: { [reading === 'json' ? 'body' : field]: body, ...aroundBody(response) } }]
  if (!Array.isArray(body)) return [{ json: dataOf(body, field) }]
  // As in n8n's first versions: a list that is not split is the data of one item.
  return splitLists ? body.map((entry: JsonValue) => ({ json: dataOf(entry, field) })) : [{ json: body as unknown as JsonObject }]
}

/** An error as an item of version 3 and later carries it. */
export const errorObject = (error: unknown): JsonObject => {
  const message = error instanceof Error ? error.message : String(error)
  const response = error instanceof BadAnswer ? error.response : undefined
  if (response === undefined) return { message, name: 'Error' }
  const { status } = response
  const text = textOf(response).slice(0, 10_000)
  return {
    message: `${status} - ${JSON.stringify(text)}`,
    name: 'AxiosError',
    code: status < 500 ? 'ERR_BAD_REQUEST' : 'ERR_BAD_RESPONSE',
    status,
  }
}
