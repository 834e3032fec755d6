import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { DateTime } from 'luxon'
import { describe, expect, test } from 'vitest'
import { dateTimeFirst } from './first.ts'
import { formatAsMoment } from './moment-format.ts'
import { readAsMoment } from './moment-reading.ts'
import { dateTimeNode } from './node.ts'
import { readDate } from './read-date.ts'

const second = async (parameters: JsonObject, json: JsonObject = {}) =>
  (await runNode(dateTimeNode, { items: itemsOf(json), parameters })).outputs[0]![0]!.json
const first = async (parameters: JsonObject) => (await runNode(dateTimeFirst, { parameters })).outputs[0]![0]!.json

test.each<[JsonValue, string]>([
  ['2024-03-15', '2024-03-15T00:00:00.000Z'],
  ['2024-03-15T10:00:00+02:00', '2024-03-15T08:00:00.000Z'],
  ['03/15/2024 10:00', '2024-03-15T10:00:00.000Z'],
  ['Fri, 15 Mar 2024 10:00:00 +0200', '2024-03-15T08:00:00.000Z'],
  ['March 15, 2024', '2024-03-15T00:00:00.000Z'],
  [1710496800, '2024-03-15T10:00:00.000Z'],
  ['1710496800000', '2024-03-15T10:00:00.000Z'],
])('%j is read the same wherever the server stands', (value, wanted) => {
  expect(readDate(value).toUTC().toISO()).toBe(wanted)
})

test.each<JsonValue>(['not a date', '', null, { a: 1 }])('%j is no date', (value) => {
  expect(() => readDate(value)).toThrow('Invalid date format')
})

describe('version 2', () => {
  test('adds and subtracts in the zone of the workflow, over a change of clocks', async () => {
    const parameters = { magnitude: '2024-03-09T12:00:00-05:00', duration: 1 }
    expect(await second({ operation: 'addToDate', ...parameters })).toEqual({ newDate: '2024-03-10T12:00:00.000-04:00' })
    expect(await second({ operation: 'subtractFromDate', ...parameters, timeUnit: 'hours', outputFieldName: 'at' })).toEqual({
      at: '2024-03-09T11:00:00.000-05:00',
    })
  })

  test('formats in the zone of the date, or of the workflow', async () => {
    const parameters = { operation: 'formatDate', date: '2024-03-15T01:30:00+02:00', format: 'custom', customFormat: 'yyyy-MM-dd HH:mm' }
    expect(await second(parameters)).toEqual({ formattedDate: '2024-03-15 01:30' })
    expect(await second({ ...parameters, options: { timezone: true, includeInputFields: true } }, { a: 1 })).toEqual({
      a: 1,
      formattedDate: '2024-03-14 19:30',
    })
    expect(await second({ operation: 'formatDate', date: '15.03.24', options: { fromFormat: 'dd.MM.yy' } })).toEqual({
      formattedDate: '03/15/2024',
    })
  })

  test('rounds, extracts and measures', async () => {
    const date = '2024-03-15T10:20:30Z'
    expect(await second({ operation: 'roundDate', date, toNearest: 'hour' })).toEqual({ roundedDate: '2024-03-15T06:00:00.000-04:00' })
    expect(await second({ operation: 'roundDate', date, mode: 'roundUp' })).toEqual({ roundedDate: '2024-03-31T23:59:59.999-04:00' })
    expect(await second({ operation: 'extractDate', date, part: 'hour' })).toEqual({ datePart: 6 })
    const dates = { startDate: '2024-03-01T00:00:00Z', endDate: '2024-03-03T12:00:00Z' }
    expect(await second({ operation: 'getTimeBetweenDates', ...dates, units: ['day', 'hour'] })).toEqual({
      timeDifference: { days: 2, hours: 12 },
    })
    expect(await second({ operation: 'getTimeBetweenDates', ...dates, options: { isoString: true } })).toEqual({ timeDifference: 'P2.5D' })
  })

  test('the current date is that of the step', async () => {
    expect(await second({})).toEqual({ currentDate: '2026-01-01T22:04:05.000-05:00' })
    expect(await second({ includeTime: false, options: { timezone: 'Europe/Bern' } }).catch((error: Error) => error.message)).toContain(
      'The timezone "Europe/Bern" is not valid',
    )
    expect(await second({ includeTime: false, options: { timezone: 'Europe/Zurich' } })).toEqual({
      currentDate: '2026-01-02T00:00:00.000+01:00',
    })
  })

  test('one bad date fails its item alone when the node goes on', async () => {
    const items = itemsOf({ d: 'zz' }, { d: '2024-06-01' })
    const parameters = { operation: 'extractDate', date: '={{ $json.d }}', part: 'year' }
    expect(
      (await runNode(dateTimeNode, { items, parameters, onError: 'continueRegularOutput' })).outputs[0]!.map((item) => item.json),
    ).toEqual([{ error: 'Invalid date format: "zz"' }, { datePart: 2024 }])
  })
})

describe('version 1', () => {
  test('formats and calculates, into the named field of the item', async () => {
    expect(await first({ value: '08/01/2022', toFormat: 'YYYY-MM-DD' })).toEqual({ data: '2022-08-01' })
    expect(await first({ action: 'calculate', value: '2024-01-31', duration: 1, timeUnit: 'months', dataPropertyName: 'a.b' })).toEqual({
      a: { b: '2024-02-29T00:00:00.000Z' },
    })
    expect(await first({ value: '' })).toEqual({})
  })

  test('converts between zones', async () => {
    const options = { fromFormat: 'DD.MM.YYYY HH:mm', fromTimezone: 'Europe/Zurich', toTimezone: 'Asia/Tokyo' }
    expect(await first({ value: '15.03.2024 23:30', custom: true, toFormat: 'D.M. HH:mm', options })).toEqual({ data: '16.3. 07:30' })
  })

  test('a text in no known format fails', async () => {
    const message = 'The date input format could not be recognized. Please set the "From Format" field'
    await expect(first({ value: 'soon' })).rejects.toThrow(message)
    await expect(first({ value: '2024', options: { fromFormat: 'DD/MM' } })).rejects.toThrow(message)
  })
})

test('the tokens of version 1', () => {
  const date = DateTime.fromISO('2024-03-02T00:05:09.070+01:00', { setZone: true })
  expect(formatAsMoment(date, 'dddd ddd dd d, Do MMMM MMM YY Q [at YYYY] k:mm:ss.SSS A a Z ZZ X')).toBe(
    'Saturday Sat Sa 6, 2nd March Mar 24 1 at YYYY 24:05:09.070 AM am +01:00 +0100 1709334309',
  )
  expect(readAsMoment('Mar 2nd, 2024 1:05 pm', 'MMM Do, YYYY h:mm a', 'utc')?.toISO()).toBe('2024-03-02T13:05:00.000Z')
  expect(readAsMoment('2024-03-02T10:00:00+02:00 and more', 'YYYY-MM-DDTHH:mm:ssZ', 'utc')?.toUTC().toISO()).toBe(
    '2024-03-02T08:00:00.000Z',
  )
})
