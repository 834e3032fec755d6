import fc from 'fast-check'
import { DateTime } from 'luxon'
import { describe, expect, test } from 'vitest'
import { openCalendar, ticksAfter, ticksUntil } from './calendar.ts'
import { cronProblem } from './cron.ts'
import type { ScheduleRule } from './rules.ts'

const at = (text: string, zone = 'UTC'): number => DateTime.fromISO(text, { zone }).toMillis()
const written = (zone: string) => (tick: number) => DateTime.fromMillis(tick, { zone }).toISO({ suppressMilliseconds: true })
const next = (rule: ScheduleRule, zone: string, after: string, count = 3, anchor = after): (string | null)[] =>
  ticksAfter(openCalendar([rule], zone, at(anchor, zone)), at(after, zone), count).map(written(zone))
const cron = (expression: string): ScheduleRule => ({ kind: 'cron', expression })
const every = (count: number, unit: 'seconds' | 'minutes' | 'hours', minute = 0): ScheduleRule => ({ kind: 'every', unit, count, minute })

describe('rules', () => {
  test('seconds, minutes and hours keep step with the clock', () => {
    expect(next(every(30, 'seconds'), 'UTC', '2026-01-31T23:59:10')).toEqual([
      '2026-01-31T23:59:30Z',
      '2026-02-01T00:00:00Z',
      '2026-02-01T00:00:30Z',
    ])
    expect(next(every(15, 'minutes'), 'Asia/Kathmandu', '2026-01-31T10:00:00')).toEqual([
      '2026-01-31T10:15:00+05:45',
      '2026-01-31T10:30:00+05:45',
      '2026-01-31T10:45:00+05:45',
    ])
    expect(next(every(6, 'hours', 20), 'Asia/Kolkata', '2026-01-31T06:20:00')).toEqual([
      '2026-01-31T12:20:00+05:30',
      '2026-01-31T18:20:00+05:30',
      '2026-02-01T00:20:00+05:30',
    ])
  })
  test('a count that does not divide the hour leaves no shorter step at its end', () => {
    const ticks = ticksAfter(openCalendar([every(45, 'seconds')], 'UTC', 0), at('2026-01-01T00:00:00'), 20)
    expect(new Set(ticks.slice(1).map((tick, index) => tick - ticks[index]!))).toEqual(new Set([45_000]))
  })
  test('every third day, from the first one after the activation', () => {
    expect(next({ kind: 'days', count: 3, hour: 9, minute: 30 }, 'Europe/Berlin', '2026-03-01T10:00:00')).toEqual([
      '2026-03-02T09:30:00+01:00',
      '2026-03-05T09:30:00+01:00',
      '2026-03-08T09:30:00+01:00',
    ])
  })
  test('a republish does not begin the count anew', () => {
    expect(next({ kind: 'days', count: 3, hour: 9, minute: 30 }, 'UTC', '2026-03-04T00:00:00', 1, '2026-03-01T10:00:00')).toEqual([
      '2026-03-05T09:30:00Z',
    ])
  })
  test('what would have been before the activation is counted backwards', () => {
    expect(next({ kind: 'days', count: 3, hour: 9, minute: 30 }, 'UTC', '2026-02-20T00:00:00', 2, '2026-03-01T10:00:00')).toEqual([
      '2026-02-21T09:30:00Z',
      '2026-02-24T09:30:00Z',
    ])
    expect(
      next({ kind: 'weeks', count: 2, weekdays: [1], hour: 8, minute: 0 }, 'UTC', '2026-06-01T00:00:00', 2, '2026-07-01T00:00:00'),
    ).toEqual(['2026-06-08T08:00:00Z', '2026-06-22T08:00:00Z'])
    expect(next({ kind: 'months', count: 2, day: 5, hour: 0, minute: 0 }, 'UTC', '2026-01-01T00:00:00', 2, '2026-07-01T00:00:00')).toEqual([
      '2026-01-05T00:00:00Z',
      '2026-03-05T00:00:00Z',
    ])
  })
  test('every second week on Monday and Thursday', () => {
    expect(next({ kind: 'weeks', count: 2, weekdays: [1, 4], hour: 8, minute: 0 }, 'UTC', '2026-07-01T00:00:00', 5)).toEqual([
      '2026-07-02T08:00:00Z',
      '2026-07-13T08:00:00Z',
      '2026-07-16T08:00:00Z',
      '2026-07-27T08:00:00Z',
      '2026-07-30T08:00:00Z',
    ])
  })
  test('months without the day are left out', () => {
    const rule = { kind: 'months', count: 1, day: 31, hour: 0, minute: 0 } as const
    expect(next(rule, 'UTC', '2026-01-31T00:00:00')).toEqual(['2026-03-31T00:00:00Z', '2026-05-31T00:00:00Z', '2026-07-31T00:00:00Z'])
    expect(next({ ...rule, count: 3, day: 28, hour: 9 }, 'UTC', '2026-01-30T00:00:00', 2)).toEqual([
      '2026-02-28T09:00:00Z',
      '2026-05-28T09:00:00Z',
    ])
    expect(next({ ...rule, day: 29, count: 12 }, 'UTC', '2028-02-01T00:00:00', 2)).toEqual(['2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z'])
  })
  test('cron with five fields, with six, with names, and with day of month or day of week', () => {
    expect(next(cron('5 13,19 * * *'), 'UTC', '2026-01-01T13:05:00', 2)).toEqual(['2026-01-01T19:05:00Z', '2026-01-02T13:05:00Z'])
    expect(next(cron('30 8 4 * * *'), 'UTC', '2026-01-01T00:00:00', 1)).toEqual(['2026-01-01T04:08:30Z'])
    expect(next(cron('0 8 * * MON-FRI'), 'UTC', '2026-01-02T09:00:00', 1)).toEqual(['2026-01-05T08:00:00Z'])
    expect(next(cron('0 9 13 * 5'), 'UTC', '2026-02-01T00:00:00', 3)).toEqual([
      '2026-02-06T09:00:00Z',
      '2026-02-13T09:00:00Z',
      '2026-02-20T09:00:00Z',
    ])
    expect(next(cron('0 9 L * *'), 'UTC', '2026-02-01T00:00:00', 1)).toEqual(['2026-02-28T09:00:00Z'])
  })
  test.each(['', 'every day', '61 * * * *', '* * * *', '* * * * * * *', '0 0 31 2 *', '*/0 * * * *'])(
    '"%s" is no cron expression',
    (text) => {
      expect(cronProblem(text)).toBeTypeOf('string')
    },
  )
  test('rules of one schedule that meet tick once', () => {
    const calendar = openCalendar([cron('*/30 * * * *'), every(1, 'hours')], 'UTC', 0)
    expect(ticksAfter(calendar, at('2026-01-01T00:00:00'), 4).map(written('UTC'))).toEqual([
      '2026-01-01T00:30:00Z',
      '2026-01-01T01:00:00Z',
      '2026-01-01T01:30:00Z',
      '2026-01-01T02:00:00Z',
    ])
  })
})

