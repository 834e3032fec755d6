import { DateTime, type DateTimeOptions, Duration, type DurationLikeObject, Interval } from 'luxon'
import type { Evaluation } from '../budget.ts'
import { toNumber, toText } from '../coerce.ts'
import { readingFormat } from '../members/date-format.ts'
import { luxonArgument } from '../members/luxon.ts'
import { type Arguments, isPlain, members, Native, type NativeCall } from '../values.ts'

/** Options with the workflow's zone where none is given; luxon's global settings are never touched. */
const zoned = (evaluation: Evaluation, options: unknown): DateTimeOptions => {
  evaluation.charge(300)
  const given = isPlain(options) ? (luxonArgument(evaluation, options) as DateTimeOptions) : {}
  return { zone: evaluation.scope.timezone, locale: 'en-US', ...given }
}

const maxText = 300
const short = (evaluation: Evaluation, value: unknown): string => toText(evaluation, value).slice(0, maxText)

const format = (evaluation: Evaluation, value: unknown): string => {
  const text = toText(evaluation, value)
  evaluation.charge(Math.min(text.length, maxText) * 100)
  return readingFormat(text)
}

const fromText =
  (read: (text: string, options: DateTimeOptions) => DateTime): NativeCall =>
  (evaluation, _, [text, options]) =>
    read(short(evaluation, text), zoned(evaluation, options))

const now = (evaluation: Evaluation): DateTime => DateTime.fromISO(evaluation.scope.now, zoned(evaluation, undefined))

/** `local(2024, 1, 31, ..., options?)` */
const fromParts =
  (zone: (evaluation: Evaluation) => string): NativeCall =>
  (evaluation, _, args) => {
    const last = args.at(-1)
    const options = { ...zoned(evaluation, last), ...(isPlain(last) && Object.hasOwn(last, 'zone') ? {} : { zone: zone(evaluation) }) }
    const numbers = args.slice(0, isPlain(last) ? -1 : undefined).map((value) => toNumber(evaluation, value))
    if (numbers.length === 0) return now(evaluation).setZone(options.zone)
    const [year, month, day, hour, minute, second, millisecond] = numbers
    return DateTime.fromObject(
      { year, month, day, hour, minute, second, millisecond } as Parameters<typeof DateTime.fromObject>[0],
      options,
    )
  }

const dates = (evaluation: Evaluation, args: Arguments): DateTime[] => args.map((value) => luxonArgument(evaluation, value) as DateTime)

const formats = Object.keys(Object.getOwnPropertyDescriptors(DateTime)).filter((name) => /^(DATE|TIME|DATETIME)_[A-Z_]+$/.test(name))
const formatNames = formats as readonly (keyof typeof DateTime)[]

export const dateTime = new Native(
  'DateTime',
  () => {
    throw new TypeError('DateTime is not callable')
  },
  {
    isInstance: DateTime.isDateTime,
    statics: members(
      {
        fromFormat: (evaluation, _, [text, pattern, options]) =>
          DateTime.fromFormat(short(evaluation, text), format(evaluation, pattern), zoned(evaluation, options)),
        fromString: (evaluation, _, [text, pattern, options]) =>
          DateTime.fromFormat(short(evaluation, text), format(evaluation, pattern), zoned(evaluation, options)),
        fromHTTP: fromText((text, options) => DateTime.fromHTTP(text, options)),
        fromISO: fromText((text, options) => DateTime.fromISO(text, options)),
        fromRFC2822: fromText((text, options) => DateTime.fromRFC2822(text, options)),
        fromSQL: fromText((text, options) => DateTime.fromSQL(text, options)),
        fromJSDate: (evaluation, _, [date, options]) => DateTime.fromJSDate(date as Date, zoned(evaluation, options)),
        fromMillis: (evaluation, _, [millis, options]) => DateTime.fromMillis(toNumber(evaluation, millis), zoned(evaluation, options)),
        fromSeconds: (evaluation, _, [seconds, options]) => DateTime.fromSeconds(toNumber(evaluation, seconds), zoned(evaluation, options)),
        fromObject: (evaluation, _, [parts, options]) =>
          DateTime.fromObject(luxonArgument(evaluation, parts) as Parameters<typeof DateTime.fromObject>[0], zoned(evaluation, options)),
        invalid: (evaluation, _, [reason, explanation]) =>
          DateTime.invalid(short(evaluation, reason), short(evaluation, explanation ?? '')),
        isDateTime: (_evaluation, _self, [value]) => DateTime.isDateTime(value),
        local: fromParts((evaluation) => evaluation.scope.timezone),
        max: (evaluation, _, args) => DateTime.max(...dates(evaluation, args)),
        min: (evaluation, _, args) => DateTime.min(...dates(evaluation, args)),
        now,
        utc: fromParts(() => 'utc'),
      },
      Object.fromEntries(formatNames.map((name) => [name, () => ({ ...(DateTime[name] as object) })])),
    ),
  },
)

