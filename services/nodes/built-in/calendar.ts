import { WeConnectError } from '@weconnect/contracts/errors'
import type { BinaryData } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { DateTime } from 'luxon'
import { binaryOf } from './binary-data.ts'
import { asObject, asObjects, asText } from './per-item.ts'
import { withinTime } from './within-time.ts'

/** An event as the parameters of a node describe it; times are ISO 8601. */
export interface CalendarEvent {
  readonly title: string
  readonly start: string
  readonly end: string
  readonly allDay: boolean
  /** attendeesUi, busyStatus, calName, description, fileName, geolocationUi, location, organizerUi, recurrenceRule, sequence, status, uid, url */
  readonly fields: JsonObject
}
export interface CalendarPlace {
  /** ISO 8601. */
  readonly now: string
  /** IANA zone of times without one. */
  readonly timezone: string
  /** Of the event when its fields name none. */
  readonly uid: string
}

const moment = (text: string, zone: string, what: string): DateTime => {
  const time = DateTime.fromISO(text, { zone })
  if (time.isValid) return time
  throw new WeConnectError('NODE_FAILED', `The ${what} "${text}" is no date`)
}

/** RFC 5545 3.3.11. */
const escaped = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll(';', '\\;')
    .replaceAll(',', '\\,')
    .replaceAll(/\r\n|\r|\n/g, '\\n')
/** A value that has a shape of its own: what would end the line goes. */
const bare = (text: string): string => text.replaceAll(/[\r\n]/g, '')
const quoted = (text: string): string => `"${bare(text).replaceAll('"', "'")}"`

/** RFC 5545 3.1: lines of 75 bytes; a character is not split. */
const folded = (line: string): string => {
  let [text, width] = ['', 0]
  for (const character of line) {
    const size = Buffer.byteLength(character)
    if (width + size > 75) {
      text += '\r\n '
      width = 1
    }
    text += character
    width += size
  }
  return text
}

const times = ({ start, end, allDay }: CalendarEvent, { timezone }: CalendarPlace): readonly string[] => {
  const [from, to] = [moment(start, timezone, 'start'), moment(end, timezone, 'end')]
  if (to < from) throw new WeConnectError('NODE_FAILED', 'The event ends before it starts')
  const utc = (time: DateTime): string => time.toUTC().toFormat("yyyyMMdd'T'HHmmss'Z'")
  if (!allDay) return [`DTSTART:${utc(from)}`, `DTEND:${utc(to)}`]
  // The last day is not part of an event: one of a single day ends on the next.
  const last = to.startOf('day') > from.startOf('day') ? to : from.plus({ days: 1 })
  return [`DTSTART;VALUE=DATE:${from.toFormat('yyyyMMdd')}`, `DTEND;VALUE=DATE:${last.toFormat('yyyyMMdd')}`]
}

const person = (kind: string, { name, email }: JsonObject, more = ''): string =>
  `${kind}${more}${name ? `;CN=${quoted(asText(name))}` : ''}:mailto:${bare(asText(email))}`

const firstOf = (value: JsonValue | undefined): JsonObject => (Array.isArray(value) ? asObject(value[0]) : asObject(value))

const details = ({ title, fields }: CalendarEvent): readonly string[] => {
  const has = (name: string): boolean => asText(fields[name]) !== ''
  const text = (property: string, name: string): readonly string[] => (has(name) ? [`${property}:${escaped(asText(fields[name]))}`] : [])
  const value = (property: string, name: string): readonly string[] => (has(name) ? [`${property}:${bare(asText(fields[name]))}`] : [])
  const geolocation = firstOf(asObject(fields['geolocationUi'])['geolocationValues'])
  const organizer = firstOf(asObject(fields['organizerUi'])['organizerValues'])
  return [
    `SUMMARY:${escaped(title)}`,
    ...text('DESCRIPTION', 'description'),
    ...text('LOCATION', 'location'),
    ...value('URL', 'url'),
    ...value('STATUS', 'status'),
    ...value('SEQUENCE', 'sequence'),
    ...value('X-MICROSOFT-CDO-BUSYSTATUS', 'busyStatus'),
    ...(has('recurrenceRule') ? [`RRULE:${bare(asText(fields['recurrenceRule'])).replace(/^RRULE:/i, '')}`] : []),
    ...(geolocation['lat'] ? [`GEO:${bare(asText(geolocation['lat']))};${bare(asText(geolocation['lon']))}`] : []),
    ...(organizer['email'] ? [person('ORGANIZER', organizer)] : []),
    ...asObjects(asObject(fields['attendeesUi'])['attendeeValues']).map((attendee) =>
      person('ATTENDEE', attendee, `;RSVP=${attendee['rsvp'] === true ? 'TRUE' : 'FALSE'}`),
    ),
  ]
}

/** An event as an iCalendar file (RFC 5545). @throws WeConnectError NODE_FAILED for a time that is none */
export const calendarFile = async (event: CalendarEvent, place: CalendarPlace): Promise<BinaryData> => {
  const { fields } = event
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//WeConnect//WeConnect//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    ...(fields['calName'] ? [`X-WR-CALNAME:${escaped(asText(fields['calName']))}`] : []),
    'BEGIN:VEVENT',
    `UID:${escaped(asText(fields['uid']) || place.uid)}`,
    `DTSTAMP:${moment(place.now, 'utc', 'time').toUTC().toFormat("yyyyMMdd'T'HHmmss'Z'")}`,
    ...times(event, place),
    ...details(event),
    'END:VEVENT',
    'END:VCALENDAR',
  ]
  const bytes = Buffer.from(`${lines.map(folded).join('\r\n')}\r\n`)
  return binaryOf(bytes, asText(fields['fileName']) || 'event.ics', 'text/calendar')
}

/** An iCalendar file as data: version, prodId, events with start, end, summary ... @throws WeConnectError NODE_FAILED */
export const readCalendar = async (text: string): Promise<JsonObject> => {
  const { convertIcsCalendar } = await import('ts-ics')
  if (!/^\s*BEGIN:VCALENDAR/i.test(text)) throw new WeConnectError('NODE_FAILED', 'The file is no calendar')
  return withinTime('Reading the calendar', () => JSON.parse(JSON.stringify(convertIcsCalendar(undefined, text))) as JsonObject)
}
