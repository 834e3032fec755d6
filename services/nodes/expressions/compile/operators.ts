import { type Evaluation, limits } from '../budget.ts'
import { looselyEqual, numberOf, type Primitive, payForBigInt, strictlyEqual, toKey, toNumber, toPrimitive, toText } from '../coerce.ts'
import { overBudget } from '../errors.ts'
import { isFunction, isPlain, Native } from '../values.ts'
import { getMember } from './member-access.ts'

type Operator = (evaluation: Evaluation, left: unknown, right: unknown) => unknown

const bits = (value: bigint) => value.toString(16).length * 4
const bigLimit = 2n ** BigInt(limits.bigIntBits)
const checkedBig = (value: bigint): bigint => {
  if (value >= bigLimit || value <= -bigLimit) throw overBudget(`A BigInt has more than ${limits.bigIntBits} bits`)
  return value
}

/** Size of a BigInt result is estimated before it is computed. */
const bigOperators: Record<string, (left: bigint, right: bigint) => bigint> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '**': (left, right) => {
    if (right > 10_000n || BigInt(bits(left)) * right > 4n * BigInt(limits.bigIntBits))
      throw overBudget(`A BigInt has more than ${limits.bigIntBits} bits`)
    return left ** right
  },
  '&': (left, right) => left & right,
  '|': (left, right) => left | right,
  '^': (left, right) => left ^ right,
  '<<': (left, right) => {
    if (right > BigInt(limits.bigIntBits)) throw overBudget(`A BigInt has more than ${limits.bigIntBits} bits`)
    return left << right
  },
  '>>': (left, right) => {
    if (right < -BigInt(limits.bigIntBits)) throw overBudget(`A BigInt has more than ${limits.bigIntBits} bits`)
    return left >> right
  },
}

const numberOperators: Record<string, (left: number, right: number) => number> = {
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '**': (left, right) => left ** right,
  '&': (left, right) => left & right,
  '|': (left, right) => left | right,
  '^': (left, right) => left ^ right,
  '<<': (left, right) => left << right,
  '>>': (left, right) => left >> right,
  '>>>': (left, right) => left >>> right,
}

const onBigInts = (evaluation: Evaluation, operator: (left: bigint, right: bigint) => bigint, left: bigint, right: bigint): bigint => {
  payForBigInt(evaluation, left)
  payForBigInt(evaluation, right)
  return checkedBig(operator(left, right))
}

const addBigInts = (left: bigint, right: bigint): bigint => left + right

const arithmetic = (symbol: string): Operator => {
  const onNumbers = numberOperators[symbol]!
  const onBig = bigOperators[symbol]
  return (evaluation, left, right) => {
    if (typeof left === 'number' && typeof right === 'number') return onNumbers(left, right)
    const a = toPrimitive(evaluation, left, 'number')
    const b = toPrimitive(evaluation, right, 'number')
    if (typeof a === 'bigint' && typeof b === 'bigint' && onBig !== undefined) return onBigInts(evaluation, onBig, a, b)
    if (typeof a === 'bigint' || typeof b === 'bigint') throw new TypeError('Cannot mix BigInt and other types')
    return onNumbers(numberOf(evaluation, a), numberOf(evaluation, b))
  }
}

const add: Operator = (evaluation, left, right) => {
  if (typeof left === 'number' && typeof right === 'number') return left + right
  const a = toPrimitive(evaluation, left, left instanceof Date ? 'string' : 'number')
  const b = toPrimitive(evaluation, right, right instanceof Date ? 'string' : 'number')
  if (typeof a === 'string' || typeof b === 'string') {
    const first = toText(evaluation, a)
    const second = toText(evaluation, b)
    evaluation.chargeText(first.length + second.length)
    return first + second
  }
  if (typeof a === 'bigint' && typeof b === 'bigint') return onBigInts(evaluation, addBigInts, a, b)
  if (typeof a === 'bigint' || typeof b === 'bigint') throw new TypeError('Cannot mix BigInt and other types')
  return numberOf(evaluation, a) + numberOf(evaluation, b)
}