export const duration = new Native(
  'Duration',
  () => {
    throw new TypeError('Duration is not callable')
  },
  {
    isInstance: Duration.isDuration,
    statics: members({
      fromDurationLike: (evaluation, _, [value]) => Duration.fromDurationLike(luxonArgument(evaluation, value) as DurationLikeObject),
      fromISO: (evaluation, _, [text]) => Duration.fromISO(short(evaluation, text), { locale: 'en-US' }),
      fromISOTime: (evaluation, _, [text]) => Duration.fromISOTime(short(evaluation, text), { locale: 'en-US' }),
      fromMillis: (evaluation, _, [millis]) => Duration.fromMillis(toNumber(evaluation, millis), { locale: 'en-US' }),
      fromObject: (evaluation, _, [value, options]) =>
        Duration.fromObject(luxonArgument(evaluation, value) as DurationLikeObject, {
          locale: 'en-US',
          ...(luxonArgument(evaluation, options) as object | undefined),
        }),
      invalid: (evaluation, _, [reason]) => Duration.invalid(short(evaluation, reason)),
      isDuration: (_evaluation, _self, [value]) => Duration.isDuration(value),
    }),
  },
)

/** The first 100 of them. */
const intervalsOf = (evaluation: Evaluation, list: unknown): Interval[] => {
  const given = luxonArgument(evaluation, list)
  if (!Array.isArray(given) || !given.every(Interval.isInterval)) throw new TypeError('not a list of Intervals')
  evaluation.charge(given.length * 400)
  return given
}

type Ends = [DateTime, DateTime]

export const interval = new Native(
  'Interval',
  () => {
    throw new TypeError('Interval is not callable')
  },
  {
    isInstance: Interval.isInterval,
    statics: members({
      after: (evaluation, _, [start, length]) =>
        Interval.after(...([luxonArgument(evaluation, start), luxonArgument(evaluation, length)] as Ends)),
      before: (evaluation, _, [end, length]) =>
        Interval.before(...([luxonArgument(evaluation, end), luxonArgument(evaluation, length)] as Ends)),
      fromDateTimes: (evaluation, _, [start, end]) =>
        Interval.fromDateTimes(...([luxonArgument(evaluation, start), luxonArgument(evaluation, end)] as Ends)),
      fromISO: (evaluation, _, [text, options]) => Interval.fromISO(short(evaluation, text), zoned(evaluation, options)),
      merge: (evaluation, _, [list]) => Interval.merge(intervalsOf(evaluation, list)),
      xor: (evaluation, _, [list]) => Interval.xor(intervalsOf(evaluation, list)),
      invalid: (evaluation, _, [reason]) => Interval.invalid(short(evaluation, reason)),
      isInterval: (_evaluation, _self, [value]) => Interval.isInterval(value),
    }),
  },
)
