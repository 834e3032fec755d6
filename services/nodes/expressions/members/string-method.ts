import type { Evaluation } from '../budget.ts'
import { toInteger, toText } from '../coerce.ts'
import type { Arguments, NativeCall } from '../values.ts'
import { payForSearch } from './text-search.ts'

/** A method of texts. */
export type Method = (evaluation: Evaluation, text: string, args: Arguments) => unknown

export const on =
  (method: Method): NativeCall =>
  (evaluation, self, args) =>
    method(evaluation, toText(evaluation, self), args)

/** Copies out of the text, paid by length. */
export const paid =
  (method: Method): NativeCall =>
  (evaluation, self, args) => {
    const text = toText(evaluation, self)
    evaluation.chargeText(text.length)
    return method(evaluation, text, args)
  }

export const optionalInteger = (evaluation: Evaluation, value: unknown) => (value === undefined ? undefined : toInteger(evaluation, value))

export const search =
  (method: (text: string, part: string, from: number | undefined) => unknown): NativeCall =>
  (evaluation, self, [value, from]) => {
    const text = toText(evaluation, self)
    const part = toText(evaluation, value)
    payForSearch(evaluation, text, part)
    return method(text, part, optionalInteger(evaluation, from))
  }
