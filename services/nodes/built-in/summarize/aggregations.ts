import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { asText } from '../per-item.ts'

type Value = JsonValue | undefined

const isEmpty = (value: Value): boolean => value === undefined || value === null || value === ''
const filled = (values: readonly Value[], wish: JsonObject): readonly Value[] =>
  wish['includeEmpty'] === true ? values : values.filter((value) => !isEmpty(value))
/** Text that looks like a number is none. */
const numbers = (values: readonly Value[]): readonly number[] => values.filter((value) => typeof value === 'number')
const sum = (values: readonly Value[]): number => numbers(values).reduce((total, value) => total + value, 0)

/** The value that no other beats; text is compared as text. */
const extreme = (values: readonly Value[], beats: (a: Value, b: Value) => boolean): JsonValue => {
  const [first = null, ...rest] = values.filter((value) => !isEmpty(value))
  return rest.reduce<JsonValue>((best, value) => (beats(value, best) ? value! : best), first)
}

const separator = (wish: JsonObject): string => {
  const separateBy = asText(wish['separateBy'], ',')
  return separateBy === 'other' ? asText(wish['customSeparator']) : separateBy
}
const shown = (value: Value): string => (value === undefined ? 'undefined' : typeof value === 'string' ? value : JSON.stringify(value))

interface Aggregation {
  /** Before the name of the field in the result. */
  readonly prefix: string
  readonly of: (values: readonly Value[], wish: JsonObject) => JsonValue
}

/** By the name that the parameter has for them; `values` has one entry for each item. */
export const aggregations: Readonly<Record<string, Aggregation>> = {
  append: { prefix: 'appended_', of: (values, wish) => filled(values, wish).map((value) => value ?? null) },
  average: { prefix: 'average_', of: (values) => (numbers(values).length === 0 ? null : sum(values) / numbers(values).length) },
  concatenate: { prefix: 'concatenated_', of: (values, wish) => filled(values, wish).map(shown).join(separator(wish)) },
  count: { prefix: 'count_', of: (values, wish) => filled(values, wish).length },
  countUnique: { prefix: 'unique_count_', of: (values, wish) => new Set(filled(values, wish).map((v) => JSON.stringify(v))).size },
  max: { prefix: 'max_', of: (values) => extreme(values, (a, b) => a! > b!) },
  min: { prefix: 'min_', of: (values) => extreme(values, (a, b) => a! < b!) },
  sum: { prefix: 'sum_', of: sum },
}