/** Two texts are read as far as the shorter goes; a text beside a number is read as a numeral. */
const payForComparison = (evaluation: Evaluation, left: Primitive, right: Primitive): void => {
  if (typeof left === 'string' && typeof right === 'string') {
    const length = Math.min(left.length, right.length)
    if (length > 256) evaluation.charge(length >>> 6)
  } else if (typeof left === 'string') evaluation.charge(left.length >>> 4)
  else if (typeof right === 'string') evaluation.charge(right.length >>> 4)
}

const comparison = (compare: (left: never, right: never) => boolean): Operator => {
  const on = compare as unknown as (left: unknown, right: unknown) => boolean
  return (evaluation, left, right) => {
    if (typeof left === 'number' && typeof right === 'number') return on(left, right)
    const a = toPrimitive(evaluation, left, 'number')
    const b = toPrimitive(evaluation, right, 'number')
    payForComparison(evaluation, a, b)
    return on(a, b)
  }
}

const contains: Operator = (evaluation, key, object) => {
  if (typeof object !== 'object' || object === null) throw new TypeError("Cannot use 'in' operator")
  const name = toKey(evaluation, key)
  if (Array.isArray(object) || isPlain(object)) return Object.hasOwn(object, name)
  return getMember(evaluation, object, name) !== undefined
}

const instance: Operator = (_, value, type) => {
  if (!(type instanceof Native) || type.isInstance === undefined) throw new TypeError("Right-hand side of 'instanceof' is not callable")
  return type.isInstance(value)
}

/** The host's `<` and its like, applied to primitives only. */
export const binaryOperators: Readonly<Record<string, Operator>> = {
  '+': add,
  ...Object.fromEntries(Object.keys(numberOperators).map((symbol) => [symbol, arithmetic(symbol)])),
  '<': comparison((left: number, right: number) => left < right),
  '>': comparison((left: number, right: number) => left > right),
  '<=': comparison((left: number, right: number) => left <= right),
  '>=': comparison((left: number, right: number) => left >= right),
  '===': strictlyEqual,
  '!==': (evaluation, left, right) => !strictlyEqual(evaluation, left, right),
  '==': looselyEqual,
  '!=': (evaluation, left, right) => !looselyEqual(evaluation, left, right),
  in: contains,
  instanceof: instance,
}

const typeName = (value: unknown): string => {
  if (typeof value !== 'object') return typeof value
  return isFunction(value) ? 'function' : 'object'
}

const negate = (evaluation: Evaluation, value: unknown) => {
  const primitive = toPrimitive(evaluation, value, 'number')
  return typeof primitive === 'bigint' ? -primitive : -numberOf(evaluation, primitive)
}

const invert = (evaluation: Evaluation, value: unknown) => {
  const primitive = toPrimitive(evaluation, value, 'number')
  return typeof primitive === 'bigint' ? checkedBig(~primitive) : ~numberOf(evaluation, primitive)
}

export const unaryOperators: Readonly<Record<string, (evaluation: Evaluation, value: unknown) => unknown>> = {
  '!': (_, value) => !value,
  '-': negate,
  '+': toNumber,
  '~': invert,
  typeof: (_, value) => typeName(value),
  void: () => undefined,
}

/** `value + step` of an update, for numbers and BigInts. */
export const stepBy = (
  evaluation: Evaluation,
  value: unknown,
  step: 1 | -1,
): { readonly before: number | bigint; readonly after: number | bigint } => {
  const primitive = toPrimitive(evaluation, value, 'number')
  if (typeof primitive === 'bigint') return { before: primitive, after: checkedBig(primitive + BigInt(step)) }
  const before = numberOf(evaluation, primitive)
  return { before, after: before + step }
}

/** Text of a template literal's parts. */
export const concatenate = (evaluation: Evaluation, words: readonly string[], values: readonly unknown[]): string => {
  let text = words[0] ?? ''
  for (let index = 0; index < values.length; index++) {
    const value = toText(evaluation, values[index])
    evaluation.chargeText(text.length + value.length)
    text += value + (words[index + 1] ?? '')
  }
  return text
}
