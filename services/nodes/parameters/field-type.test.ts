import { DateTime } from 'luxon'
import { expect, test } from 'vitest'
import { validateFieldType } from './field-type.ts'

const given = (value: unknown, type: string): unknown => {
  const result = validateFieldType('field', value, type, { timezone: 'Europe/Berlin' })
  return result.valid ? result.newValue : result.errorMessage
}

test.each([
  [Number.NaN, 'number', "'field' expects a number but we got 'NaN'"],
  [new Date(5), 'number', 5],
  [DateTime.fromMillis(7), 'number', 7],
  ['', 'boolean', "'field' expects a boolean but we got ''"],
  ['01', 'boolean', true],
  ['a.b', 'jwt', 'Value is not a valid JWT token'],
])('%o as a %s is %o', (value, type, expected) => {
  expect(given(value, type)).toBe(expected)
})

test.each([
  ['20230517', '2023-05-17T00:00:00.000+02:00'],
  ['2023', '2023-01-01T00:00:00.000+01:00'],
  // what JavaScript itself writes for a date: the zone stands before its name
  ['Wed May 17 2023 10:52:32 GMT+0200 (Central European Summer Time)', '2023-05-17T10:52:32.000+02:00'],
])('%s is a date', (text, expected) => {
  expect((given(text, 'dateTime') as DateTime).toISO()).toBe(expected)
})

test.each(['1685084980', '1685085012135', '5'])('%s, a number, is no date', (text) => {
  expect(given(text, 'dateTime')).toContain("'field' expects a dateTime")
})
