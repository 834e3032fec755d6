import { DateTime, FixedOffsetZone } from 'luxon'
import { momentPieces } from './moment-format.ts'

interface Parts {
  readonly year?: number
  readonly month?: number
  readonly day?: number
  readonly ordinal?: number
  readonly hour?: number
  readonly minute?: number
  readonly second?: number
  readonly millisecond?: number
  readonly afternoon?: boolean
  readonly offset?: number
  readonly instant?: number
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const numberOf =
  (field: 'year' | 'month' | 'day' | 'ordinal' | 'hour' | 'minute' | 'second') =>
  (text: string): Parts => ({ [field]: Number.parseInt(text, 10) })
const monthOf = (text: string): Parts => ({ month: months.indexOf(text.slice(0, 3).toLowerCase()) + 1 })
const halfOf = (text: string): Parts => ({ afternoon: text[0]!.toLowerCase() === 'p' })
const upTo = (digits: number) => new RegExp(`\\d{1,${digits}}`, 'y')
const letters = /[A-Za-z]+/y
const offsetMinutes = (text: string): number => {
  if (text === 'Z') return 0
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text)!
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

/** How each token is read; as in Moment.js, a number may have fewer digits than its token. */
const readers: Readonly<Record<string, readonly [pattern: RegExp, read: (text: string) => Parts]>> = {
  YYYY: [upTo(4), numberOf('year')],
  YY: [upTo(2), (text) => ({ year: Number(text) + (Number(text) > 68 ? 1900 : 2000) })],
  MMMM: [letters, monthOf],
  MMM: [letters, monthOf],
  MM: [upTo(2), numberOf('month')],
  M: [upTo(2), numberOf('month')],
  Do: [/\d{1,2}(?:st|nd|rd|th)?/y, numberOf('day')],
  DDDD: [upTo(3), numberOf('ordinal')],
  DDD: [upTo(3), numberOf('ordinal')],
  DD: [upTo(2), numberOf('day')],
  D: [upTo(2), numberOf('day')],
  dddd: [letters, () => ({})],
  ddd: [letters, () => ({})],
  HH: [upTo(2), numberOf('hour')],
  H: [upTo(2), numberOf('hour')],
  hh: [upTo(2), numberOf('hour')],
  h: [upTo(2), numberOf('hour')],
  mm: [upTo(2), numberOf('minute')],
  m: [upTo(2), numberOf('minute')],
  ss: [upTo(2), numberOf('second')],
  s: [upTo(2), numberOf('second')],
  SSS: [upTo(9), (text) => ({ millisecond: Math.trunc(Number(`0.${text}`) * 1000) })],
  A: [/[ap]m?/iy, halfOf],
  a: [/[ap]m?/iy, halfOf],
  ZZ: [/Z|[+-]\d\d:?\d\d/y, (text) => ({ offset: offsetMinutes(text) })],
  Z: [/Z|[+-]\d\d:?\d\d/y, (text) => ({ offset: offsetMinutes(text) })],
  X: [/-?\d{1,15}(?:\.\d{1,9})?/y, (text) => ({ instant: Number(text) * 1000 })],
  x: [/-?\d{1,17}/y, (text) => ({ instant: Number(text) })],
}

const partsOf = (text: string, format: string): Parts | undefined => {
  let parts: Parts = {}
  let place = 0
  for (const [, quoted, token, other = ''] of format.slice(0, 200).matchAll(momentPieces)) {
    if (token === undefined) {
      const literal = quoted ?? other
      if (text.startsWith(literal, place)) place += literal.length
      continue
    }
    const reader = readers[token]
    if (!reader) return undefined
    const pattern = new RegExp(reader[0])
    pattern.lastIndex = place
    const found = pattern.exec(text)?.[0]
    if (found === undefined) return undefined
    parts = { ...parts, ...reader[1](found) }
    place += found.length
  }
  return parts
}

const hourOf = ({ hour = 0, afternoon }: Parts): number => (afternoon === undefined ? hour : (hour % 12) + (afternoon ? 12 : 0))

/**
 * Reads a text by Moment.js tokens; what follows the last token is left unread, as Moment.js does.
 * @param zone of a text that names none
 * @returns undefined when the text does not have this format
 */
export const readAsMoment = (text: string, format: string, zone: string): DateTime | undefined => {
  const parts = partsOf(text.trim().slice(0, 200), format)
  if (!parts) return undefined
  if (parts.instant !== undefined) return DateTime.fromMillis(Math.trunc(parts.instant), { zone: 'utc', locale: 'en-US' })
  const { year = 1970, month = 1, day = 1, ordinal: dayOfYear, minute = 0, second = 0, millisecond = 0 } = parts
  const date = dayOfYear === undefined ? { year, month, day } : { year, ordinal: dayOfYear }
  const home = parts.offset === undefined ? zone : FixedOffsetZone.instance(parts.offset)
  const made = DateTime.fromObject({ ...date, hour: hourOf(parts), minute, second, millisecond }, { zone: home, locale: 'en-US' })
  return made.isValid ? made : undefined
}
