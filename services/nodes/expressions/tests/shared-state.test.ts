import { Settings } from 'luxon'
import { describe, expect, test } from 'vitest'
import { resultOf } from './scope.ts'

/** What luxon, Intl and our own tables keep for all evaluations must be out of reach of each of them. */
describe('one evaluation does not change what another sees through', () => {
  test("a toJSON among a formatter's options does not file it under other options", () => {
    const attack =
      "$now.setLocale('pt').toLocaleString({ weekday: 'long', toJSON: () => ({ year: 'numeric', timeZone: 'Europe/Berlin' }) })"
    resultOf(`={{ ${attack} }}`)
    expect(resultOf("={{ $now.setLocale('pt').toLocaleString({ year: 'numeric' }) }}")).toBe('2024')
  })

  test('an object with the methods of a zone is no zone', () => {
    const zone = '{ offset: () => 5, isValid: true, equals: () => true, name: "x", type: "iana" }'
    const [hour, plain] = resultOf(`={{ [$now.setZone(${zone}).hour, $now.hour] }}`) as [number | null, number]
    expect([hour, plain]).toEqual([null, 19])
    expect(resultOf('={{ $now.hour }}')).toBe(19)
  })

  test.each([
    "DateTime.defaultZone = 'Asia/Tokyo'",
    "Settings.defaultZone = 'Asia/Tokyo'",
    '$now.c.year = 1',
    "$now.get('c').year = 1",
    "DateTime.now().loc.locale = 'fr'",
    'DateTime.DATE_FULL.year = 1',
    'Object.assign(DateTime.DATE_SHORT, { weekday: "long" })',
  ])('%s', (code) => {
    const settings = () => [Settings.defaultZone.name, Settings.defaultLocale, Settings.throwOnInvalid]
    const before = settings()
    try {
      resultOf(`={{ ${code} }}`)
    } catch {
      // Refusing is as good.
    }
    expect(settings()).toEqual(before)
    expect(resultOf('={{ [$now.year, $now.toLocaleString(DateTime.DATE_FULL), $now.toLocaleString()] }}')).toEqual([
      2024,
      'March 30, 2024',
      '3/30/2024',
    ])
  })
})

test.each(['constructor', 'toISO', 'loc', 'zone', '_zone', 'c', 'weekData', '__proto__', 'setZone', 'toString'])(
  'a date gives no member of the host by name: %s',
  (name) =>
    expect(['undefined', 'object:year']).toContain(
      resultOf(`={{ ((v) => typeof v + (typeof v === 'object' ? ':' + Object.keys(v)[0] : ''))($now.get('${name}')) }}`),
    ),
)

test('a duration in words is as luxon has it', () => {
  expect(resultOf('={{ Duration.fromObject({ hours: 2, minutes: 0 }).toHuman() }}')).toBe('2 hours, 0 minutes')
  expect(resultOf("={{ Duration.fromObject({ days: 1, hours: 2 }).toHuman({ unitDisplay: 'short', listStyle: 'long' }) }}")).toBe(
    '1 day and 2 hr',
  )
  expect(resultOf('={{ Duration.fromObject({ hours: 2, minutes: 0 }).toHuman({ showZeros: false }) }}')).toBe('2 hours')
})
