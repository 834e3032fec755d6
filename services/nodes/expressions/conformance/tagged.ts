import { DateTime, Duration, Interval } from 'luxon'
import { isPlain } from '../values.ts'

const ofNumber = (value: number): unknown =>
  Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: Object.is(value, -0) ? '-0' : String(value) }

const ofObject = (value: object): unknown => {
  if (Array.isArray(value)) return value.map(tagged)
  if (value instanceof Date) return { $date: value.toISOString() }
  if (DateTime.isDateTime(value)) return { $datetime: value.toUTC().toISO(), zone: value.zoneName }
  if (Duration.isDuration(value)) return { $duration: value.toObject() }
  if (Interval.isInterval(value)) return { $interval: value.toISO() }
  if (value instanceof RegExp) return { $regexp: String(value) }
  if (value instanceof Error) return { $error: { name: value.name, message: value.message } }
  if (!isPlain(value)) return undefined
  return Object.fromEntries(Object.entries(value).flatMap(([key, child]) => (child === undefined ? [] : [[key, tagged(child)]])))
}

/** A value in the notation of the conformance rows. */
export const tagged = (value: unknown): unknown => {
  if (value === undefined) return { $undefined: true }
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (typeof value === 'number') return ofNumber(value)
  return typeof value === 'object' && value !== null ? ofObject(value) : value
}

/** The same notation with instants written one way. */
export const normalized = (expected: unknown): unknown => {
  if (Array.isArray(expected)) return expected.map(normalized)
  if (!isPlain(expected)) return expected
  if (typeof expected['$datetime'] === 'string')
    return { ...expected, $datetime: DateTime.fromISO(expected['$datetime'], { zone: 'utc' }).toISO() }
  return Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, normalized(value)]))
}
