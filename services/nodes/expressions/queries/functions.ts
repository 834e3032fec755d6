import type { Evaluation } from '../budget.ts'
import { sameData } from '../extensions/arguments.ts'
import { writeJson } from '../json-text.ts'
import { payForSearch } from '../members/text-search.ts'
import { isPlain } from '../values.ts'

/** `&expression`: what the query finds in one element. Made and called here only, never a value of the expression. */
type Reference = (element: unknown) => unknown
type Kind = 'any' | 'number' | 'string' | 'array' | 'object' | 'expression' | 'Array<number>' | 'Array<string>'

interface QueryFunction {
  /** Kinds that each argument may have; the last one may be repeated when `variadic`. */
  readonly takes: readonly (readonly Kind[])[]
  readonly variadic?: true
  readonly call: (args: never, evaluation: Evaluation) => unknown
}

const isNumber = (value: unknown): value is number => typeof value === 'number'
const isText = (value: unknown): value is string => typeof value === 'string'
const is: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  any: () => true,
  number: isNumber,
  string: isText,
  array: Array.isArray,
  object: isPlain,
  expression: (value) => typeof value === 'function',
  'Array<number>': (value) => Array.isArray(value) && value.every(isNumber),
  'Array<string>': (value) => Array.isArray(value) && value.every(isText),
}

type Ordered = string | number
const order = (left: Ordered, right: Ordered): number => (left < right ? -1 : left > right ? 1 : 0)
const last = <T>(list: readonly T[], compare: (left: T, right: T) => number): T | null =>
  list.length === 0 ? null : list.reduce((best, each) => (compare(each, best) > 0 ? each : best))

interface Keyed {
  readonly key: Ordered
  readonly element: unknown
}

/** Elements with what they are ordered by, which is a number of each or a text of each. */
const keyed = (list: readonly unknown[], reference: Reference): Keyed[] => {
  const made = list.map((element) => ({ key: reference(element), element }))
  if (!made.every(({ key }) => isNumber(key)) && !made.every(({ key }) => isText(key)))
    throw new Error('TypeError: expected all keys to be numbers, or all to be strings')
  return made as Keyed[]
}
const byKey = (left: Keyed, right: Keyed) => order(left.key, right.key)
const sum = (list: readonly number[]) => list.reduce((total, each) => total + each, 0)

const payForSort = (evaluation: Evaluation, list: readonly unknown[]): void =>
  evaluation.charge(list.length * Math.ceil(Math.log2(list.length + 2)) * 2)

const typeName = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)

const toNumber = (value: unknown): number | null => {
  if (isNumber(value)) return value
  const number = isText(value) && value !== '' ? Number(value) : Number.NaN
  return Number.isNaN(number) ? null : number
}

const contains = (evaluation: Evaluation, subject: string | readonly unknown[], part: unknown): boolean => {
  if (typeof subject !== 'string') return subject.some((each) => sameData(evaluation, each, part))
  if (!isText(part)) return false
  payForSearch(evaluation, subject, part)
  return subject.includes(part)
}

