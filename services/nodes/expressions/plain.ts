import type { JsonValue } from '@weconnect/contracts/json'
import { DateTime, Duration, Interval } from 'luxon'
import { type Evaluation, limits } from './budget.ts'
import { toText } from './coerce.ts'
import { overBudget } from './errors.ts'
import { isForbidden } from './forbidden-names.ts'
import { writtenAs } from './patterns/regex.ts'
import { Closure, Facade, isPlain, Native } from './values.ts'

const isoOf = (date: Date): string | null => (Number.isNaN(date.getTime()) ? null : date.toISOString())

const ofFacade = (evaluation: Evaluation, value: Facade, depth: number): JsonValue =>
  copyEntries(
    evaluation,
    value.listed.map((name) => [name, value.members.properties.get(name)?.(evaluation, value)]),
    depth,
  )

const copyEntries = (evaluation: Evaluation, entries: readonly (readonly [string, unknown])[], depth: number): JsonValue => {
  evaluation.charge(4 * entries.length + 4)
  const copy: Record<string, JsonValue> = {}
  for (const [key, value] of entries) {
    const plain = isForbidden(key) ? undefined : toPlain(evaluation, value, depth + 1)
    if (plain !== undefined) copy[key] = plain
  }
  return copy
}

const copyPlain = (evaluation: Evaluation, value: Record<string, unknown>, depth: number): JsonValue => {
  const keys = Object.keys(value)
  evaluation.charge(4 * keys.length + 4)
  const copy: Record<string, JsonValue> = {}
  for (const key of keys) {
    if (isForbidden(key)) continue
    const plain = toPlain(evaluation, value[key], depth + 1)
    if (plain !== undefined) copy[key] = plain
  }
  return copy
}

const ofObject = (evaluation: Evaluation, value: object, depth: number): JsonValue | undefined => {
  if (depth > limits.valueDepth) throw overBudget('A value is nested too deep, or holds itself')
  if (Array.isArray(value)) {
    evaluation.charge(4 * value.length + 4)
    return value.map((element) => toPlain(evaluation, element, depth + 1) ?? null)
  }
  if (isPlain(value)) return copyPlain(evaluation, value, depth)
  if (value instanceof Date) return isoOf(value)
  if (DateTime.isDateTime(value)) return value.toISO()
  if (Duration.isDuration(value)) return value.toISO()
  if (Interval.isInterval(value)) return value.toISO()
  if (value instanceof Error) return { name: value.name, message: value.message }
  if (value instanceof RegExp) return `/${writtenAs(value).source}/${writtenAs(value).flags}`
  if (value instanceof URL) return value.href
  if (value instanceof Facade) return ofFacade(evaluation, value, depth)
  return value instanceof Closure || value instanceof Native ? undefined : {}
}

/**
 * A copy that JSON can hold. Dates become ISO texts, functions and undefined are left out (null in arrays), NaN and the infinities become null.
 * No member of the value is ever called.
 */
export const toPlain = (evaluation: Evaluation, value: unknown, depth = 0): JsonValue | undefined => {
  switch (typeof value) {
    case 'string':
      if (value.length > 256) evaluation.charge(value.length >>> 4)
      return value
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : null
    case 'bigint':
      return toText(evaluation, value)
    case 'object':
      return value === null ? null : ofObject(evaluation, value, depth)
    default:
      return undefined
  }
}

const copyObject = (evaluation: Evaluation, value: object, copies: Map<object, object>, depth: number): object => {
  const known = copies.get(value)
  if (known !== undefined) return known
  if (depth > limits.valueDepth) throw overBudget('A value is nested too deep')
  const keys = Object.keys(value)
  evaluation.charge(keys.length + 1)
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {}
  copies.set(value, copy)
  for (const key of keys) {
    if (isForbidden(key)) continue
    const child = (value as Record<string, unknown>)[key]
    ;(copy as Record<string, unknown>)[key] =
      typeof child === 'object' && child !== null ? copyObject(evaluation, child, copies, depth + 1) : child
  }
  return copy
}

/** Input as a program may see it: itself when the program changes nothing, else a copy made once per evaluation. */
export const visible = <T>(evaluation: Evaluation, value: T): T => {
  if (!evaluation.copiesInput || typeof value !== 'object' || value === null) return value
  evaluation.copies ??= new Map()
  return copyObject(evaluation, value, evaluation.copies, 0) as T
}