describe('the clock is set forward (Europe/Berlin, 29 March 2026, 02:00 to 03:00)', () => {
  const zone = 'Europe/Berlin'
  test('a time that is skipped ticks at the end of the gap, once', () => {
    expect(next(cron('30 2 * * *'), zone, '2026-03-28T12:00:00')).toEqual([
      '2026-03-29T03:00:00+02:00',
      '2026-03-30T02:30:00+02:00',
      '2026-03-31T02:30:00+02:00',
    ])
    expect(next(cron('*/15 2 * * *'), zone, '2026-03-28T12:00:00', 2)).toEqual(['2026-03-29T03:00:00+02:00', '2026-03-30T02:00:00+02:00'])
    expect(next({ kind: 'days', count: 1, hour: 2, minute: 0 }, zone, '2026-03-28T12:00:00', 1)).toEqual(['2026-03-29T03:00:00+02:00'])
    expect(next(every(2, 'hours'), zone, '2026-03-29T00:30:00', 2)).toEqual(['2026-03-29T03:00:00+02:00', '2026-03-29T04:00:00+02:00'])
  })
  test('a rule of every hour goes on as time passes', () => {
    expect(next(cron('7 * * * *'), zone, '2026-03-29T01:00:00', 2)).toEqual(['2026-03-29T01:07:00+01:00', '2026-03-29T03:07:00+02:00'])
    expect(next(every(20, 'minutes'), zone, '2026-03-29T01:30:00', 3)).toEqual([
      '2026-03-29T01:40:00+01:00',
      '2026-03-29T03:00:00+02:00',
      '2026-03-29T03:20:00+02:00',
    ])
  })
})

