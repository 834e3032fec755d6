import type { Evaluation } from '../budget.ts'
import { limits } from '../budget.ts'
import { numberOf, payForBigInt, toNumber, toPrimitive, toText } from '../coerce.ts'
import { overBudget } from '../errors.ts'
import { type Arguments, members, Native, type NativeCall } from '../values.ts'

const text: NativeCall = (evaluation, _, args) =>
  typeof args[0] === 'symbol' ? String(args[0]) : args.length === 0 ? '' : toText(evaluation, args[0])

const characters =
  (from: (...codes: number[]) => string): NativeCall =>
  (evaluation, _, args) => {
    evaluation.chargeList(args.length)
    return from(...args.map((code) => toNumber(evaluation, code)))
  }

/** `new String(x)` is a plain text here: wrappers only ever confused people. */
export const stringConstructor = new Native('String', text, {
  construct: (evaluation, args) => text(evaluation, undefined, args),
  isInstance: () => false,
  statics: members({ fromCharCode: characters(String.fromCharCode), fromCodePoint: characters(String.fromCodePoint) }),
})

const number: NativeCall = (evaluation, _, args) => {
  if (args.length === 0) return 0
  const primitive = toPrimitive(evaluation, args[0], 'number')
  if (typeof primitive === 'bigint') payForBigInt(evaluation, primitive)
  return numberOf(evaluation, primitive)
}

const numeral = (evaluation: Evaluation, value: unknown): string => {
  const digits = toText(evaluation, value)
  evaluation.charge(digits.length >>> 4)
  return digits
}

export const readFloat: NativeCall = (evaluation, _, [value]) => Number.parseFloat(numeral(evaluation, value))
export const readInteger: NativeCall = (evaluation, _, [value, radix]) =>
  Number.parseInt(numeral(evaluation, value), radix === undefined ? undefined : toNumber(evaluation, radix))

const numberChecks = { isFinite: Number.isFinite, isInteger: Number.isInteger, isNaN: Number.isNaN, isSafeInteger: Number.isSafeInteger }
const numberConstants = [
  'EPSILON',
  'MAX_SAFE_INTEGER',
  'MAX_VALUE',
  'MIN_SAFE_INTEGER',
  'MIN_VALUE',
  'NaN',
  'NEGATIVE_INFINITY',
  'POSITIVE_INFINITY',
] as const

export const numberConstructor = new Native('Number', number, {
  construct: (evaluation, args) => number(evaluation, undefined, args),
  isInstance: () => false,
  statics: members(
    {
      ...Object.fromEntries(
        Object.entries(numberChecks).map(([name, check]): [string, NativeCall] => [name, (_evaluation, _self, [value]) => check(value)]),
      ),
      parseFloat: readFloat,
      parseInt: readInteger,
    },
    Object.fromEntries(numberConstants.map((name) => [name, () => Number[name]])),
  ),
})

export const booleanConstructor = new Native('Boolean', (_evaluation, _self, [value]) => Boolean(value), {
  construct: (_, [value]) => Boolean(value),
  isInstance: () => false,
})

const maxDigits = limits.bigIntBits / 3

const bigint: NativeCall = (evaluation, _, [value]) => {
  const primitive = toPrimitive(evaluation, value, 'number')
  if (typeof primitive === 'string' && primitive.length > maxDigits) throw overBudget(`A BigInt has more than ${limits.bigIntBits} bits`)
  if (typeof primitive === 'string') evaluation.charge(primitive.length)
  if (primitive === null || primitive === undefined || typeof primitive === 'symbol') throw new TypeError('Cannot convert to a BigInt')
  return BigInt(primitive)
}

export const bigIntConstructor = new Native('BigInt', bigint, { isInstance: () => false })

export const symbolConstructor = new Native(
  'Symbol',
  (evaluation, _, [name]) => Symbol(name === undefined ? undefined : toText(evaluation, name)),
  { isInstance: () => false },
)

const components = (evaluation: Evaluation, args: Arguments): number => {
  const [year = Number.NaN, month = 0, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0] = args
    .slice(0, 7)
    .map((value) => toNumber(evaluation, value))
  return new Date(year, month, day, hour, minute, second, millisecond).getTime()
}

const newDate = (evaluation: Evaluation, args: Arguments): Date => {
  if (args.length === 0) return new Date(Date.parse(evaluation.scope.now))
  if (args.length > 1) return new Date(components(evaluation, args))
  if (args[0] instanceof Date) return new Date(args[0].getTime())
  const primitive = toPrimitive(evaluation, args[0], 'number')
  return new Date(typeof primitive === 'string' ? primitive.slice(0, 200) : Number(primitive))
}

const utc: NativeCall = (evaluation, _, args) => {
  const [year = Number.NaN, ...rest] = args.slice(0, 7).map((value) => toNumber(evaluation, value))
  return Date.UTC(year, ...(rest as [number]))
}

/** Now is the recorded time of the step. */
export const dateConstructor = new Native('Date', (evaluation) => String(new Date(Date.parse(evaluation.scope.now))), {
  construct: newDate,
  isInstance: (value) => value instanceof Date,
  statics: members({
    now: (evaluation) => Date.parse(evaluation.scope.now),
    parse: (evaluation, _, [value]) => Date.parse(toText(evaluation, value).slice(0, 200)),
    UTC: utc,
  }),
})
