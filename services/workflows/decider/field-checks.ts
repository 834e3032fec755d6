import { WeConnectError } from '@weconnect/contracts/errors'
import type { NodeOptions, Position3, RetryPolicy } from '@weconnect/contracts/events/types'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { parseFlowControl } from '@weconnect/flow/declaration'
import { checkPlainJson, invalidAt, isPrototypeName } from '../plain-json.ts'

const maxNameLength = 256
const executionOrders: readonly unknown[] = ['v0', 'v1', 'parallel']

/** The name without surrounding blanks. @throws WeConnectError INVALID_INPUT when empty, over 256 characters, or a name of JavaScript's own */
export const checkedName = (name: string, what: string): string => {
  const trimmed = name.trim()
  if (trimmed === '') throw new WeConnectError('INVALID_INPUT', `the ${what} is empty`)
  if (trimmed.length > maxNameLength) throw new WeConnectError('INVALID_INPUT', `the ${what} is longer than ${maxNameLength} characters`)
  if (isPrototypeName(trimmed)) throw new WeConnectError('INVALID_INPUT', `the ${what} cannot be ${trimmed}`)
  return trimmed
}

/** Tags in order, without blanks and repetitions. */
export const checkedTags = (tags: readonly string[]): readonly string[] => [
  ...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== '')),
]

export const checkedSettings = (settings: JsonObject): JsonObject => {
  checkPlainJson(settings, '$.settings')
  const order = settings['executionOrder']
  if (order !== undefined && !executionOrders.includes(order)) throw invalidAt('$.settings.executionOrder', 'must be v0, v1 or parallel')
  parseFlowControl(settings)
  return settings
}

export const checkedPosition = (position: Position3): Position3 => {
  if (![position.x, position.y, position.z ?? 0].every(Number.isFinite)) throw invalidAt('$.position', 'x, y and z must be numbers')
  return position
}

export const checkedTypeVersion = (version: number): number => {
  if (!Number.isFinite(version) || version <= 0) throw invalidAt('$.typeVersion', 'must be a number above 0')
  return version
}

const isBoolean = (value: unknown): boolean => typeof value === 'boolean'
const isText = (value: unknown): boolean => typeof value === 'string'
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31
const isCache = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  isBoolean((value as { enabled?: unknown }).enabled) &&
  isCount((value as { ttlSeconds?: unknown }).ttlSeconds)

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.length <= 100 && value.every(isText)
const isAbsentOr = (check: (value: unknown) => boolean) => (value: unknown) => value === undefined || check(value)

const retryChecks = {
  attempts: (value) => isCount(value) && (value as number) >= 1 && (value as number) <= 100,
  backoff: (value) => value === 'fixed' || value === 'exponential',
  delayMs: isCount,
  maxDelayMs: isAbsentOr(isCount),
  jitter: isAbsentOr((value) => typeof value === 'number' && value >= 0 && value <= 1),
  nonRetryable: isAbsentOr(isTexts),
} satisfies Record<keyof RetryPolicy, (value: unknown) => boolean>

const isRetryPolicy = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const given = value as Readonly<Record<string, unknown>>
  return (
    Object.keys(given).every((key) => Object.hasOwn(retryChecks, key)) &&
    Object.entries(retryChecks).every(([key, check]) => check(given[key]))
  )
}

/** What each option must be; the event's schema holds nothing else. */
export const nodeOptionChecks = {
  disabled: isBoolean,
  notes: isText,
  notesInFlow: isBoolean,
  onError: isText,
  continueOnFail: isBoolean,
  retryOnFail: isBoolean,
  maxTries: isCount,
  waitBetweenTries: isCount,
  alwaysOutputData: isBoolean,
  executeOnce: isBoolean,
  webhookId: isText,
  timeoutMs: isCount,
  cache: isCache,
  retry: isRetryPolicy,
  afterCrash: (value) => value === 'repeat' || value === 'incident',
  compensation: isText,
} satisfies Record<keyof NodeOptions, (value: unknown) => boolean>

export const isNodeOption = (key: string): key is keyof NodeOptions => Object.hasOwn(nodeOptionChecks, key)

export const checkedOptions = (options: NodeOptions): NodeOptions => {
  for (const [key, value] of Object.entries(options)) {
    if (!isNodeOption(key)) throw invalidAt(`$.options.${key}`, 'not an option of a node')
    if (value !== undefined && !nodeOptionChecks[key](value))
      throw invalidAt(`$.options.${key}`, `not allowed: ${JSON.stringify(value)?.slice(0, 60)}`)
  }
  return options
}

export const checkedParameters = (parameters: JsonObject): JsonObject => {
  checkPlainJson(parameters, '$.parameters')
  return parameters
}

/**
 * Whether these are references to credentials and nothing else: {type: {id, name}}, or n8n's older {type: name}. References are stored in clear,
 * so that anything more, such as the secret itself, must not be among them.
 */
export const areCredentialReferences = (credentials: JsonObject): boolean => Object.values(credentials).every(isReference)

const referenceKeys = ['id', 'name']
const isReference = (value: JsonValue | undefined): boolean =>
  typeof value === 'string' ||
  (isJsonObject(value) &&
    Object.entries(value).every(([key, member]) => referenceKeys.includes(key) && (member === null || typeof member === 'string')))

export const checkedCredentials = (credentials: JsonObject): JsonObject => {
  checkPlainJson(credentials, '$.credentials')
  if (!areCredentialReferences(credentials))
    throw invalidAt('$.credentials', 'a node refers to a credential by {id, name}, it never holds one')
  return credentials
}
