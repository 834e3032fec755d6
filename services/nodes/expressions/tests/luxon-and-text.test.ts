import { expect, test } from 'vitest'
import { resultOf } from './scope.ts'

/** The clock of `scope.ts` stands at 2024-03-30T18:49:05.123Z, which is not that of the host. */
test.each([
  ['$now.minus({ days: 1 }).toRelative()', '1 day ago'],
  ['$now.minus({ days: 1 }).setLocale("de").toRelative()', 'vor 1 Tag'],
  ['$now.plus({ days: 1 }).toRelativeCalendar()', 'tomorrow'],
  ['$now.toRelative({ base: $now.plus({ years: 1 }) })', '1 year ago'],
  ['$now.minus({ hours: 2 }).diffNow("hours").hours', -2],
  ['Duration.fromObject({ hours: 1, minutes: 30 }).mapUnits((value) => value * 2).toObject()', { hours: 2, minutes: 60 }],
  ['Interval.fromISO("2024-01-01/P1D").mapEndpoints((end) => end.plus({ days: 1 })).start.toISODate()', '2024-01-02'],
  ['Interval.fromISO("2024-01-01/P1D").mapEndpoints(() => 1)', undefined],
  ['Interval.merge([Interval.fromISO("2024-01-01/P1D"), Interval.fromISO("2024-01-02/P1D")]).length', 1],
  ['[DateTime.invalid("late").isValid, DateTime.invalid("late").invalidReason, Duration.invalid("long").isValid]', [false, 'late', false]],
  ['"quick a brown FOX or the lazy iPhone".toTitleCase()', 'Quick a Brown FOX or the Lazy iPhone'],
  ['"déjà 你好 ß".replaceSpecialChars()', 'deja Ni Hao ss'],
])('%s', (code, result) => {
  expect(resultOf(`={{ ${code.replaceAll('}}', '\\}}')} }}`)).toEqual(result)
})

test('a long text is paid for by its length', () => {
  expect(() => resultOf('={{ "a".repeat(400000).replaceSpecialChars() }}')).toThrow('takes too many steps')
  expect(() => resultOf('={{ "a".repeat(400000).toTitleCase() }}')).toThrow('takes too many steps')
})
