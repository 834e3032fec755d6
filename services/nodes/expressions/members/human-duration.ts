import { Duration, type DurationUnit } from 'luxon'

const units = [
  'years',
  'quarters',
  'months',
  'weeks',
  'days',
  'hours',
  'minutes',
  'seconds',
  'milliseconds',
] as const satisfies DurationUnit[]

/**
 * `3 days, 2 hours`, as luxon's toHuman has it. Written anew because luxon keeps the list formatters it makes for ever, one for every set of options.
 * @throws RangeError for options that Intl does not know, TypeError for what is no Duration
 */
export const humanDuration = (duration: Duration, options: Readonly<Record<string, unknown>> = {}): string => {
  if (!Duration.isDuration(duration)) throw new TypeError('not a Duration')
  if (!duration.isValid) return 'Invalid Duration'
  const { listStyle = 'narrow', showZeros = true, ...rest } = options
  const locale = duration.locale ?? 'en-US'
  const values = duration.toObject()
  const words = units.flatMap((unit) => {
    const value = values[unit]
    if (value === undefined || (value === 0 && showZeros === false)) return []
    const style = { style: 'unit', unitDisplay: 'long', ...rest, unit: unit.slice(0, -1) } as Intl.NumberFormatOptions
    return [new Intl.NumberFormat(locale, style).format(value)]
  })
  return new Intl.ListFormat(locale, { type: 'conjunction', style: listStyle, ...rest } as Intl.ListFormatOptions).format(words)
}
