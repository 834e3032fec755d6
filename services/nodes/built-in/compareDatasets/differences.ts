import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { fieldOf, setField, withoutValueAt } from '../../parameters/paths.ts'

type Value = JsonValue | undefined
type Json = Record<string, Value>
export type Equal = (a: Value, b: Value) => boolean

const isBlank = (value: Value): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (isJsonObject(value) && Object.keys(value).length === 0)

/** Equal member by member. @param scalars decides about two values that are not both lists or both objects */
const deep =
  (scalars: Equal): Equal =>
  (a, b) => {
    const same = deep(scalars)
    if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((member: JsonValue, index) => same(member, b[index]))
    if (!isJsonObject(a) || !isJsonObject(b)) return scalars(a, b)
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => same(a[key], b[key]))
  }

export const strictlyEqual: Equal = deep((a, b) => a === b)
/** 3 is "3", true is "true", and all that holds nothing is the same. */
export const fuzzilyEqual: Equal = deep((a, b) => (isBlank(a) && isBlank(b)) || (!isBlank(a) && !isBlank(b) && String(a) === String(b)))

export const without = (json: JsonObject, paths: readonly string[], dotNotation: boolean): JsonObject =>
  paths.reduce<JsonObject>((rest, path) => {
    if (dotNotation && !Object.hasOwn(rest, path)) return withoutValueAt(rest, path)
    return Object.fromEntries(Object.entries(rest).filter(([key]) => key !== path))
  }, json)

const onlyAt = (json: JsonObject, paths: readonly string[], dotNotation: boolean): Json => {
  const found: Json = {}
  for (const path of paths) {
    const value = fieldOf(json, path, dotNotation)
    if (value !== undefined) setField(found, path, value, dotNotation)
  }
  return found
}

export interface Comparison {
  readonly equal: Equal
  readonly skip: readonly string[]
  readonly dotNotation: boolean
  /** What the versions of a value are called: `inputA` and `inputB`. */
  readonly labels: readonly [string, string]
}

/** Fields that are the same, fields that differ with both versions, and what was skipped of those. */
export const differences = (a: JsonObject, b: JsonObject, { equal, skip, dotNotation, labels }: Comparison): JsonObject => {
  const [same, different, skipped]: readonly [Json, Json, Json] = [{}, {}, {}]
  const both = (of: Value, other: Value): JsonObject => ({ [labels[0]]: of ?? null, [labels[1]]: other ?? null })
  const [keptA, keptB] = [without(a, skip, dotNotation), without(b, skip, dotNotation)]
  const [leftA, leftB] = [onlyAt(a, skip, dotNotation), onlyAt(b, skip, dotNotation)]
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (equal(a[key], b[key])) {
      same[key] = a[key]
      continue
    }
    if (key in keptA || key in keptB) different[key] = both(keptA[key], keptB[key])
    if (key in leftA || key in leftB) skipped[key] = both(leftA[key], leftB[key])
  }
  return { same, different, ...(Object.keys(skipped).length > 0 ? { skipped } : {}) }
}
