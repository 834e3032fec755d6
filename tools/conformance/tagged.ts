import { DateTime, Duration, Interval } from 'luxon'

export const isPlain = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

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

const isUndefined = (value: unknown): boolean => isPlain(value) && value['$undefined'] === true

/** The same notation with instants written one way; an undefined member is an absent one. */
export const normalized = (expected: unknown): unknown => {
  if (Array.isArray(expected)) return expected.map(normalized)
  if (!isPlain(expected)) return expected
  if (typeof expected['$datetime'] === 'string')
    return { ...expected, $datetime: DateTime.fromISO(expected['$datetime'], { zone: 'utc' }).toISO() }
  return Object.fromEntries(Object.entries(expected).flatMap(([key, value]) => (isUndefined(value) ? [] : [[key, normalized(value)]])))
}

/** Turns the tags of arguments into what they stand for. */
export const untagged = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(untagged)
  if (!isPlain(value)) return value
  if ('$undefined' in value) return undefined
  if ('$number' in value) return Number(value['$number'])
  if ('$bigint' in value) return BigInt(String(value['$bigint']))
  if ('$date' in value) return new Date(String(value['$date']))
  if ('$datetime' in value) return DateTime.fromISO(String(value['$datetime']), { zone: String(value['zone'] ?? 'UTC') })
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, untagged(member)]))
}
