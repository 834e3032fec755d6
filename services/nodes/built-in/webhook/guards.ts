import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { CallRate, Deduplication, RequestSchema, WebhookGuards } from '../../sdk/node.ts'
import { asObject, asText } from '../per-item.ts'

/** What webhook nodes ask of a call beside who makes it: read from their options. */

const unitSeconds: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400 }

const valuesOf = (options: JsonObject, name: string): JsonObject | undefined => {
  const values = asObject(options[name])['values']
  return isJsonObject(values) ? values : undefined
}

const rateOf = (values: JsonObject | undefined): CallRate | undefined => {
  if (values === undefined) return undefined
  const calls = Number(values['calls'] ?? 60)
  const burst = Number(values['burst'] ?? 0)
  const callerHeader = asText(values['callerHeader']).trim().toLowerCase()
  return {
    calls,
    seconds: unitSeconds[asText(values['per'], 'minute')] ?? Number.NaN,
    burst: burst === 0 ? calls : burst,
    ...(callerHeader !== '' && { callerHeader }),
  }
}

const schemaParts = ['body', 'query', 'headers'] as const

const schemaOf = (values: JsonObject | undefined): RequestSchema | undefined => {
  const given = schemaParts.flatMap((part) => {
    const value = values?.[part]
    return value === undefined || value === null || value === '' ? [] : [[part, value] as const]
  })
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

export const deduplicationKeys = ['deliveryId', 'header', 'body', 'field'] as const

const deduplicationOf = (values: JsonObject | undefined): Deduplication | undefined =>
  values && {
    by: deduplicationKeys.find((by) => by === values['by']) ?? 'deliveryId',
    header: asText(values['header']).trim().toLowerCase(),
    field: asText(values['field']).trim(),
    windowSeconds: Number(values['windowSeconds'] ?? 86_400),
  }

export const addressesOf = (options: JsonObject): readonly string[] =>
  asText(options['ipWhitelist'])
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')

/** Undefined when the node asks for nothing of this. */
export const guardsOf = (options: JsonObject): WebhookGuards | undefined => {
  const found: { -readonly [Key in keyof WebhookGuards]: WebhookGuards[Key] } = {}
  const addresses = addressesOf(options)
  if (addresses.length > 0) found.addresses = addresses
  if (options['ignoreBots'] === true) found.ignoreBots = true
  const rate = rateOf(valuesOf(options, 'rateLimit'))
  if (rate) found.rate = rate
  const callerRate = rateOf(valuesOf(options, 'callerRateLimit'))
  if (callerRate) found.callerRate = callerRate
  const schema = schemaOf(valuesOf(options, 'requestSchema'))
  if (schema) found.schema = schema
  const deduplication = deduplicationOf(valuesOf(options, 'deduplication'))
  if (deduplication) found.deduplication = deduplication
  return Object.keys(found).length === 0 ? undefined : found
}

/** A schema as typed: JSON text, or the value. */
export const schemaValue = (typed: JsonValue): unknown => (typeof typed === 'string' ? JSON.parse(typed) : typed)