describe('the clock is set back (Europe/Berlin, 25 October 2026, 03:00 to 02:00)', () => {
  const zone = 'Europe/Berlin'
  test('a time that comes twice ticks the first time', () => {
    expect(next(cron('30 2 * * *'), zone, '2026-10-24T12:00:00', 2)).toEqual(['2026-10-25T02:30:00+02:00', '2026-10-26T02:30:00+01:00'])
    expect(next(every(2, 'hours'), zone, '2026-10-25T01:00:00', 2)).toEqual(['2026-10-25T02:00:00+02:00', '2026-10-25T04:00:00+01:00'])
  })
  test('a rule of every hour ticks in both passes', () => {
    expect(next(cron('30 * * * *'), zone, '2026-10-25T01:45:00')).toEqual([
      '2026-10-25T02:30:00+02:00',
      '2026-10-25T02:30:00+01:00',
      '2026-10-25T03:30:00+01:00',
    ])
    expect(next(every(1, 'hours'), zone, '2026-10-25T01:00:00')).toEqual([
      '2026-10-25T02:00:00+02:00',
      '2026-10-25T02:00:00+01:00',
      '2026-10-25T03:00:00+01:00',
    ])
  })
})

test('a day that a zone leaves out (Samoa, 30 December 2011) ticks when it is over', () => {
  expect(next(cron('0 12 30 12 *'), 'Pacific/Apia', '2011-12-29T13:00:00', 1)).toEqual(['2011-12-31T00:00:00+14:00'])
})
test('half an hour is set back (Lord Howe)', () => {
  expect(next(every(15, 'minutes'), 'Australia/Lord_Howe', '2026-04-05T01:20:00', 6)).toEqual([
    '2026-04-05T01:30:00+11:00',
    '2026-04-05T01:45:00+11:00',
    '2026-04-05T01:30:00+10:30',
    '2026-04-05T01:45:00+10:30',
    '2026-04-05T02:00:00+10:30',
    '2026-04-05T02:15:00+10:30',
  ])
})

const rules: fc.Arbitrary<ScheduleRule> = fc.oneof(
  fc.record({
    kind: fc.constant('every' as const),
    unit: fc.constantFrom('minutes' as const, 'hours' as const),
    count: fc.integer({ min: 1, max: 90 }),
    minute: fc.integer({ min: 0, max: 59 }),
  }),
  fc.record({ kind: fc.constant('days' as const), count: fc.integer({ min: 1, max: 9 }), hour: fc.nat(23), minute: fc.nat(59) }),
  fc.record({
    kind: fc.constant('weeks' as const),
    count: fc.integer({ min: 1, max: 4 }),
    weekdays: fc.uniqueArray(fc.nat(6), { minLength: 1 }),
    hour: fc.nat(23),
    minute: fc.nat(59),
  }),
  fc.record({
    kind: fc.constant('months' as const),
    count: fc.integer({ min: 1, max: 5 }),
    day: fc.integer({ min: 1, max: 31 }),
    hour: fc.nat(23),
    minute: fc.nat(59),
  }),
  fc.constantFrom('*/7 * * * *', '30 2 * * *', '15 1-3 * * SUN', '*/20 2 * * *', '0 0 1 * *', '10 */5 * * *').map(cron),
)
const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'America/Santiago',
  'Africa/Casablanca',
)
const moments = fc.integer({ min: at('2024-01-01'), max: at('2028-01-01') })

test('ticks ascend, and where one looks from does not change them', () => {
  fc.assert(
    fc.property(rules, zones, moments, moments, (rule, zone, anchor, from) => {
      const calendar = openCalendar([rule], zone, anchor)
      const ticks = ticksAfter(calendar, from, 12)
      for (const [index, tick] of ticks.entries()) {
        const before = ticks[index - 1] ?? from
        expect(tick).toBeGreaterThan(before)
        expect(calendar.next(tick - 1)).toBe(tick)
        expect(calendar.next(Math.floor((before + tick) / 2))).toBe(tick)
      }
      expect(ticksUntil(calendar, from, ticks.at(-1) ?? from, 3)).toEqual(ticks.slice(-3))
    }),
    { numRuns: 300 },
  )
})

test('away from changes of the clock, a tick is what the rule says in local time', () => {
  fc.assert(
    fc.property(zones, moments, fc.nat(23), fc.nat(59), (zone, from, hour, minute) => {
      const [tick] = ticksAfter(openCalendar([{ kind: 'days', count: 1, hour, minute }], zone, from), from, 1)
      const local = DateTime.fromMillis(tick!, { zone })
      const changes = local.minus({ hours: 3 }).offset !== local.plus({ hours: 3 }).offset
      if (!changes) expect([local.hour, local.minute, local.second]).toEqual([hour, minute, 0])
      expect(tick! - from).toBeLessThanOrEqual(25 * 3_600_000 + 3_600_000)
    }),
    { numRuns: 300 },
  )
})
