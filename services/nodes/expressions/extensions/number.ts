import type { Evaluation } from '../budget.ts'
import { toInteger } from '../coerce.ts'
import { failed } from '../errors.ts'
import { intlArguments } from '../members/intl.ts'
import { type Arguments, members, type NativeCall } from '../values.ts'
import { textOr } from './arguments.ts'
import { fromNumber } from './to-date-time.ts'

const on =
  (method: (value: number, args: Arguments, evaluation: Evaluation) => unknown): NativeCall =>
  (evaluation, self, args) => {
    if (typeof self !== 'number') throw new TypeError('not a number')
    return method(self, args, evaluation)
  }

const integer = (name: string, value: number): number => {
  if (!Number.isInteger(value)) throw failed(`${name}() is only callable on integers`)
  return value
}

const round = (value: number, places: number): number => Number(value.toFixed(Math.min(Math.max(places, 0), 100)))

const format: NativeCall = on((value, args, evaluation) => {
  const { locale, options } = intlArguments(evaluation, args)
  return value.toLocaleString(locale, options)
})

/** n8n's methods of numbers. */
export const numberExtensions = members({
  abs: on((value) => Math.abs(value)),
  ceil: on((value) => Math.ceil(value)),
  floor: on((value) => Math.floor(value)),
  format,
  isBlank: on((value) => Number.isNaN(value)),
  isEmpty: on(() => false),
  isEven: on((value) => integer('isEven', value) % 2 === 0),
  isInteger: on((value) => Number.isInteger(value)),
  isNotEmpty: on(() => true),
  isOdd: on((value) => Math.abs(integer('isOdd', value) % 2) === 1),
  isPresent: on((value) => !Number.isNaN(value)),
  round: on((value, [places], evaluation) => round(value, toInteger(evaluation, places))),
  toBoolean: on((value) => value !== 0),
  toDateTime: on((value, [unit], evaluation) => fromNumber(evaluation, value, textOr(evaluation, unit, 'ms'))),
  toFloat: on((value) => value),
  toInt: on((value) => round(value, 0)),
  toJsonString: on((value) => JSON.stringify(value)),
  toNumber: on((value) => value),
})
