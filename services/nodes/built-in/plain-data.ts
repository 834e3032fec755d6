import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonValue } from '@weconnect/contracts/json'

/** Deeper than any real file, less deep than what later steps can walk. */
const deepest = 500

/**
 * What a parser made of a stranger's file, as data and nothing else: plain objects without the key `__proto__`, no functions, times as text.
 * @throws WeConnectError NODE_FAILED when it is nested too deeply
 */
export const plainData = (value: unknown, depth = 0): JsonValue => {
  if (depth > deepest) throw new WeConnectError('NODE_FAILED', `The data is nested more than ${deepest} levels deep`)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (Array.isArray(value)) return value.map((member) => plainData(member, depth + 1))
  if (typeof value === 'object' && value !== null) return plainObject(value, depth)
  return typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)) ? value : null
}

const plainObject = (value: object, depth: number): JsonValue => {
  const plain: Record<string, JsonValue> = {}
  for (const [key, member] of Object.entries(value))
    if (key !== '__proto__' && member !== undefined && typeof member !== 'function') plain[key] = plainData(member, depth + 1)
  return plain
}
