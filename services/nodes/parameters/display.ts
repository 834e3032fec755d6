import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { DisplayOptions } from '@weconnect/contracts/node'
import { valueAt } from './paths.ts'

/** What display conditions see of a node besides its values. */
export interface DisplayNode {
  readonly typeVersion: number
}
export interface Displayable {
  readonly displayOptions?: DisplayOptions
}

/** A condition of `_cnd`: one operator and what it compares with. */
type Comparison = (actual: JsonValue | undefined, expected: JsonValue) => boolean

const isOrdered = (value: unknown): value is string | number => typeof value === 'number' || typeof value === 'string'
const ordered =
  (compare: (a: string | number, b: string | number) => boolean): Comparison =>
  (actual, expected) =>
    isOrdered(actual) && isOrdered(expected) && compare(actual, expected)
const textual =
  (compare: (a: string, b: string) => boolean): Comparison =>
  (actual, expected) =>
    typeof actual === 'string' && compare(actual, String(expected))

const comparisons: Readonly<Record<string, Comparison>> = {
  eq: (actual, expected) => isDeepStrictEqual(actual, expected),
  not: (actual, expected) => !isDeepStrictEqual(actual, expected),
  gte: ordered((a, b) => a >= b),
  lte: ordered((a, b) => a <= b),
  gt: ordered((a, b) => a > b),
  lt: ordered((a, b) => a < b),
  between: (actual, expected) =>
    isJsonObject(expected) && comparisons['gte']!(actual, expected['from'] ?? null) && comparisons['lte']!(actual, expected['to'] ?? null),
  includes: (actual, expected) => (typeof actual === 'string' || Array.isArray(actual)) && actual.includes(expected as string),
  startsWith: textual((a, b) => a.startsWith(b)),
  endsWith: textual((a, b) => a.endsWith(b)),
  regex: textual((a, b) => new RegExp(b).test(a)),
  exists: (actual) => actual !== undefined && actual !== null && actual !== '',
}

const comparisonOf = (condition: JsonValue): readonly [Comparison, JsonValue] | undefined => {
  if (!isJsonObject(condition) || !isJsonObject(condition['_cnd'])) return undefined
  const [operator, expected] = Object.entries(condition['_cnd'])[0] ?? []
  const comparison = operator !== undefined && Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined
  return comparison && [comparison, expected ?? null]
}

const meetsOne = (actual: readonly (JsonValue | undefined)[], condition: JsonValue): boolean => {
  const comparison = comparisonOf(condition)
  return comparison ? actual.every((value) => comparison[0](value, comparison[1])) : actual.includes(condition)
}

const meetsAny = (conditions: readonly JsonValue[], actual: readonly (JsonValue | undefined)[]): boolean =>
  conditions.some((condition) => meetsOne(actual, condition))

const isExpression = (value: JsonValue | undefined): boolean => typeof value === 'string' && value.startsWith('=')

/** A resource locator is compared by its value, a list by its members. */
const valuesOf = (value: JsonValue | undefined): readonly (JsonValue | undefined)[] => {
  const plain = isJsonObject(value) && value['__rl'] === true ? value['value'] : value
  return Array.isArray(plain) ? (plain as readonly JsonValue[]) : [plain]
}

const actualOf = (key: string, values: JsonObject, node: DisplayNode | null, root: JsonObject): readonly (JsonValue | undefined)[] => {
  if (key === '@version') return [node?.typeVersion ?? 0]
  if (key.startsWith('@')) return [undefined]
  return key.startsWith('/') ? valuesOf(valueAt(root, key.slice(1))) : valuesOf(valueAt(values, key))
}

/**
 * Whether a property shows for these values: every key of `show` must match one of its conditions, no key of `hide` may.
 * A condition that looks at an expression counts as met, because its value is known only at run time.
 * @param root values of the whole node, for keys that begin with `/`
 */
export const displayParameter = (
  values: JsonObject,
  property: Displayable,
  node: DisplayNode | null,
  root: JsonObject = values,
): boolean => {
  const { show, hide } = property.displayOptions ?? {}
  for (const [key, conditions] of Object.entries(show ?? {})) {
    const actual = actualOf(key, values, node, root)
    if (actual.some(isExpression)) return true
    if (actual.length === 0 || !meetsAny(conditions, actual)) return false
  }
  return !Object.entries(hide ?? {}).some(([key, conditions]) => {
    const actual = actualOf(key, values, node, root)
    return actual.length > 0 && meetsAny(conditions, actual)
  })
}
