import { WeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { WebhookDescription } from '@weconnect/nodes/sdk/node'
import { binaryOf } from './binary.ts'
import { isForbiddenName, putField } from './form-fields.ts'
import { readMultipart } from './multipart.ts'

/** What an item gets of a body. */
export interface Content {
  readonly body: JsonValue
  readonly binary?: Item['binary']
}

const emptyBody: Content = { body: {} }

/** The content type alone decides the parser; files come only from multipart bodies and from types nobody parses. */
export const readBody = async (
  body: Buffer | undefined,
  contentType: string | undefined,
  description: WebhookDescription,
): Promise<Content> => {
  if (!body || body.length === 0) return emptyBody
  const type = mediaTypeOf(contentType)
  const property = description.binaryProperty ?? 'data'
  const raw = description.rawBody ? { binary: { [property]: binaryOf(body, type || 'application/octet-stream') } } : {}
  if (type === 'application/json' || type.endsWith('+json')) return { body: parseJson(body), ...raw }
  if (type === 'application/x-www-form-urlencoded' || type === '') return { body: parseForm(body.toString()), ...raw }
  if (type === 'multipart/form-data') return readMultipart(body, contentType ?? '')
  if (type.startsWith('text/') || type === 'application/xml' || type.endsWith('+xml')) return { body: body.toString(), ...raw }
  return { body: {}, binary: { [property]: binaryOf(body, type) } }
}

const mediaTypeOf = (contentType: string | undefined): string => (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''

const forbiddenKey = /"(?:__proto__|constructor|prototype)"\s*:/

const parseJson = (body: Buffer): JsonValue => {
  const text = body.toString()
  try {
    return forbiddenKey.test(text) ? JSON.parse(text, dropForbidden) : JSON.parse(text)
  } catch (error) {
    const where = error instanceof SyntaxError ? /position \d+(?: \(line \d+ column \d+\))?/.exec(error.message)?.[0] : undefined
    throw new WeConnectError('MALFORMED_JSON', `The body is not valid JSON${where ? ` at ${where}` : ''}`)
  }
}

/** Keys that could reach a prototype are left out wherever they stand. */
function dropForbidden(this: Record<string, unknown>, key: string, value: unknown): unknown {
  return isForbiddenName(key) ? undefined : value
}

/** Fields of a form; a name that comes twice becomes a list. */
const parseForm = (text: string): JsonObject => {
  const fields: Record<string, JsonValue> = {}
  for (const [name, value] of new URLSearchParams(text)) putField(fields, name, value)
  return fields
}
