import { WeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { fieldOf, setField } from '../../parameters/paths.ts'

/** Text that is equal for equal values, whatever the order of their members. */
const canonical = (value: JsonValue | undefined): string =>
  JSON.stringify(value, (_key, part: JsonValue) =>
    isJsonObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  ) ?? 'undefined'

/** Paths of the values in an object: `a.b`; with dot notation off, its own names. */
const pathsOf = (json: JsonObject, dotNotation: boolean, above = ''): readonly string[] =>
  Object.entries(json).flatMap(([key, value]) =>
    dotNotation && isJsonObject(value) && Object.keys(value).length > 0 ? pathsOf(value, true, `${above}${key}.`) : [above + key],
  )

const isWithin = (path: string, field: string): boolean => path === field || path.startsWith(`${field}.`)

/** The fields that count. */
export const comparedFields = (
  items: readonly Item[],
  compare: string,
  fields: readonly string[],
  dotNotation: boolean,
): readonly string[] => {
  if (compare === 'selectedFields') return fields
  const all = [...new Set(items.flatMap(({ json }) => pathsOf(json, dotNotation)))]
  return compare === 'allFieldsExcept' ? all.filter((path) => !fields.some((field) => isWithin(path, field))) : all
}

/**
 * Each compared field must be in every item.
 * @param oneType it must also have the same type in every item
 * @throws WeConnectError NODE_FAILED naming the field
 */
export const checkFields = (items: readonly Item[], fields: readonly string[], dotNotation: boolean, oneType: boolean): void => {
  for (const field of fields) {
    const values = items.map(({ json }) => fieldOf(json, field, dotNotation))
    if (values.includes(undefined)) throw new WeConnectError('NODE_FAILED', `'${field}' field is missing from some input items`)
    if (oneType && new Set(values.map((value) => typeof value)).size > 1)
      throw new WeConnectError('NODE_FAILED', `'${field}' isn't always the same type`)
  }
}

/** Indices of the items that are the first of their kind. */
export const firstOfEachKind = (items: readonly Item[], fields: readonly string[], dotNotation: boolean): readonly number[] => {
  const known = new Set<string>()
  return [...items.keys()].filter((index) => {
    const key = JSON.stringify(fields.map((field) => canonical(fieldOf(items[index]!.json, field, dotNotation))))
    if (known.has(key)) return false
    known.add(key)
    return true
  })
}

/** The item with these fields only. */
export const onlyFields = (json: JsonObject, fields: readonly string[], dotNotation: boolean): JsonObject => {
  const kept: Record<string, JsonValue | undefined> = {}
  for (const field of fields) {
    const value = fieldOf(json, field, dotNotation)
    if (value !== undefined) setField(kept, field, value, dotNotation)
  }
  return kept
}
