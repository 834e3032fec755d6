import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject } from '@weconnect/contracts/json'
import type { DateTime } from 'luxon'
import { validateFieldType } from './field-type.ts'
import { hasMatch, type TestElsewhere } from './pattern-test.ts'

export interface FilterOperator {
  readonly type: string
  readonly operation: string
  readonly rightType?: string
  readonly singleValue?: boolean
}
export interface FilterCondition {
  readonly id?: string
  readonly leftValue?: unknown
  readonly rightValue?: unknown
  readonly operator: FilterOperator
}
/** The value of a parameter of type `filter`, expressions evaluated. */
export interface FilterValue {
  readonly combinator?: 'and' | 'or'
  readonly conditions?: readonly FilterCondition[]
  readonly options?: { readonly caseSensitive?: boolean; readonly typeValidation?: string; readonly version?: number }
}
export interface FilterContext {
  readonly itemIndex?: number
  readonly timezone?: string
  /** Of patterns that may take long; absent: they are refused. */
  readonly testElsewhere?: TestElsewhere
}

type Test<Left, Right = Left> = (left: Left, right: Right, elsewhere?: TestElsewhere) => boolean
// biome-ignore lint/suspicious/noExplicitAny: operands are of the operator's type once they are converted
type AnyTest = Test<any, any>

const isPresent = (value: unknown): boolean => value !== undefined && value !== null && !Number.isNaN(value)
const textOr = (value: unknown): string => (typeof value === 'string' ? value : '')

