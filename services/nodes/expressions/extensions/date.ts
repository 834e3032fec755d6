import { DateTime, type DateTimeUnit, Duration, type DurationLikeObject } from 'luxon'
import type { Evaluation } from '../budget.ts'
import { toNumber, toText } from '../coerce.ts'
import { failed } from '../errors.ts'
import { luxonArgument } from '../members/luxon.ts'
import { type Arguments, type MemberTable, members, type NativeCall } from '../values.ts'
import { textOr, undefinedResult } from './arguments.ts'
import { readDateTime } from './to-date-time.ts'

const units = ['milliseconds', 'seconds', 'minutes', 'hours', 'days', 'weeks', 'months', 'quarters', 'years'] as const
type Unit = (typeof units)[number]

const zoned = (evaluation: Evaluation) => ({ zone: evaluation.scope.timezone, locale: 'en-US' })

/** A Date or DateTime in the workflow's zone. */
const moment = (evaluation: Evaluation, value: unknown): DateTime | undefined => {
  if (DateTime.isDateTime(value)) return value
  if (value instanceof Date) return DateTime.fromJSDate(value, zoned(evaluation))
  return typeof value === 'string' ? readDateTime(evaluation, value) : undefined
}

const dateOf = (evaluation: Evaluation, self: unknown): DateTime => {
  const date = typeof self === 'object' ? moment(evaluation, self) : undefined
  if (date === undefined) throw new TypeError('not a date')
  return date
}

type Method = (date: DateTime, args: Arguments, evaluation: Evaluation) => unknown

const on =
  (method: Method): NativeCall =>
  (evaluation, self, args) => {
    evaluation.charge(500)
    return method(dateOf(evaluation, self), args, evaluation)
  }

/** What is asked of a Date answers with a Date. */
const sameKind =
  (method: Method): NativeCall =>
  (evaluation, self, args) => {
    evaluation.charge(500)
    const result = method(dateOf(evaluation, self), args, evaluation)
    return self instanceof Date && DateTime.isDateTime(result) ? result.toJSDate() : result
  }

const unitOf = (evaluation: Evaluation, value: unknown): Unit => {
  const name = toText(evaluation, value)
  const unit = units.find((each) => each === name || each === `${name}s`)
  if (unit === undefined) throw failed(`Unsupported unit '${name}'. Supported: ${units.map((each) => `'${each}'`).join(', ')}.`)
  return unit
}

const difference = (evaluation: Evaluation, from: DateTime, to: DateTime, unit: unknown): unknown => {
  evaluation.charge(2_500)
  if (!Array.isArray(unit)) return from.diff(to, unitOf(evaluation, unit ?? 'days')).as(unitOf(evaluation, unit ?? 'days'))
  return from
    .diff(
      to,
      unit.slice(0, units.length).map((each) => unitOf(evaluation, each)),
    )
    .toObject()
}

const diffTo: Method = (date, [other, unit], evaluation) => {
  const to = moment(evaluation, other)
  if (to === undefined) throw failed('diffTo(): expected a date')
  return difference(evaluation, date, to, unit)
}

const now = (evaluation: Evaluation) => DateTime.fromISO(evaluation.scope.now, zoned(evaluation))

const startOf: Method = (date, [unit], evaluation) => date.startOf(singular(textOr(evaluation, unit, 'week')))
const singular = (unit: string): DateTimeUnit => unit.replace(/s$/, '') as DateTimeUnit

const parts: Readonly<Record<string, (date: DateTime) => number>> = {
  year: (date) => date.year,
  quarter: (date) => date.quarter,
  month: (date) => date.month,
  week: (date) => date.weekNumber,
  weekNumber: (date) => date.weekNumber,
  weekday: (date) => date.weekday,
  weekYear: (date) => date.weekYear,
  day: (date) => date.day,
  yearDayNumber: (date) => date.ordinal,
  ordinal: (date) => date.ordinal,
  hour: (date) => date.hour,
  minute: (date) => date.minute,
  second: (date) => date.second,
  millisecond: (date) => date.millisecond,
}

const extract: Method = (date, [part], evaluation) => {
  const name = textOr(evaluation, part, 'week')
  const read = Object.hasOwn(parts, name) ? parts[name] : parts[singular(name)]
  return read === undefined || !date.isValid ? null : read(date)
}

const isBetween: Method = (date, args, evaluation) => {
  if (args.length !== 2) throw failed('isBetween(): expected exactly two args')
  const [first, second] = args.map((value) => moment(evaluation, value))
  if (first === undefined || second === undefined) return undefined
  const [low, high] = first < second ? [first, second] : [second, first]
  return date > low && date < high
}

const isInLast: Method = (date, [count, unit], evaluation) => {
  const from = now(evaluation).minus({ [unitOf(evaluation, unit ?? 'minutes')]: toNumber(evaluation, count ?? 0) })
  return date >= from && date <= now(evaluation)
}

/** `plus(7, 'days')`, `plus(1000)` in milliseconds, or luxon's own object and Duration. */
const amount = (evaluation: Evaluation, [count, unit]: Arguments): Duration => {
  if (typeof count === 'object' && count !== null) return Duration.fromDurationLike(luxonArgument(evaluation, count) as DurationLikeObject)
  return Duration.fromObject({ [unit === undefined ? 'milliseconds' : unitOf(evaluation, unit)]: toNumber(evaluation, count) })
}

const paidFormat = (evaluation: Evaluation, format: unknown): string => {
  const text = textOr(evaluation, format, 'yyyy-MM-dd').slice(0, 1_000)
  evaluation.charge(50 * text.length)
  return text
}

const shared: Record<string, NativeCall> = {
  beginningOf: sameKind(startOf),
  diffTo: on(diffTo),
  diffToNow: on((date, [unit], evaluation) => difference(evaluation, date, now(evaluation), unit)),
  endOfMonth: sameKind((date) => date.endOf('month')),
  extract: on(extract),
  format: on((date, [format], evaluation) => date.toFormat(paidFormat(evaluation, format))),
  inBetween: on(isBetween),
  isBetween: on(isBetween),
  isDst: on((date) => date.isInDST),
  isEmpty: () => false,
  isInLast: on(isInLast),
  isNotEmpty: () => true,
  isWeekend: on((date) => date.weekday > 5),
  minus: sameKind((date, args, evaluation) => date.minus(amount(evaluation, args))),
  plus: sameKind((date, args, evaluation) => date.plus(amount(evaluation, args))),
  toBoolean: undefinedResult,
  toDateTime: on((date) => date),
  toFloat: on((date) => date.toMillis()),
  toInt: on((date) => date.toMillis()),
}

/** n8n's methods of DateTime; where luxon has the name too, n8n's reading is a superset. */
export const dateTimeExtensions: MemberTable = members(shared)

/** n8n's methods of Date. */
export const dateExtensions: MemberTable = members({
  ...shared,
  startOf: sameKind(startOf),
  toMillis: on((date) => date.toMillis()),
  toSeconds: on((date) => date.toSeconds()),
  toJsonString: on((date) => JSON.stringify(date.toJSDate())),
})
