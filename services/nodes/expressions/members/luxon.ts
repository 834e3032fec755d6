import { DateTime, Duration, type DurationUnits, Interval, Settings } from 'luxon'
import type { Evaluation } from '../budget.ts'
import { toNumber, toText } from '../coerce.ts'
import { type Arguments, call, isFunction, isPlain, type MemberTable, members, type NativeCall, type NativeRead } from '../values.ts'
import { humanDuration } from './human-duration.ts'

const maxText = 1_000
const maxEntries = 100
const maxDepth = 3
const keptTexts = 10_000
let metTexts = 0

/** luxon keeps a formatter for every zone, locale and set of options that it ever met, for the whole process: it must forget them now and then. */
const shortText = (text: string): string => {
  if (text.length > maxText) throw new RangeError('The text is too long')
  if (++metTexts % keptTexts === 0) Settings.resetCaches()
  return text
}

/**
 * An argument luxon may have: its own values, primitives, and copies of plain data. Never a function: luxon files its formatters, which all
 * evaluations share, under JSON of their options, so that a toJSON among them could file a formatter where another evaluation looks for its own.
 * @throws RangeError for a text of more than 1,000 characters
 */
export const luxonArgument = (evaluation: Evaluation, value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return shortText(value)
  if (typeof value !== 'object' || value === null) return typeof value === 'symbol' || typeof value === 'bigint' ? undefined : value
  if (value instanceof Date || DateTime.isDateTime(value) || Duration.isDuration(value) || Interval.isInterval(value)) return value
  if (depth >= maxDepth || isFunction(value)) return undefined
  evaluation.charge(4)
  if (Array.isArray(value)) return value.slice(0, maxEntries).map((each) => luxonArgument(evaluation, each, depth + 1))
  if (!isPlain(value)) return undefined
  const entries = Object.keys(value)
    .slice(0, maxEntries)
    .map((key): [string, unknown] => [shortText(key), luxonArgument(evaluation, value[key], depth + 1)])
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined))
}

/** Interval lists can be huge; everything else luxon makes is small. */
const charged = (evaluation: Evaluation, result: unknown): unknown => {
  if (Array.isArray(result)) evaluation.chargeList(result.length)
  return typeof result === 'string' ? evaluation.text(result) : result
}

/** Found by asking for the offsets of other days. */
const readOffsets: ReadonlySet<string> = new Set(['offsetNameLong', 'offsetNameShort'])

/** A formatter of Intl may have to be made. */
const costOfIntl = 2_000

type Target = Record<string, (...args: unknown[]) => unknown>

const method =
  (name: string, is: (value: unknown) => boolean, make?: (evaluation: Evaluation, args: Arguments) => unknown[]): NativeCall =>
  (evaluation, self, args) => {
    if (!is(self)) throw new TypeError('not a date')
    evaluation.charge(/^to(Locale|Relative)/.test(name) ? costOfIntl : 400)
    const given = make === undefined ? args.map((value) => luxonArgument(evaluation, value)) : make(evaluation, args)
    return charged(evaluation, (self as Target)[name]!(...given))
  }

const read =
  (name: string): NativeRead =>
  (evaluation, self) => {
    evaluation.charge(readOffsets.has(name) ? costOfIntl * 2 : 100)
    return (self as Record<string, unknown>)[name]
  }

const table = (methods: readonly string[], properties: readonly string[], is: (value: unknown) => boolean): MemberTable =>
  members(
    Object.fromEntries(methods.map((name) => [name, method(name, is)])),
    Object.fromEntries(properties.map((name) => [name, read(name)])),
  )

const words = (text: string): string[] => text.trim().split(/\s+/)

const maxFormat = 1_000
const formatted = (evaluation: Evaluation, args: Arguments): unknown[] => {
  const format = toText(evaluation, args[0])
  if (format.length > maxFormat) throw new RangeError('The format is too long')
  evaluation.charge(50 * format.length)
  return [format, luxonArgument(evaluation, args[1])]
}

/** `date.get('year')`: luxon's own would answer with any member, its methods and internals too. */
const part =
  (parts: () => MemberTable['properties']): NativeCall =>
  (evaluation, self, [name]) =>
    parts().get(toText(evaluation, name))?.(evaluation, self)

const dateOf = (self: unknown): DateTime => {
  if (!DateTime.isDateTime(self)) throw new TypeError('not a date')
  return self
}

/** luxon itself would ask the clock of the host, where a replay must give what the first run gave. */
const nowAsOf = (evaluation: Evaluation, { zone, locale }: DateTime): DateTime =>
  DateTime.fromISO(evaluation.scope.now, { zone, ...(locale === null ? {} : { locale }) })

const asOptions = (evaluation: Evaluation, options: unknown): Record<string, unknown> => {
  const given = luxonArgument(evaluation, options)
  return isPlain(given) ? given : {}
}

