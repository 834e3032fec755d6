import type { Evaluation } from '../budget.ts'
import { toInteger, toKey, toText } from '../coerce.ts'
import { failed } from '../errors.ts'
import { isForbidden } from '../forbidden-names.ts'
import { toList } from '../iterate.ts'
import { makeRegExp, writtenAs } from '../patterns/regex.ts'
import { type ErrorName, errorNames, isErrorOf, namedError } from '../user-errors.ts'
import { type Arguments, call, Facade, isPlain, members, Native, type NativeCall } from '../values.ts'

/** Own enumerable entries of data. */
const entriesOf = (evaluation: Evaluation, value: unknown): [string, unknown][] => {
  if (value === null || value === undefined) throw new TypeError('Cannot convert undefined or null to object')
  if (value instanceof Facade) return value.listed.map((name) => [name, value.members.properties.get(name)?.(evaluation, value)])
  if (typeof value !== 'string' && !Array.isArray(value) && !isPlain(value)) return []
  if (typeof value === 'string') evaluation.charge(value.length * 8)
  const entries = Object.entries(value)
  evaluation.chargeList(entries.length)
  return entries
}

const fill = (
  evaluation: Evaluation,
  into: Record<string, unknown>,
  entries: readonly (readonly [string, unknown])[],
): Record<string, unknown> => {
  evaluation.charge(entries.length)
  for (const [key, value] of entries) if (!isForbidden(key)) into[key] = value
  return into
}

const assign: NativeCall = (evaluation, _, [target, ...sources]) => {
  if (!evaluation.copiesInput) throw failed('Input cannot be changed')
  if (!isPlain(target)) throw new TypeError('Object.assign needs an object')
  for (const source of sources) if (source !== null && source !== undefined) fill(evaluation, target, entriesOf(evaluation, source))
  return target
}

const fromEntries: NativeCall = (evaluation, _, [list]) =>
  fill(
    evaluation,
    {},
    toList(evaluation, list).map((pair) => {
      const [key, value] = toList(evaluation, pair)
      return [toKey(evaluation, key), value] as const
    }),
  )

const groupBy: NativeCall = (evaluation, _, [list, callee]) => {
  const groups: Record<string, unknown[]> = {}
  toList(evaluation, list).forEach((element, index) => {
    const key = toKey(evaluation, call(evaluation, callee, [element, index]))
    if (Object.hasOwn(groups, key)) groups[key]!.push(element)
    else groups[key] = [element]
  })
  return groups
}

const plainObject = (_: Evaluation, [value]: Arguments): unknown => (value === undefined || value === null ? {} : value)

/** Freezing changes nothing here: what an expression made is gone when it ends. */
const same: NativeCall = (_evaluation, _self, [value]) => value

export const objectConstructor = new Native('Object', (evaluation, _, args) => plainObject(evaluation, args), {
  construct: plainObject,
  isInstance: (value) => typeof value === 'object' && value !== null,
  statics: members({
    assign,
    entries: (evaluation, _, [value]) => entriesOf(evaluation, value),
    freeze: same,
    fromEntries,
    groupBy,
    hasOwn: (evaluation, _, [value, key]) => {
      const wanted = toKey(evaluation, key)
      return entriesOf(evaluation, value).some(([name]) => name === wanted)
    },
    is: (_evaluation, _self, [left, right]) => Object.is(left, right),
    isFrozen: () => false,
    keys: (evaluation, _, [value]) => entriesOf(evaluation, value).map(([key]) => key),
    seal: same,
    values: (evaluation, _, [value]) => entriesOf(evaluation, value).map(([, value]) => value),
  }),
})

const newArray = (evaluation: Evaluation, args: Arguments): unknown[] => {
  const [length] = args
  if (args.length !== 1 || typeof length !== 'number') return [...args]
  if (!Number.isInteger(length) || length < 0) throw new RangeError('Invalid array length')
  evaluation.chargeList(length)
  return Array.from({ length }, () => undefined)
}

