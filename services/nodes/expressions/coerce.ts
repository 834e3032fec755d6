import { DateTime, Duration, Interval } from 'luxon'
import { type Evaluation, limits } from './budget.ts'
import { overBudget } from './errors.ts'
import { checkName } from './forbidden-names.ts'
import { writtenAs } from './patterns/regex.ts'
import { Closure, call, Facade, isPlain, Native } from './values.ts'

export type Primitive = string | number | boolean | bigint | symbol | null | undefined

/** The host reads a numeral digit by digit. */
const payForNumeral = (evaluation: Evaluation, value: Primitive): Primitive => {
  if (typeof value === 'string') evaluation.charge(value.length >>> 4)
  return value
}

/** Writing a BigInt in decimal takes the square of its length. */
const decimal = (evaluation: Evaluation, value: Primitive): string => {
  if (typeof value === 'bigint') payForBigInt(evaluation, value)
  return String(value)
}

const smallBigInt = 2n ** 64n

/** Pays for an operation on a BigInt: nothing to speak of for those that a program counts with. */
export const payForBigInt = (evaluation: Evaluation, value: bigint): void => {
  if (value > smallBigInt || value < -smallBigInt) evaluation.charge(limits.bigIntBits >>> 1)
}

const isPrimitive = (value: unknown): value is Primitive => typeof value !== 'object' || value === null

const joined = (evaluation: Evaluation, list: readonly unknown[], depth: number): string => {
  if (depth > limits.valueDepth) throw overBudget('A value is nested too deep')
  evaluation.charge(list.length)
  const parts: string[] = []
  let length = 0
  for (const element of list) {
    const part = element === null || element === undefined ? '' : toText(evaluation, element, depth + 1)
    length += part.length + 1
    evaluation.chargeText(length)
    parts.push(part)
  }
  return parts.join(',')
}

const own = (value: Record<string, unknown>, name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined)

/** What the user's own valueOf or toString says; each is called once. */
const ofPlain = (evaluation: Evaluation, value: Record<string, unknown>, hint: 'string' | 'number'): Primitive => {
  for (const name of hint === 'string' ? ['toString', 'valueOf'] : ['valueOf', 'toString']) {
    const method = own(value, name)
    if (!(method instanceof Closure) && !(method instanceof Native)) continue
    const result = call(evaluation, method, [], value)
    if (isPrimitive(result)) return result
  }
  return '[object Object]'
}

const errorText = (error: Error) => (error.message === '' ? error.name : `${error.name}: ${error.message}`)

/** The host's ToPrimitive without ever calling a member of the value's own. */
export const toPrimitive = (evaluation: Evaluation, value: unknown, hint: 'string' | 'number', depth = 0): Primitive => {
  if (isPrimitive(value)) return value
  if (Array.isArray(value)) return joined(evaluation, value, depth)
  if (isPlain(value)) return ofPlain(evaluation, value, hint)
  if (value instanceof Date) return hint === 'string' ? Date.prototype.toString.call(value) : value.getTime()
  if (DateTime.isDateTime(value)) return hint === 'string' ? String(value) : value.toMillis()
  if (Duration.isDuration(value)) return hint === 'string' ? String(value) : value.toMillis()
  if (Interval.isInterval(value)) return value.toString()
  if (value instanceof Error) return errorText(value)
  if (value instanceof RegExp) return `/${writtenAs(value).source}/${writtenAs(value).flags}`
  if (value instanceof URL || value instanceof URLSearchParams) return evaluation.text(value.toString())
  if (value instanceof Closure || value instanceof Native) return `function ${value.name}() { [native code] }`
  if (value instanceof Facade) return '[object Object]'
  if (value instanceof Map) return '[object Map]'
  return value instanceof Set ? '[object Set]' : '[object Object]'
}

export const toText = (evaluation: Evaluation, value: unknown, depth = 0): string => {
  if (typeof value === 'string') return value
  return decimal(evaluation, toPrimitive(evaluation, value, 'string', depth))
}

/** A property key, made a string once. @throws WeConnectError EXPRESSION_FAILED for a forbidden name */
export const toKey = (evaluation: Evaluation, value: unknown): string =>
  typeof value === 'number' ? String(value) : checkName(toText(evaluation, value))

/** @throws TypeError for a symbol or a bigint */
export const toNumber = (evaluation: Evaluation, value: unknown): number => {
  if (typeof value === 'number') return value
  return numberOf(evaluation, toPrimitive(evaluation, value, 'number'))
}

/** A primitive as a number. @throws TypeError for a symbol */
export const numberOf = (evaluation: Evaluation, value: Primitive): number => Number(payForNumeral(evaluation, value))

/** An integer argument; `fallback` when absent. */
export const toInteger = (evaluation: Evaluation, value: unknown, fallback = 0): number => {
  if (value === undefined) return fallback
  const number = Math.trunc(toNumber(evaluation, value))
  return Number.isNaN(number) ? 0 : number
}

// biome-ignore lint/suspicious/noDoubleEquals: this is the `==` of the expression itself, on primitives only.
const samePrimitives = (left: Primitive, right: Primitive): boolean => left == right

const equalPrimitives = (evaluation: Evaluation, left: Primitive, right: Primitive): boolean => {
  if (typeof left === 'string') payForNumeral(evaluation, left)
  if (typeof right === 'string') payForNumeral(evaluation, right)
  return samePrimitives(left, right)
}

/** `===`, which for two long texts reads them. */
export const strictlyEqual = (evaluation: Evaluation, left: unknown, right: unknown): boolean => {
  if (typeof left === 'string' && left.length > 256 && typeof right === 'string' && left.length === right.length)
    evaluation.chargeReading(left)
  return left === right
}

export const looselyEqual = (evaluation: Evaluation, left: unknown, right: unknown): boolean => {
  if (isPrimitive(left) && isPrimitive(right)) return equalPrimitives(evaluation, left, right)
  if (isPrimitive(left))
    return (
      left !== null &&
      left !== undefined &&
      equalPrimitives(evaluation, left, toPrimitive(evaluation, right, right instanceof Date ? 'string' : 'number'))
    )
  if (isPrimitive(right)) return looselyEqual(evaluation, right, left)
  return left === right
}