const relative =
  (name: 'toRelative' | 'toRelativeCalendar'): NativeCall =>
  (evaluation, self, [options]) => {
    evaluation.charge(costOfIntl)
    const date = dateOf(self)
    return charged(evaluation, date[name]({ base: nowAsOf(evaluation, date), ...asOptions(evaluation, options) }))
  }

/** luxon's DateTime, without the members that reach its internals. */
export const dateTimeMethods: MemberTable = members(
  {
    ...Object.fromEntries(
      words(`diff endOf equals hasSame minus plus reconfigure set setLocale setZone startOf toBSON toHTTP toISO toISODate toISOTime toISOWeekDate
        toJSDate toJSON toLocaleParts toLocaleString toMillis toObject toRFC2822 toSQL toSQLDate toSQLTime toSeconds toString toUTC toUnixInteger
        until valueOf`).map((name) => [name, method(name, DateTime.isDateTime)]),
    ),
    diffNow: (evaluation, self, [unit, options]) => {
      evaluation.charge(400)
      const date = dateOf(self)
      return date.diff(nowAsOf(evaluation, date), luxonArgument(evaluation, unit) as DurationUnits, asOptions(evaluation, options))
    },
    toRelative: relative('toRelative'),
    toRelativeCalendar: relative('toRelativeCalendar'),
    get: part(() => dateTimeParts),
    toFormat: method('toFormat', DateTime.isDateTime, formatted),
    toLocal: (evaluation, self) => {
      return dateOf(self).setZone(evaluation.scope.timezone)
    },
  },
  {
    ...Object.fromEntries(
      words(`c day daysInMonth daysInYear hour invalidExplanation invalidReason isInLeapYear isOffsetFixed isValid isWeekend locale localWeekNumber localWeekYear localWeekday millisecond minute month
        monthLong monthShort numberingSystem offset offsetNameLong offsetNameShort ordinal outputCalendar quarter second ts weekNumber weekYear weekday weekdayLong weekdayShort
        weeksInWeekYear year zoneName`).map((name) => [name, read(name)]),
    ),
    c: (_, self) => (self as DateTime).toObject(),
    ts: (_, self) => (self as DateTime).toMillis(),
    isInDST: (evaluation, self) => {
      evaluation.charge(costOfIntl * 2)
      return (self as DateTime).isInDST
    },
  },
)

const dateTimeParts = dateTimeMethods.properties

const durations = table(
  words(
    `as equals get minus negate normalize plus reconfigure removeZeros rescale set shiftTo shiftToAll toFormat toISO toISOTime toJSON toMillis toObject toString valueOf`,
  ),
  words('days hours invalidReason isValid locale milliseconds minutes months quarters seconds weeks years'),
  Duration.isDuration,
)

export const durationMethods: MemberTable = {
  properties: durations.properties,
  methods: new Map([
    ...durations.methods,
    [
      'toHuman',
      (evaluation, self, [options]) => {
        evaluation.charge(costOfIntl * 5)
        return humanDuration(self as Duration, luxonArgument(evaluation, options) as Readonly<Record<string, unknown>> | undefined)
      },
    ],
    [
      'mapUnits',
      (evaluation, self, [each]) =>
        (self as Duration).mapUnits((value, unit) => toNumber(evaluation, call(evaluation, each, [value, unit]))),
    ],
  ]),
}

/** Without splitBy and splitAt, which are bounded below. */
const intervals = table(
  words(`abutsEnd abutsStart contains count difference divideEqually engulfs equals hasSame intersection isAfter isBefore isEmpty length overlaps set splitAt
    toDuration toFormat toISO toISODate toISOTime toLocaleString toString union`),
  words('end invalidReason isValid start'),
  Interval.isInterval,
)

const maxPieces = 10_000

const splitBy: NativeCall = (evaluation, self, [unit]) => {
  if (!Interval.isInterval(self)) throw new TypeError('not an Interval')
  const piece = Duration.fromDurationLike(luxonArgument(evaluation, unit) as Duration)
  const pieces = piece.toMillis() > 0 ? self.toDuration().toMillis() / piece.toMillis() : Number.POSITIVE_INFINITY
  if (!(pieces <= maxPieces)) throw new RangeError('Too many pieces')
  evaluation.charge(Math.ceil(pieces) * 50)
  return self.splitBy(piece)
}

export const intervalMethods: MemberTable = {
  properties: intervals.properties,
  methods: new Map([
    ...intervals.methods,
    ['splitBy', splitBy],
    ['mapEndpoints', (evaluation, self, [each]) => (self as Interval).mapEndpoints((end) => dateOf(call(evaluation, each, [end])))],
    [
      'divideEqually',
      (evaluation, self, [parts]) => {
        const count = toNumber(evaluation, parts)
        if (!(count >= 1 && count <= maxPieces)) throw new RangeError('Too many pieces')
        evaluation.charge(count * 50)
        return (self as Interval).divideEqually(count)
      },
    ],
  ]),
}
