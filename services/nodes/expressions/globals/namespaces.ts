import type { Evaluation } from '../budget.ts'
import { toNumber, toText } from '../coerce.ts'
import { parseJson, writeJson } from '../json-text.ts'
import { callback, Facade, isFunction, members, type NativeCall } from '../values.ts'

const functions = [
  'abs',
  'acos',
  'acosh',
  'asin',
  'asinh',
  'atan',
  'atan2',
  'atanh',
  'cbrt',
  'ceil',
  'clz32',
  'cos',
  'cosh',
  'exp',
  'expm1',
  'floor',
  'fround',
  'hypot',
  'imul',
  'log',
  'log10',
  'log1p',
  'log2',
  'max',
  'min',
  'pow',
  'round',
  'sign',
  'sin',
  'sinh',
  'sqrt',
  'tan',
  'tanh',
  'trunc',
] as const
const constants = ['E', 'LN10', 'LN2', 'LOG10E', 'LOG2E', 'PI', 'SQRT1_2', 'SQRT2'] as const

const numeric =
  (name: (typeof functions)[number]): NativeCall =>
  (evaluation, _, args) => {
    evaluation.charge(args.length)
    return (Math[name] as (...values: number[]) => number)(...args.map((value) => toNumber(evaluation, value)))
  }

export const math = new Facade(
  members(
    { ...Object.fromEntries(functions.map((name) => [name, numeric(name)])), random: (evaluation) => evaluation.scope.random() },
    Object.fromEntries(constants.map((name) => [name, () => Math[name]])),
  ),
)

const revive = (evaluation: Evaluation, value: unknown, reviver: unknown): unknown => {
  const each = callback(evaluation, reviver)
  return JSON.parse(JSON.stringify(value), (key, child: unknown) => each(key, child))
}

export const json = new Facade(
  members({
    parse: (evaluation, _, [value, reviver]) => {
      const text = toText(evaluation, value)
      evaluation.chargeText(text.length)
      evaluation.charge(text.length >>> 2)
      const parsed = parseJson(text)
      return isFunction(reviver) ? revive(evaluation, parsed, reviver) : parsed
    },
    stringify: (evaluation, _, [value, replacer, space]) => writeJson(evaluation, value, replacer, space),
  }),
)
