import type { Evaluation } from '../budget.ts'
import { toInteger, toKey } from '../coerce.ts'
import { failed } from '../errors.ts'
import { writeJson } from '../json-text.ts'
import { type Arguments, isPlain, members, type NativeCall } from '../values.ts'
import { isBlank, sameData, undefinedResult } from './arguments.ts'
import { compactObject, mergeObjects } from './object.ts'

type List = readonly unknown[]

const on =
  (method: (list: List, args: Arguments, evaluation: Evaluation) => unknown): NativeCall =>
  (evaluation, self, args) => {
    if (!Array.isArray(self)) throw new TypeError('not an array')
    evaluation.charge(self.length + 2)
    return method(self, args, evaluation)
  }

const numbers = (name: string, list: List): number[] =>
  list.map((each) => {
    if (typeof each !== 'number') throw failed(`${name}(): all array elements must be numbers`)
    return each
  })

const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0)
const largest = (values: readonly number[]) => values.reduce((most, each) => Math.max(most, each), Number.NEGATIVE_INFINITY)
const smallest = (values: readonly number[]) => values.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY)

const statistics = (name: string, compute: (values: readonly number[]) => number) => on((list) => compute(numbers(name, list)))

const isPrimitive = (value: unknown) => typeof value !== 'object' || value === null

const payForReading = (evaluation: Evaluation, value: unknown): true => {
  evaluation.chargeReading(value)
  return true
}

/** Membership by content: by hash for primitives, by comparison for the rest. */
const lookup = (evaluation: Evaluation, list: List) => {
  evaluation.charge(4 * list.length)
  const primitives = new Set(list.filter((each) => isPrimitive(each) && payForReading(evaluation, each)))
  const objects = list.filter((each) => !isPrimitive(each))
  return (value: unknown) =>
    isPrimitive(value) && payForReading(evaluation, value)
      ? primitives.has(value)
      : objects.some((each) => sameData(evaluation, each, value))
}

const distinct = (evaluation: Evaluation, list: List, view: (value: unknown) => unknown = (value) => value): unknown[] => {
  const seen = new Set<unknown>()
  evaluation.charge(4 * list.length)
  const objects: unknown[] = []
  return list.filter((each) => {
    const value = view(each)
    const known =
      isPrimitive(value) && payForReading(evaluation, value) ? seen.has(value) : objects.some((other) => sameData(evaluation, other, value))
    if (!known) {
      if (isPrimitive(value)) seen.add(value)
      else objects.push(value)
    }
    return !known
  })
}

const field = (value: unknown, key: string) => (isPlain(value) && Object.hasOwn(value, key) ? value[key] : undefined)

const unique: NativeCall = on((list, args, evaluation) => {
  const keys = args.flat().map((key) => toKey(evaluation, key))
  return keys.length === 0 ? distinct(evaluation, list) : distinct(evaluation, list, (each) => keys.map((key) => field(each, key)))
})

/** The fields that an element has: alone when it is one, in a list when they are several; an element without any is left out. */
const pluck = (evaluation: Evaluation, list: List, args: Arguments): List => {
  if (args.length === 0) return list
  const keys = args.map((key) => toKey(evaluation, key))
  evaluation.chargeList(list.length * keys.length)
  return list
    .map((each) => (isPlain(each) ? keys.filter((key) => Object.hasOwn(each, key)).map((key) => each[key]) : []))
    .filter((found) => found.length > 0)
    .map((found) => (found.length === 1 ? found[0] : found))
}

const chunk = (list: List, size: number): unknown[] => {
  if (!(size >= 1)) throw failed('chunk(): expected non-zero numeric arg, e.g. .chunk(5)')
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size))
}

const smartJoin = (evaluation: Evaluation, list: List, [key, value]: Arguments): Record<string, unknown> => {
  if (typeof key !== 'string' || typeof value !== 'string' || key === '' || value === '') {
    throw failed('smartJoin(): expected two string args, e.g. .smartJoin("name", "value")')
  }
  return Object.fromEntries(list.filter(isPlain).map((each) => [toKey(evaluation, field(each, key)), field(each, value)]))
}

const renameKeys = (evaluation: Evaluation, list: List, args: Arguments): unknown[] => {
  if (args.length === 0 || args.length % 2 !== 0)
    throw failed('renameKeys(): expected an even amount of args: from1, to1 [, from2, to2, ...]. e.g. .renameKeys("name", "title")')
  const names = new Map<string, string>()
  for (let index = 0; index < args.length; index += 2) names.set(toKey(evaluation, args[index]), toKey(evaluation, args[index + 1]))
  return list.map((each) =>
    isPlain(each) ? Object.fromEntries(Object.entries(each).map(([key, value]) => [names.get(key) ?? key, value])) : each,
  )
}

const compactList = (evaluation: Evaluation, list: List): unknown[] =>
  list.filter((each) => !isBlank(each)).map((each) => (isPlain(each) ? compactObject(evaluation, each) : each))

const asList = (name: string, value: unknown): List => {
  if (!Array.isArray(value)) throw failed(`${name}(): expected array arg, e.g. .${name}([1, 2, 3, 4])`)
  return value
}

/** With the objects of another list, or those of the list itself when there is none. */
const merge = (evaluation: Evaluation, list: List, other: unknown): Record<string, unknown> => {
  if (other === undefined) return mergeObjects(evaluation, list)
  if (!Array.isArray(other)) throw failed('merge(): expected array arg, e.g. .merge([{ id: 1, otherValue: 3 }])')
  return mergeObjects(evaluation, [...list, ...other])
}

/** n8n's methods of arrays. */
export const arrayExtensions = members({
  append: on((list, args, evaluation) => {
    evaluation.chargeList(list.length + args.length)
    return [...list, ...args]
  }),
  average: statistics('average', (values) => (values.length === 0 ? 0 : sum(values) / values.length)),
  chunk: on((list, [size], evaluation) => chunk(list, toInteger(evaluation, size))),
  compact: on((list, _, evaluation) => compactList(evaluation, list)),
  difference: on((list, [other], evaluation) => {
    const has = lookup(evaluation, asList('difference', other))
    return list.filter((each) => !has(each))
  }),
  first: on((list) => list[0]),
  intersection: on((list, [other], evaluation) => distinct(evaluation, list.filter(lookup(evaluation, asList('intersection', other))))),
  isEmpty: on((list) => list.length === 0),
  isNotEmpty: on((list) => list.length > 0),
  last: on((list) => list.at(-1)),
  max: statistics('max', largest),
  merge: on((list, [other], evaluation) => merge(evaluation, list, other)),
  min: statistics('min', smallest),
  pluck: on((list, args, evaluation) => pluck(evaluation, list, args)),
  randomItem: on((list, _, evaluation) => list[Math.floor(evaluation.scope.random() * list.length)]),
  removeDuplicates: unique,
  renameKeys: on((list, args, evaluation) => renameKeys(evaluation, list, args)),
  smartJoin: on((list, args, evaluation) => smartJoin(evaluation, list, args)),
  sum: statistics('sum', sum),
  toBoolean: undefinedResult,
  toDateTime: undefinedResult,
  toFloat: undefinedResult,
  toInt: undefinedResult,
  toJsonString: on((list, _, evaluation) => writeJson(evaluation, list)),
  union: on((list, [other], evaluation) => distinct(evaluation, [...list, ...asList('union', other)])),
  unique,
})
