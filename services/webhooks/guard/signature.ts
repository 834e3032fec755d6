import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { SignatureRules } from '@weconnect/nodes/sdk/node'

const headerText = (headers: IncomingHttpHeaders, name: string): string => {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

interface Claimed {
  readonly signatures: readonly string[]
  /** As it was sent: the text is what is signed. */
  readonly timestamp: string
}

/** `t=1700000000,v1=...,v1=...` */
const pairs = (value: string, prefix: string): Claimed => {
  const parts = value.split(',').map((part) => part.trim())
  return {
    signatures: parts.filter((part) => part.startsWith(prefix)),
    timestamp: parts.find((part) => part.startsWith('t='))?.slice(2) ?? '',
  }
}

const claimed = ({ header, form, prefix, timestampHeader }: SignatureRules, headers: IncomingHttpHeaders): Claimed => {
  const value = headerText(headers, header)
  if (form === 'pairs') return pairs(value, prefix)
  const timestamp = timestampHeader === undefined ? '' : headerText(headers, timestampHeader)
  return { signatures: form === 'list' ? value.split(' ') : [value], timestamp }
}

/** Seconds since the epoch, whole; where a sender gives milliseconds, that is seen. */
const isTimely = (timestamp: string, toleranceSeconds: number, nowMs: number): boolean => {
  if (toleranceSeconds === 0) return true
  if (!/^\d{1,16}$/.test(timestamp)) return false
  const ms = timestamp.length >= 12 ? Number(timestamp) : Number(timestamp) * 1000
  return Math.abs(nowMs - ms) <= toleranceSeconds * 1000
}

const keyOf = (secret: string, form: SignatureRules['secretForm']): Buffer =>
  form === 'whsec' ? Buffer.from(secret.replace(/^whsec_/, ''), 'base64') : Buffer.from(secret)

const placeholder = /(\{(?:body|timestamp|header\.[^{}]+)\})/

const expected = (
  { algorithm, content, secretForm }: SignatureRules,
  secret: string,
  { body, timestamp, headers }: { readonly body: Buffer; readonly timestamp: string; readonly headers: IncomingHttpHeaders },
): Buffer => {
  const hmac = createHmac(algorithm, keyOf(secret, secretForm))
  for (const part of content.split(placeholder)) {
    if (part === '{body}') hmac.update(body)
    else if (part === '{timestamp}') hmac.update(timestamp)
    else if (placeholder.test(part)) hmac.update(headerText(headers, part.slice('{header.'.length, -1).toLowerCase()))
    else hmac.update(part)
  }
  return hmac.digest()
}

const isEqual = (given: Buffer, wanted: Buffer): boolean => given.length === wanted.length && timingSafeEqual(given, wanted)

/** Signatures of one header that are looked at. */
const mostSignatures = 10

/**
 * Whether one of the secrets signed these bytes. Takes as long wherever a signature differs, and whichever of them fits.
 * @param body as it came, nothing of it read yet
 * @param nowMs milliseconds since the epoch
 */
export const checkSignature = (
  rules: SignatureRules,
  secrets: readonly string[],
  headers: IncomingHttpHeaders,
  body: Buffer,
  nowMs: number,
): boolean => {
  const { signatures, timestamp } = claimed(rules, headers)
  if (rules.content.includes('{timestamp}') && !isTimely(timestamp, rules.toleranceSeconds, nowMs)) return false
  const given = signatures
    .slice(0, mostSignatures)
    .filter((signature) => signature.startsWith(rules.prefix))
    .map((signature) => Buffer.from(signature.slice(rules.prefix.length), rules.encoding))
  let fits = false
  for (const secret of secrets) {
    const wanted = expected(rules, secret, { body, timestamp, headers })
    for (const one of given) fits = isEqual(one, wanted) || fits
  }
  return fits
}
