import { DateTime } from 'luxon'
import type { Evaluation } from '../budget.ts'
import { failed } from '../errors.ts'
import { readingFormat } from '../members/date-format.ts'

const excelEpoch = Date.UTC(1899, 11, 30)
const zoned = (evaluation: Evaluation) => ({ zone: evaluation.scope.timezone, locale: 'en-US' })

/** A moment from a number; `unit` is ms, s, us or excel (days since 1899-12-30). */
export const fromNumber = (evaluation: Evaluation, value: number, unit: string): DateTime => {
  const millis: Record<string, number> = { ms: value, s: value * 1000, us: value / 1000, excel: excelEpoch + value * 86_400_000 }
  const found = Object.hasOwn(millis, unit) ? millis[unit] : undefined
  if (found === undefined) throw failed(`Unsupported format '${unit}'. Supported: 'ms', 's', 'us', 'excel'.`)
  return DateTime.fromMillis(Math.trunc(found), zoned(evaluation))
}

const readers: readonly ((text: string, evaluation: Evaluation) => DateTime)[] = [
  (text, evaluation) => DateTime.fromISO(text, zoned(evaluation)),
  (text) => DateTime.fromHTTP(text, { setZone: true, locale: 'en-US' }),
  (text) => DateTime.fromRFC2822(text, { setZone: true, locale: 'en-US' }),
  (text, evaluation) => DateTime.fromSQL(text, zoned(evaluation)),
  (text, evaluation) => DateTime.fromMillis(/^\d{6,}$/.test(text) ? Number(text) : Number.NaN, zoned(evaluation)),
  (text, evaluation) => DateTime.fromMillis(Date.parse(text), zoned(evaluation)),
]

const quiet = (read: () => DateTime): DateTime | undefined => {
  try {
    const made = read()
    return made.isValid ? made : undefined
  } catch {
    return undefined
  }
}

/** The first way of reading that makes sense of the text; undefined when none does. */
export const readDateTime = (evaluation: Evaluation, text: string): DateTime | undefined => {
  evaluation.charge(300)
  if (text.length > 200) return undefined
  for (const reader of readers) {
    const made = quiet(() => reader(text, evaluation))
    if (made !== undefined) return made
  }
  return undefined
}

export const fromText = (evaluation: Evaluation, text: string, format: string | undefined): DateTime => {
  if (format !== undefined && ['ms', 's', 'us', 'excel'].includes(format)) return fromNumber(evaluation, Number(text), format)
  evaluation.charge(300)
  const made =
    format === undefined
      ? readDateTime(evaluation, text)
      : quiet(() => DateTime.fromFormat(text.slice(0, 200), readingFormat(format), zoned(evaluation)))
  if (made === undefined) throw failed('cannot convert to Luxon DateTime')
  return made
}
