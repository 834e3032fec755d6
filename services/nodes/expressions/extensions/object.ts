import type { Evaluation } from '../budget.ts'
import { toKey, toText } from '../coerce.ts'
import { failed } from '../errors.ts'
import { isForbidden } from '../forbidden-names.ts'
import { writeJson } from '../json-text.ts'
import { payForSearch } from '../members/text-search.ts'
import { type Arguments, isPlain, members, type NativeCall } from '../values.ts'
import { isBlank, undefinedResult } from './arguments.ts'

type Data = Record<string, unknown>

const on =
  (method: (data: Data, args: Arguments, evaluation: Evaluation) => unknown): NativeCall =>
  (evaluation, self, args) => {
    if (!isPlain(self)) throw new TypeError('not an object')
    evaluation.charge(4 * Object.keys(self).length + 2)
    return method(self, args, evaluation)
  }

/** Without empty values, inside too. */
export const compactObject = (evaluation: Evaluation, data: Data): Data => {
  const kept: Data = {}
  evaluation.charge(Object.keys(data).length)
  for (const [key, value] of Object.entries(data)) {
    if (isBlank(value) || isForbidden(key)) continue
    if (!isPlain(value)) kept[key] = value
    else if (Object.keys(value).length > 0) kept[key] = compactObject(evaluation, value)
  }
  return kept
}

/** The first object that has a field decides it. */
export const mergeObjects = (evaluation: Evaluation, list: readonly unknown[]): Data => {
  const merged: Data = {}
  for (const data of list) {
    if (!isPlain(data)) continue
    evaluation.charge(Object.keys(data).length)
    for (const [key, value] of Object.entries(data)) if (!Object.hasOwn(merged, key) && !isForbidden(key)) merged[key] = value
  }
  return merged
}

const filtered = (data: Data, keeps: (key: string, value: unknown) => boolean): Data =>
  Object.fromEntries(Object.entries(data).filter(([key, value]) => !isForbidden(key) && keeps(key, value)))

const contains = (evaluation: Evaluation, value: unknown, part: string) => {
  if (typeof value !== 'string') return false
  payForSearch(evaluation, value, part)
  return value.includes(part)
}

const urlEncode = (evaluation: Evaluation, data: Data): string => {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(data)) {
    const text = toText(evaluation, value)
    // A letter may become nine, and all of them are looked at one by one.
    evaluation.charge(text.length)
    search.append(key, text)
  }
  return evaluation.text(search.toString())
}

/** n8n's methods of objects. */
export const objectExtensions = members({
  compact: on((data, _, evaluation) => compactObject(evaluation, data)),
  hasField: on((data, [name], evaluation) => Object.hasOwn(data, toKey(evaluation, name))),
  isEmpty: on((data) => Object.keys(data).length === 0),
  isNotEmpty: on((data) => Object.keys(data).length > 0),
  keepFieldsContaining: on((data, [part], evaluation) => {
    if (typeof part !== 'string' || part === '') throw failed('argument of keepFieldsContaining must be a non-empty string')
    return filtered(data, (_, value) => contains(evaluation, value, part))
  }),
  keys: on((data) => Object.keys(data)),
  merge: on((data, [other], evaluation) => mergeObjects(evaluation, [data, other])),
  removeField: on((data, [name], evaluation) => {
    const removed = toKey(evaluation, name)
    return filtered(data, (key) => key !== removed)
  }),
  removeFieldsContaining: on((data, [part], evaluation) => {
    if (typeof part !== 'string' || part === '') throw failed('removeFieldsContaining(): expected non-empty string arg')
    return filtered(data, (_, value) => !contains(evaluation, value, part))
  }),
  toBoolean: undefinedResult,
  toDateTime: undefinedResult,
  toFloat: undefinedResult,
  toInt: undefinedResult,
  toJsonString: on((data, _, evaluation) => writeJson(evaluation, data)),
  urlEncode: on((data, _, evaluation) => urlEncode(evaluation, data)),
  values: on((data) => Object.values(data)),
})
