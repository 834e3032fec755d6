import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonValue } from '@weconnect/contracts/json'
import { DateTime } from 'luxon'
import { readingFormat } from '../../expressions/members/date-format.ts'

const locale = 'en-US'
const unreadable = (value: JsonValue | undefined): WeConnectError =>
  new WeConnectError('NODE_FAILED', `Invalid date format: ${JSON.stringify(value ?? null)}`)

/** Numbers of at most eleven digits are seconds, others milliseconds: seconds reach the year 5138. */
const fromNumber = (value: number): DateTime =>
  DateTime.fromMillis(Math.trunc(Math.abs(value) < 1e11 ? value * 1000 : value), { zone: 'utc', locale })

const namesZone = /(?:\b[A-Z]{1,4}|[+-]\d{2}:?\d{2})\s*(?:\([^)]*\))?$/

/** What only JavaScript's own Date can read, such as 08/01/2022; without a zone it is in UTC, wherever the server stands. */
const fromLooseText = (text: string): DateTime =>
  DateTime.fromMillis(Date.parse(namesZone.test(text) ? text : `${text} UTC`), { zone: 'utc', locale })

/**
 * A date as users give it: a timestamp, or a text that names its zone or is in `zone`.
 * @param zone of an ISO text without one; UTC when absent
 * @returns the date in its own zone
 * @throws WeConnectError NODE_FAILED when it is no date
 */
export const readDate = (value: JsonValue | undefined, zone = 'utc'): DateTime => {
  if (typeof value === 'number') return fromNumber(value)
  if (typeof value !== 'string' || value.length > 200) throw unreadable(value)
  const text = value.trim()
  if (/^-?\d{9,}(\.\d+)?$/.test(text)) return fromNumber(Number(text))
  const iso = DateTime.fromISO(text, { zone, setZone: true, locale })
  const date = iso.isValid ? iso : fromLooseText(text)
  if (!date.isValid) throw unreadable(value)
  return date
}

/** A date written in luxon's tokens. @throws WeConnectError NODE_FAILED when the text does not have this format */
export const readDateAs = (value: JsonValue | undefined, format: string): DateTime => {
  const date = DateTime.fromFormat(String(value).slice(0, 200), readingFormat(format), { zone: 'utc', setZone: true, locale })
  if (!date.isValid) throw unreadable(value)
  return date
}

/** @throws WeConnectError NODE_FAILED when there is no such zone */
export const inZone = (date: DateTime, zone: string): DateTime => {
  const moved = date.setZone(zone)
  if (!moved.isValid) throw new WeConnectError('NODE_FAILED', `The timezone "${zone}" is not valid`)
  return moved
}