/** @param pattern with or without slashes and flags */
const matches: Test<string, unknown> = (text, pattern, elsewhere) => {
  const [, body = textOr(pattern), flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(textOr(pattern)) ?? []
  return hasMatch(text, body, flags, elsewhere)
}

const strings: Readonly<Record<string, Test<string>>> = {
  empty: (left) => left.length === 0,
  notEmpty: (left) => left.length !== 0,
  equals: (left, right) => left === right,
  notEquals: (left, right) => left !== right,
  contains: (left, right) => left.includes(right),
  notContains: (left, right) => !left.includes(right),
  startsWith: (left, right) => left.startsWith(right),
  notStartsWith: (left, right) => !left.startsWith(right),
  endsWith: (left, right) => left.endsWith(right),
  notEndsWith: (left, right) => !left.endsWith(right),
  regex: matches,
  notRegex: (left, right, elsewhere) => !matches(left, right, elsewhere),
}
const numbers: Readonly<Record<string, Test<number>>> = {
  empty: (left) => !isPresent(left),
  notEmpty: (left) => isPresent(left),
  equals: (left, right) => left === right,
  notEquals: (left, right) => left !== right,
  gt: (left, right) => left > right,
  lt: (left, right) => left < right,
  gte: (left, right) => left >= right,
  lte: (left, right) => left <= right,
}
const booleans: Readonly<Record<string, Test<boolean>>> = {
  empty: (left) => !isPresent(left),
  notEmpty: (left) => isPresent(left),
  true: (left) => left,
  false: (left) => !left,
  equals: (left, right) => left === right,
  notEquals: (left, right) => left !== right,
}
const compareDates =
  (compare: Test<number>): Test<DateTime | undefined> =>
  (left, right) =>
    left !== undefined && right !== undefined && compare(left.toMillis(), right.toMillis())
const dates: Readonly<Record<string, Test<DateTime | undefined>>> = {
  empty: (left) => !isPresent(left),
  notEmpty: (left) => isPresent(left),
  equals: compareDates((left, right) => left === right),
  notEquals: compareDates((left, right) => left !== right),
  after: compareDates((left, right) => left > right),
  before: compareDates((left, right) => left < right),
  afterOrEquals: compareDates((left, right) => left >= right),
  beforeOrEquals: compareDates((left, right) => left <= right),
}
const arrays: Readonly<Record<string, Test<readonly unknown[], unknown>>> = {
  contains: (left, right) => left.includes(right),
  notContains: (left, right) => !left.includes(right),
  lengthEquals: (left, right) => left.length === right,
  lengthNotEquals: (left, right) => left.length !== right,
  lengthGt: (left, right) => left.length > Number(right),
  lengthLt: (left, right) => left.length < Number(right),
  lengthGte: (left, right) => left.length >= Number(right),
  lengthLte: (left, right) => left.length <= Number(right),
  empty: (left) => left.length === 0,
  notEmpty: (left) => left.length !== 0,
}
const objects: Readonly<Record<string, Test<unknown>>> = {
  empty: (left) => !isJsonObject(left) || Object.keys(left).length === 0,
  notEmpty: (left) => isJsonObject(left) && Object.keys(left).length !== 0,
}
const operations: Readonly<Record<string, Readonly<Record<string, AnyTest>>>> = {
  string: strings,
  number: numbers,
  boolean: booleans,
  dateTime: dates,
  array: arrays,
  object: objects,
}

const withArticle = (word: string): string => `${/^[aeiou]/i.test(word) ? 'an' : 'a'} ${word}`

interface Place {
  readonly strict: boolean
  readonly ignoreCase: boolean
  readonly condition: number
  readonly context: FilterContext
}

/** Names the value as JavaScript does: a list and a date are objects too. */
const failure = (value: unknown, type: string, { strict, condition, context }: Place): WeConnectError => {
  const what = strict
    ? `Wrong type: '${String(value)}' is ${withArticle(typeof value)} but was expecting ${withArticle(type)}`
    : `Conversion error: the ${typeof value} '${String(value)}' can't be converted to ${withArticle(type)}`
  return new WeConnectError('NODE_FAILED', `${what} [condition ${condition}, item ${context.itemIndex ?? 0}]`)
}

/** Loose comparison takes any value as a boolean, and blank text as no number. */
const looseOperand = (value: unknown, type: string): unknown => {
  if (type === 'boolean' && typeof value === 'string' && !['true', 'false', '0', '1'].includes(value.toLowerCase())) return value !== ''
  if (type === 'boolean' && typeof value !== 'string') return Boolean(value)
  return type !== 'string' && typeof value === 'string' && value.trim() === '' ? undefined : value
}

const operand = (value: unknown, type: string, place: Place): unknown => {
  if (type === 'any') return value
  if (!isPresent(value)) return Number.isNaN(value) ? value : undefined
  const given = place.strict ? value : looseOperand(value, type)
  const timezone = place.context.timezone
  const result = validateFieldType('filter', given, type, { strict: place.strict, parseStrings: true, ...(timezone ? { timezone } : {}) })
  if (!result.valid) throw failure(value, type, place)
  return result.newValue
}

const emptyOf: Readonly<Record<string, unknown>> = { string: '', array: [] }
const folded = (value: unknown): unknown => (typeof value === 'string' ? value.toLocaleLowerCase() : value)
const foldedAll = (value: unknown): unknown => (Array.isArray(value) ? value.map(folded) : folded(value))
const asIs = (value: unknown): unknown => value

/** A pattern is not folded: n8n looks with it, as it is written, in folded text (n8n #33588). */
const isPattern = ({ operation }: FilterOperator): boolean => operation === 'regex' || operation === 'notRegex'

const unknownOperation = ({ type, operation }: FilterOperator): WeConnectError =>
  new WeConnectError('NODE_FAILED', `The filter operation "${type}:${operation}" is not supported`)

const needsRight = ({ operation, singleValue }: FilterOperator): boolean =>
  singleValue !== true && !['empty', 'notEmpty', 'true', 'false'].includes(operation)

/** Whether one condition holds. */
const holds = ({ leftValue, rightValue, operator }: FilterCondition, place: Place): boolean => {
  if (operator.operation === 'exists') return isPresent(leftValue)
  if (operator.operation === 'notExists') return !isPresent(leftValue)
  const tests = Object.hasOwn(operations, operator.type) ? operations[operator.type]! : {}
  if (!Object.hasOwn(tests, operator.operation)) throw unknownOperation(operator)
  const foldLeft = place.ignoreCase ? foldedAll : asIs
  const foldRight = isPattern(operator) ? asIs : foldLeft
  const left = operand(leftValue, operator.type, place) ?? emptyOf[operator.type]
  const right = needsRight(operator) ? operand(rightValue, operator.rightType ?? operator.type, place) : undefined
  const { testElsewhere } = place.context
  return tests[operator.operation]!(foldLeft(left), foldRight(right ?? emptyOf[operator.rightType ?? operator.type]), testElsewhere)
}

/**
 * Whether the conditions of a filter hold, joined by its combinator. No condition at all holds.
 * @throws WeConnectError NODE_FAILED when a value is of the wrong type or cannot be converted, or for an unknown operation
 */
export const executeFilter = (filter: FilterValue, context: FilterContext = {}): boolean => {
  const { conditions = [], combinator = 'and', options = {} } = filter
  const strict = options.typeValidation === 'strict'
  const ignoreCase = options.caseSensitive === false
  const test = (condition: FilterCondition, index: number) => holds(condition, { strict, ignoreCase, condition: index, context })
  return combinator === 'or' ? conditions.some(test) : conditions.every(test)
}