const lengthOf = (evaluation: Evaluation, source: unknown): number =>
  isPlain(source) && Object.hasOwn(source, 'length') ? Math.max(0, toInteger(evaluation, source['length'])) : 0

const from: NativeCall = (evaluation, _, [source, callee]) => {
  const list = isPlain(source)
    ? newArray(evaluation, [lengthOf(evaluation, source)]).map((_element, index) => source[String(index)])
    : [...toList(evaluation, source)]
  return callee === undefined ? list : list.map((element, index) => call(evaluation, callee, [element, index]))
}

export const arrayConstructor = new Native('Array', (evaluation, _, args) => newArray(evaluation, args), {
  construct: newArray,
  isInstance: Array.isArray,
  statics: members({ from, isArray: (_evaluation, _self, [value]) => Array.isArray(value), of: (_evaluation, _self, args) => [...args] }),
})

const noCall =
  (name: string): NativeCall =>
  () => {
    throw new TypeError(`Constructor ${name} requires 'new'`)
  }

const newMap = (evaluation: Evaluation, [source]: Arguments) =>
  new Map(
    source === undefined || source === null
      ? []
      : toList(evaluation, source).map((pair) => {
          const [key, value] = toList(evaluation, pair)
          evaluation.chargeReading(key)
          return [key, value] as const
        }),
  )

export const mapConstructor = new Native('Map', noCall('Map'), { construct: newMap, isInstance: (value) => value instanceof Map })

export const setConstructor = new Native('Set', noCall('Set'), {
  construct: (evaluation, [source]) => {
    const list = source === undefined || source === null ? [] : toList(evaluation, source)
    for (const each of list) evaluation.chargeReading(each)
    return new Set(list)
  },
  isInstance: (value) => value instanceof Set,
})

const newRegExp = (evaluation: Evaluation, [source, flags]: Arguments): RegExp => {
  const written =
    source instanceof RegExp ? writtenAs(source) : { source: source === undefined ? '' : toText(evaluation, source), flags: '' }
  return makeRegExp(evaluation, written.source, flags === undefined ? written.flags : toText(evaluation, flags))
}

export const regexpConstructor = new Native('RegExp', (evaluation, _, args) => newRegExp(evaluation, args), {
  construct: newRegExp,
  isInstance: (value) => value instanceof RegExp,
})

const newError =
  (name: ErrorName) =>
  (evaluation: Evaluation, [message]: Arguments): Error => {
    // The host writes down where an error was made.
    evaluation.charge(100)
    return namedError(name, message === undefined ? '' : toText(evaluation, message))
  }

export const errorConstructors = errorNames.map(
  (name) =>
    new Native(name, (evaluation, _, args) => newError(name)(evaluation, args), {
      construct: newError(name),
      isInstance: (value) => isErrorOf(name, value),
    }),
)

export const urlConstructor = new Native('URL', noCall('URL'), {
  construct: (evaluation, [text, base]) =>
    new URL(evaluation.text(toText(evaluation, text)), base === undefined ? undefined : toText(evaluation, base)),
  isInstance: (value) => value instanceof URL,
  statics: members({ canParse: (evaluation, _, [text]) => URL.canParse(toText(evaluation, text)) }),
})

const searchSource = (evaluation: Evaluation, source: unknown): string | [string, string][] => {
  if (source === undefined || source === null) return ''
  if (source instanceof URLSearchParams) return source.toString()
  if (!isPlain(source) && !Array.isArray(source)) return toText(evaluation, source)
  const pairs = Array.isArray(source) ? source.map((pair) => toList(evaluation, pair)) : entriesOf(evaluation, source)
  return pairs.map(([name, value]) => [toText(evaluation, name), toText(evaluation, value)])
}

export const searchConstructor = new Native('URLSearchParams', noCall('URLSearchParams'), {
  construct: (evaluation, [source]) => new URLSearchParams(searchSource(evaluation, source)),
  isInstance: (value) => value instanceof URLSearchParams,
})
