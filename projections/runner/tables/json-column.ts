import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { bytesOfDeferred } from '@weconnect/eventstore/json-path'

declare const brand: unique symbol
/** JSON as text that PostgreSQL's jsonb accepts. */
export type JsonText = string & { readonly [brand]: 'JsonText' }

/** What a payload column may hold, in bytes; what is larger stays in the log and is referred to. */
export const maxPayloadBytes = 16 * 1024

/** jsonb refuses the character NUL and halves of surrogate pairs, which JSON allows. JSON.stringify writes both as escapes. */
const refused = /\\u(?:0000|d[89a-f])/i

/** Characters that jsonb refuses become U+FFFD. */
export const jsonText = (value: JsonValue): JsonText => {
  const text = JSON.stringify(value)
  return (refused.test(text) ? JSON.stringify(value, withoutRefused) : text) as JsonText
}

/** Null for what is absent. */
export const jsonTextIf = (value: JsonValue | undefined): JsonText | null => (value === undefined ? null : jsonText(value))

const withoutRefused = (_: string, value: unknown): unknown => {
  if (typeof value === 'string') return wellFormed(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [wellFormed(name), inner]))
}

const wellFormed = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD')

/** Several read models keep the same payload of the event in hand: it is written as text once. More than an event has is not kept. */
const lastValues: (object | undefined)[] = new Array(8).fill(undefined)
const lastTexts: JsonText[] = new Array(8).fill('' as JsonText)
let oldest = 0

const textOf = (value: JsonValue): JsonText => {
  if (typeof value !== 'object' || value === null) return jsonText(value)
  const known = lastValues.indexOf(value)
  if (known >= 0) return lastTexts[known] as JsonText
  const text = jsonText(value)
  lastValues[oldest] = value
  lastTexts[oldest] = text
  oldest = (oldest + 1) % lastValues.length
  return text
}

/** The payload of a field of the event's data, which is not read where it is known to be too large; see payloadText. */
export const fieldText = (
  event: { readonly stream: string; readonly revision: number; readonly data: object },
  field: string,
): JsonText | null => {
  const bytes = bytesOfDeferred(event.data, field)
  if (bytes !== undefined && bytes > maxPayloadBytes) return reference(event, field, bytes)
  return payloadText(event, field, (event.data as JsonObject)[field])
}

/** The payload of an event's field; `{"$ref": {stream, revision, field}, bytes}` when it is larger than a column may hold. */
export const payloadText = (
  event: { readonly stream: string; readonly revision: number },
  field: string,
  value: JsonValue | undefined,
): JsonText | null => {
  if (value === undefined) return null
  const text = textOf(value)
  if (text.length * 3 <= maxPayloadBytes) return text
  const bytes = Buffer.byteLength(text)
  if (bytes <= maxPayloadBytes) return text
  return reference(event, field, bytes)
}

const reference = ({ stream, revision }: { readonly stream: string; readonly revision: number }, field: string, bytes: number): JsonText =>
  jsonText({ $ref: { stream, revision, field }, bytes })
