import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { WebhookDescription } from '@weconnect/nodes/sdk/node'
import { binaryOf } from './binary.ts'
import { parseForm } from './form-fields.ts'
import { parseJsonBody } from './json-body.ts'
import { readMultipart } from './multipart.ts'

/** What an item gets of a body. */
export interface Content {
  readonly body: JsonValue
  readonly binary?: Item['binary']
}

const emptyBody: Content = { body: {} }
export const defaultProperty = 'data'

/**
 * The content type alone decides the parser; files come only from multipart bodies and from types nobody parses.
 * @throws WeConnectError MALFORMED_JSON, INVALID_INPUT
 */
export const readBody = async (
  body: Buffer | undefined,
  contentType: string | undefined,
  { rawBody, binaryProperty }: Pick<WebhookDescription, 'rawBody' | 'binaryProperty'>,
): Promise<Content> => {
  if (!body || body.length === 0) return emptyBody
  const type = mediaTypeOf(contentType)
  if (type === 'multipart/form-data') return readMultipart(body, contentType ?? '', binaryProperty)
  const parsed = parsedText(type, body)
  if (parsed === undefined) return { body: {}, binary: { [binaryProperty ?? defaultProperty]: binaryOf(body, type) } }
  return rawBody
    ? { body: parsed, binary: { [binaryProperty ?? defaultProperty]: binaryOf(body, type || 'application/octet-stream') } }
    : { body: parsed }
}

export const mediaTypeOf = (contentType: string | undefined): string => (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''

/** Whether bodies of a type become a value; others are kept as files. */
export const isParsed = (type: string): boolean =>
  type === '' || type.startsWith('text/') || /^application\/(?:json|xml|x-www-form-urlencoded)$|\+(?:json|xml)$/.test(type)

/** Undefined for a type that is kept as a file. */
const parsedText = (type: string, body: Buffer): JsonValue | undefined => {
  if (type === 'application/json' || type.endsWith('+json')) return parseJsonBody(body.toString())
  if (type === 'application/x-www-form-urlencoded' || type === '') return formOrJson(body.toString())
  if (type.startsWith('text/') || type === 'application/xml' || type.endsWith('+xml')) return body.toString()
  return undefined
}

/** `curl -d '{"name": "Ada"}'` calls its JSON a form; no form begins like that, and as one it would be of no use. */
const formOrJson = (text: string): JsonObject => (text.startsWith('{"') ? jsonObjectOf(text) : undefined) ?? parseForm(text)

const jsonObjectOf = (text: string): JsonObject | undefined => {
  try {
    return parseJsonBody(text) as JsonObject
  } catch {
    return undefined
  }
}
