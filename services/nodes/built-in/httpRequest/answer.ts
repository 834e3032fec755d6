import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { parseUntrusted } from '../../code/untrusted-json.ts'
import type { HttpResponse } from '../../sdk/node.ts'
import type { ResponseOptions } from './request.ts'

/** Thrown for an answer that cannot be items; its message is shown with node and item. */
export class BadAnswer extends Error {}

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

const contentTypeOf = ({ headers }: HttpResponse): string => {
  const value = headers['content-type']
  return typeof value === 'string' ? value : (value?.[0] ?? '')
}

const decoded = (bytes: Buffer, charset: string): string => {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

const textOf = (response: HttpResponse): string => {
  if (response.bodyEncoding === 'utf8') return response.body
  const charset = /charset="?([^";\s]+)/i.exec(contentTypeOf(response))?.[1]
  return decoded(Buffer.from(response.body, 'base64'), charset ?? 'utf-8')
}

const jsonOf = (response: HttpResponse): JsonValue => {
  const text = textOf(response)
  if (text.trim() === '') return {}
  try {
    return parseUntrusted(text)
  } catch {
    throw new BadAnswer("Response body is not valid JSON. Change 'Response Format' to 'Text'")
  }
}

const isFile = (contentType: string): boolean =>
  /^(?:image|audio|video)\/|^application\/(?:octet-stream|pdf|zip|gzip|x-zip|x-gzip|vnd\.|msword)/i.test(contentType) &&
  !/json|xml/i.test(contentType)

/** Whether the answer is read as JSON; otherwise as text. */
const isJson = (response: HttpResponse, format: string): boolean => {
  if (format !== 'autodetect') return format === 'json'
  const contentType = contentTypeOf(response)
  if (isFile(contentType)) throw new BadAnswer(`The answer is a file (${contentType}); reading files is not supported yet`)
  return /\bjson\b/i.test(contentType)
}

const dataOf = (value: JsonValue, field: string): JsonObject => (isJsonObject(value) ? value : { [field]: value })

/**
 * The data of the items that an answer becomes.
 * @throws BadAnswer for an error status (unless told never to), for what is not the JSON it should be, and for files
 */
export const answerToData = (
  response: HttpResponse,
  { fullResponse, neverError, format, field }: ResponseOptions,
): readonly JsonObject[] => {
  const { status, statusText, headers } = response
  if (status >= 400 && !neverError) throw new BadAnswer(wordsOfStatus[status] ?? `The service answered with status ${status}`)
  const asJson = isJson(response, format)
  const body = asJson ? jsonOf(response) : textOf(response)
  if (fullResponse)
    return [{ [asJson ? 'body' : field]: body, headers: headers as JsonObject, statusCode: status, statusMessage: statusText }]
  return Array.isArray(body) ? body.map((entry: JsonValue) => dataOf(entry, field)) : [dataOf(body, field)]
}
