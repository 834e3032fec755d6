import type { Evaluation } from '../budget.ts'
import { toText } from '../coerce.ts'
import { isPlain, type NativeCall } from '../values.ts'

export const undefinedResult: NativeCall = () => undefined

/** A text argument; `fallback` when absent. */
export const textOr = (evaluation: Evaluation, value: unknown, fallback: string): string =>
  value === undefined ? fallback : toText(evaluation, value)

export const isBlank = (value: unknown): boolean => value === undefined || value === null || value === '' || value === 'nil'

/** Equality of data by content. @throws WeConnectError EXPRESSION_BUDGET */
export const sameData = (evaluation: Evaluation, left: unknown, right: unknown): boolean => {
  evaluation.charge(1)
  evaluation.chargeReading(left)
  if (Object.is(left, right)) return true
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((each, index) => sameData(evaluation, each, right[index]))
  if (!isPlain(left) || !isPlain(right)) return false
  const keys = Object.keys(left)
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && sameData(evaluation, left[key], right[key]))
  )
}
