import type { Evaluation } from '../budget.ts'
import { payForBigInt, toInteger, toText } from '../coerce.ts'
import { type Arguments, members, type NativeCall } from '../values.ts'
import { intlArguments } from './intl.ts'

const on =
  (method: (evaluation: Evaluation, value: number, args: Arguments) => unknown): NativeCall =>
  (evaluation, self, args) => {
    if (typeof self !== 'number') throw new TypeError('not a number')
    return method(evaluation, self, args)
  }

const optional = (evaluation: Evaluation, value: unknown) => (value === undefined ? undefined : toInteger(evaluation, value))

export const numberMethods = members({
  toExponential: on((evaluation, value, [digits]) => value.toExponential(optional(evaluation, digits))),
  toFixed: on((evaluation, value, [digits]) => value.toFixed(optional(evaluation, digits))),
  toPrecision: on((evaluation, value, [digits]) => value.toPrecision(optional(evaluation, digits))),
  toString: on((evaluation, value, [radix]) => value.toString(optional(evaluation, radix))),
  toLocaleString: on((evaluation, value, args) => {
    const { locale, options } = intlArguments(evaluation, args)
    return value.toLocaleString(locale, options)
  }),
  valueOf: on((_, value) => value),
})

const text: NativeCall = (_, self) => String(self)
const self: NativeCall = (_, value) => value

export const booleanMethods = members({ toString: text, valueOf: self })

export const bigIntMethods = members({
  toString: (evaluation, value, [radix]) => {
    payForBigInt(evaluation, value as bigint)
    return (value as bigint).toString(optional(evaluation, radix))
  },
  toLocaleString: (evaluation, value) => toText(evaluation, value),
  valueOf: self,
})

export const symbolMethods = members({ toString: text, valueOf: self }, { description: (_, value) => (value as symbol).description })
