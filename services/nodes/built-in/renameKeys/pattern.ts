import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { planOf, refuseExponential } from '../../expressions/patterns/regex.ts'

export interface PatternWish {
  readonly pattern: string
  readonly ignoreCase: boolean
  /** How deep to go: 0 = the names at the top only, -1 = all. */
  readonly depth: number
}

/** The first match of a user's pattern replaced in one name, in linear time or with a bound on the length of the name. */
const replacer = (source: string, flags: string, replacement: string): ((name: string) => string) => {
  const plan = planOf(source, flags)
  refuseExponential(plan)
  const { source: safe, flags: safeFlags, maxLength } = plan
  const pattern = new RegExp(safe, safeFlags)
  return (name) => {
    if (name.length > maxLength)
      throw new WeConnectError('NODE_FAILED', `This pattern may only meet names of up to ${maxLength} characters`)
    return name.replace(pattern, replacement)
  }
}

const renamedWithin = (value: JsonValue | undefined, rename: (name: string) => string, depth: number): JsonValue | undefined => {
  if (Array.isArray(value)) return value.map((member: JsonValue) => renamedWithin(member, rename, depth) ?? null)
  if (!isJsonObject(value)) return value
  const inner = (member: JsonValue | undefined) => (depth === 0 ? member : renamedWithin(member, rename, depth - 1))
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [rename(name), inner(member)]))
}

/**
 * Replaces the first match in each name.
 * @param replacement with $1 for the first group
 * @throws SyntaxError for a text that is no pattern; WeConnectError for one that could take exponential time
 */
export const renameByPattern = (json: JsonObject, { pattern, ignoreCase, depth }: PatternWish, replacement: string): JsonObject =>
  pattern === '' ? json : (renamedWithin(json, replacer(pattern, ignoreCase ? 'i' : '', replacement), depth) as JsonObject)
