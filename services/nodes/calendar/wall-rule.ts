import { parseCron } from './cron.ts'
import { dayMs, type ScheduleRule } from './rules.ts'

/** A rule in wall time alone, where every day has 24 hours. */
export interface WallRule {
  /** First tick later than `wall`. */
  next(wall: number): number | undefined
  /** Ticks in every hour: such a rule follows the time that passes, the others the clock. */
  readonly everyHour: boolean
}

const minuteMs = 60_000
const hourMs = 3_600_000
const unitMs = { seconds: 1000, minutes: minuteMs, hours: hourMs } as const
/** Day 0 of the epoch is a Thursday; weeks begin on Monday. */
const weekOf = (day: number): number => Math.floor((day + 3) / 7)
const firstDayOf = (week: number): number => week * 7 - 3
/** In [0, divisor). */
const remainder = (value: number, divisor: number): number => ((value % divisor) + divisor) % divisor
const weekdayOf = (day: number): number => remainder(day + 4, 7)
/** Months looked at for one that has the day; every fourth year has them all. */
const mostMonths = 100

/** @param anchor wall time at which the schedule began */
export const wallRule = (rule: ScheduleRule, anchor: number): WallRule => {
  switch (rule.kind) {
    case 'cron':
      return parseCron(rule.expression)
    case 'every': {
      const stepMs = rule.count * unitMs[rule.unit]
      const phaseMs = rule.unit === 'hours' ? rule.minute * minuteMs : 0
      return { next: (wall) => (Math.floor((wall - phaseMs) / stepMs) + 1) * stepMs + phaseMs, everyHour: stepMs <= hourMs }
    }
    case 'days':
      return { next: nextDay(rule, anchor), everyHour: false }
    case 'weeks':
      return { next: nextInWeek(rule, anchor), everyHour: false }
    case 'months':
      return { next: nextInMonth(rule, anchor), everyHour: false }
  }
}

const timeOf = ({ hour, minute }: { readonly hour: number; readonly minute: number }): number => hour * hourMs + minute * minuteMs

const nextDay = (rule: Extract<ScheduleRule, { kind: 'days' }>, anchor: number): WallRule['next'] => {
  const [time, stepMs] = [timeOf(rule), rule.count * dayMs]
  const first = Math.ceil((anchor - time) / dayMs) * dayMs + time
  return (wall) => first + (Math.floor((wall - first) / stepMs) + 1) * stepMs
}

const nextInWeek = (rule: Extract<ScheduleRule, { kind: 'weeks' }>, anchor: number): WallRule['next'] => {
  const time = timeOf(rule)
  const days = new Set(rule.weekdays)
  if (days.size === 0) return () => undefined
  const search = (wall: number, weeksToSkip: (week: number) => number): number => {
    for (let day = Math.floor((wall - time) / dayMs) + 1; ; day += 1) {
      const skipped = weeksToSkip(weekOf(day))
      if (skipped > 0) day = firstDayOf(weekOf(day) + skipped) - 1
      else if (days.has(weekdayOf(day))) return day * dayMs + time
    }
  }
  const firstWeek = weekOf(Math.floor(search(anchor - 1, () => 0) / dayMs))
  return (wall) => search(wall, (week) => remainder(firstWeek - week, rule.count))
}

const nextInMonth = (rule: Extract<ScheduleRule, { kind: 'months' }>, anchor: number): WallRule['next'] => {
  const time = timeOf(rule)
  const inMonth = (month: number): number | undefined => {
    const date = new Date(Date.UTC(1970, month, rule.day))
    return date.getUTCDate() === rule.day ? date.getTime() + time : undefined
  }
  const search = (wall: number, start: number, step: number): number | undefined => {
    for (let tries = 0, month = start; tries < mostMonths; tries += 1, month += step) {
      const found = inMonth(month)
      if (found !== undefined && found > wall) return found
    }
    return undefined
  }
  const first = search(anchor - 1, monthOf(anchor), 1)
  if (first === undefined) return () => undefined
  const firstMonth = monthOf(first)
  return (wall) => search(wall, firstMonth + Math.floor((monthOf(wall) - firstMonth) / rule.count) * rule.count, rule.count)
}

/** Months since the epoch. */
const monthOf = (wall: number): number => {
  const date = new Date(wall)
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}
