import type { Evaluation } from '../budget.ts'
import { toInteger, toKey, toNumber, toText } from '../coerce.ts'
import { failed } from '../errors.ts'
import { search } from '../queries/search.ts'
import { parseQuery } from '../queries/tree.ts'
import { isPlain, type NativeCall } from '../values.ts'

const isEmptyValue = (value: unknown): boolean => {
  if (value === undefined || value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return isPlain(value) && Object.keys(value).length === 0
}

const ifEmpty: NativeCall = (_evaluation, _self, args) => {
  if (args.length !== 2) throw failed('expected two arguments (value, defaultValue) for this function')
  return isEmptyValue(args[0]) ? args[1] : args[0]
}

/** Without a value for the other case, that is false. */
const choose: NativeCall = (_evaluation, _self, args) => {
  if (args.length < 2) throw failed('$if requires at least 2 parameters: test, value_if_true[, and value_if_false]')
  const [condition, yes, no] = args
  if (condition) return yes
  return args.length === 2 ? false : no
}

const numeric =
  (combine: (values: readonly number[]) => unknown): NativeCall =>
  (evaluation, _, args) => {
    evaluation.chargeList(args.length)
    return combine(args.map((value) => toNumber(evaluation, value)))
  }

const max = numeric((values) => Math.max(...values))
const min = numeric((values) => Math.min(...values))
const average = numeric((values) => values.reduce((total, each) => total + each, 0) / values.length)
const not: NativeCall = (_evaluation, _self, [value]) => !value

const numberList = (evaluation: Evaluation, from: number, to: number): number[] => {
  const length = Math.abs(to - from) + 1
  evaluation.chargeList(length)
  return Array.from({ length }, (_, index) => (from <= to ? from + index : from - index))
}

const zip: NativeCall = (evaluation, _, [keys, values]) => {
  if (!Array.isArray(keys) || !Array.isArray(values) || keys.length !== values.length) throw failed('keys and values not of equal length')
  evaluation.chargeList(keys.length)
  return Object.fromEntries(keys.map((key, index) => [toKey(evaluation, key), values[index]]))
}

/** A value that a model would choose; without one, the default that the author gave. */
const fromAi: NativeCall = (_evaluation, _self, [name, , , fallback]) => {
  if (typeof name !== 'string' || !/^[\w-]{1,64}$/.test(name))
    throw failed('Invalid parameter key, must be between 1 and 64 characters long')
  return fallback
}

/** `$jmespath(data, query)` */
const jmespath: NativeCall = (evaluation, _, [data, query]) => {
  if (typeof data !== 'object' || data === null || typeof query !== 'string')
    throw failed('expected two arguments (Object, string) for this function')
  evaluation.charge(100 + 50 * query.length)
  return search(evaluation, parseQuery(query), data)
}

/** `$evaluateExpression(text, item?)`: evaluates what its author asks to be evaluated, within the same grammar and budget. */
const evaluateExpression: NativeCall = (evaluation, _, [text, item]) => {
  const source = `=${toText(evaluation, text)}`
  evaluation.charge(1_000 + 50 * source.length)
  return item === undefined ? evaluation.evaluateText(source) : evaluation.evaluateTextFor(source, toInteger(evaluation, item))
}

export const conditionals: Record<string, NativeCall> = {
  $if: choose,
  $ifEmpty: ifEmpty,
  $not: not,
  not,
  ifEmpty,
  $max: max,
  $min: min,
  $average: average,
  max,
  min,
  average,
}

export const lists: Record<string, NativeCall> = {
  numberList: (evaluation, _, [from, to]) => numberList(evaluation, toInteger(evaluation, from), toInteger(evaluation, to)),
  $numberList: (evaluation, _, [from, to]) => numberList(evaluation, toInteger(evaluation, from), toInteger(evaluation, to)),
  zip,
  $zip: zip,
  $jmespath: jmespath,
  $jmesPath: jmespath,
  $evaluateExpression: evaluateExpression,
  $fromAI: fromAi,
  $fromAi: fromAi,
  $fromai: fromAi,
}
