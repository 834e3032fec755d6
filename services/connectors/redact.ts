import type { HttpResponse } from '@weconnect/contracts/http'
import type { JsonValue } from '@weconnect/contracts/json'

export const mask = '**hidden**'
/** Characters. A shorter text is found everywhere: masking it would hide nothing and break much. */
const shortest = 6

/** A secret as it is and as it may come back: in JSON, in URLs, as base64. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  new URLSearchParams([['', secret]]).toString().slice(1),
  Buffer.from(secret).toString('base64'),
]

/** All texts that must not be seen, the longest first, so that a part of one never leaves the rest behind. */
export const secretTexts = (secrets: readonly string[]): readonly string[] =>
  [...new Set(secrets.filter((secret) => secret.length >= shortest).flatMap(formsOf))].sort((a, b) => b.length - a.length)

export const redactText = (text: string, texts: readonly string[]): string =>
  texts.reduce((clean, secret) => clean.replaceAll(secret, mask), text)

/** The value with every secret masked, in keys as well. */
export const redact = (value: JsonValue, texts: readonly string[]): JsonValue => {
  if (texts.length === 0) return value
  if (typeof value === 'string') return redactText(value, texts)
  if (Array.isArray(value)) return value.map((entry: JsonValue) => redact(entry, texts))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [[redactText(key, texts), redact(member, texts)]])),
  )
}

const redactBytes = (base64: string, texts: readonly string[]): string => {
  const bytes = Buffer.from(base64, 'base64').toString('latin1')
  const clean = redactText(
    bytes,
    texts.map((text) => Buffer.from(text).toString('latin1')),
  )
  return clean === bytes ? base64 : Buffer.from(clean, 'latin1').toString('base64')
}

/** An answer as nodes and the log may see it: a service that repeats what it was sent repeats no secret. */
export const redactResponse = (response: HttpResponse, texts: readonly string[]): HttpResponse => {
  if (texts.length === 0) return response
  const { body, bodyEncoding } = response
  return {
    ...response,
    headers: redact(response.headers as JsonValue, texts) as HttpResponse['headers'],
    statusText: redactText(response.statusText, texts),
    body: bodyEncoding === 'utf8' ? redactText(body, texts) : redactBytes(body, texts),
    url: redactText(response.url, texts),
  }
}