const functions: ReadonlyMap<string, QueryFunction> = new Map<string, QueryFunction>(
  Object.entries<QueryFunction>({
    abs: { takes: [['number']], call: ([value]: readonly number[]) => Math.abs(value!) },
    avg: { takes: [['Array<number>']], call: ([list]: readonly number[][]) => (list!.length === 0 ? null : sum(list!) / list!.length) },
    ceil: { takes: [['number']], call: ([value]: readonly number[]) => Math.ceil(value!) },
    contains: {
      takes: [['string', 'array'], ['any']],
      call: ([subject, part]: readonly [string | unknown[], unknown], evaluation) => contains(evaluation, subject, part),
    },
    ends_with: { takes: [['string'], ['string']], call: ([text, end]: readonly string[]) => text!.endsWith(end!) },
    floor: { takes: [['number']], call: ([value]: readonly number[]) => Math.floor(value!) },
    join: {
      takes: [['string'], ['Array<string>']],
      call: ([mark, list]: readonly [string, string[]], evaluation) => {
        evaluation.chargeText(list.reduce((length, each) => length + each.length + mark.length, 0))
        return list.join(mark)
      },
    },
    keys: { takes: [['object']], call: ([value]: readonly object[]) => Object.keys(value!) },
    length: {
      takes: [['string', 'array', 'object']],
      call: ([value]: readonly (string | unknown[] | object)[]) =>
        typeof value === 'string' || Array.isArray(value) ? value.length : Object.keys(value!).length,
    },
    map: {
      takes: [['expression'], ['array']],
      call: ([each, list]: readonly [Reference, unknown[]]) => list.map((one) => each(one) ?? null),
    },
    max: { takes: [['Array<number>', 'Array<string>']], call: ([list]: readonly Ordered[][]) => last(list!, order) },
    max_by: {
      takes: [['array'], ['expression']],
      call: ([list, each]: readonly [unknown[], Reference]) => last(keyed(list, each), byKey)?.element ?? null,
    },
    merge: {
      takes: [['object']],
      variadic: true,
      call: (objects: readonly Record<string, unknown>[]) => Object.fromEntries(objects.flatMap((each) => Object.entries(each))),
    },
    min: {
      takes: [['Array<number>', 'Array<string>']],
      call: ([list]: readonly Ordered[][]) => last(list!, (left, right) => order(right, left)),
    },
    min_by: {
      takes: [['array'], ['expression']],
      call: ([list, each]: readonly [unknown[], Reference]) =>
        last(keyed(list, each), (left, right) => byKey(right, left))?.element ?? null,
    },
    not_null: { takes: [['any']], variadic: true, call: (values: readonly unknown[]) => values.find((each) => each !== null) ?? null },
    reverse: {
      takes: [['string', 'array']],
      call: ([value]: readonly (string | unknown[])[], evaluation) => {
        evaluation.chargeList(value!.length)
        return typeof value === 'string' ? [...value].reverse().join('') : value!.toReversed()
      },
    },
    sort: {
      takes: [['Array<string>', 'Array<number>']],
      call: ([list]: readonly Ordered[][], evaluation) => {
        payForSort(evaluation, list!)
        return list!.toSorted(order)
      },
    },
    sort_by: {
      takes: [['array'], ['expression']],
      call: ([list, each]: readonly [unknown[], Reference], evaluation) => {
        payForSort(evaluation, list)
        return keyed(list, each)
          .toSorted(byKey)
          .map(({ element }) => element)
      },
    },
    starts_with: { takes: [['string'], ['string']], call: ([text, start]: readonly string[]) => text!.startsWith(start!) },
    sum: { takes: [['Array<number>']], call: ([list]: readonly number[][]) => sum(list!) },
    to_array: { takes: [['any']], call: ([value]: readonly unknown[]) => (Array.isArray(value) ? value : [value]) },
    to_number: { takes: [['any']], call: ([value]: readonly unknown[]) => toNumber(value) },
    to_string: {
      takes: [['any']],
      call: ([value]: readonly unknown[], evaluation) => (isText(value) ? value : writeJson(evaluation, value)),
    },
    type: { takes: [['any']], call: ([value]: readonly unknown[]) => typeName(value) },
    values: { takes: [['object']], call: ([value]: readonly object[]) => Object.values(value!) },
  }),
)

const sizeOf = (value: unknown): number => {
  if (typeof value === 'string') return value.length >>> 2
  if (Array.isArray(value)) return value.length
  return isPlain(value) ? 4 * Object.keys(value).length : 1
}

/** @throws Error naming the function and what it takes */
export const callFunction = (evaluation: Evaluation, name: string, args: readonly unknown[]): unknown => {
  const found = functions.get(name)
  if (found === undefined) throw new Error(`Unknown function: ${name}()`)
  const { takes, variadic, call } = found
  if (variadic ? args.length < takes.length : args.length !== takes.length)
    throw new Error(`ArgumentError: ${name}() takes ${takes.length} argument${takes.length === 1 ? '' : 's'} but received ${args.length}`)
  for (const [index, value] of args.entries()) {
    const kinds = takes[index] ?? takes.at(-1)!
    evaluation.charge(4 + sizeOf(value))
    if (!kinds.some((kind) => is[kind](value)))
      throw new Error(`TypeError: ${name}() expected argument ${index + 1} to be type ${kinds.join()}`)
  }
  return call(args as never, evaluation)
}
