import type { JsonObject } from '@weconnect/contracts/json'
import { DateTime } from 'luxon'

/** A schedule as a user writes it, and what it means minute by minute, told without the product's calendar. */
export interface ReferenceSchedule {
  /** n8n's rule. */
  readonly rule: JsonObject
  /** Whether a local time matches. `day`: since the first of the simulated days. */
  readonly matches: (local: LocalMinute) => boolean
  /** Ticks in every hour, so that it follows the time that passes. */
  readonly everyHour: boolean
}

export interface LocalMinute {
  readonly minute: number
  readonly hour: number
  readonly dayOfMonth: number
  readonly month: number
  /** 0 = Sunday. */
  readonly weekday: number
  /** Minutes of the local clock since the epoch. */
  readonly wall: number
}

interface ZoneMinute extends LocalMinute {
  readonly at: number
  /** The clock showed it before: the second pass of a doubled hour. */
  readonly again: boolean
  /** Local minutes that the clock skipped just before. */
  readonly skipped: readonly LocalMinute[]
}

const minuteMs = 60_000

const localOf = (wall: number): LocalMinute => {
  const date = new Date(wall * minuteMs)
  return {
    wall,
    minute: date.getUTCMinutes(),
    hour: date.getUTCHours(),
    dayOfMonth: date.getUTCDate(),
    month: date.getUTCMonth() + 1,
    weekday: date.getUTCDay(),
  }
}

/** Every minute after `begin` up to `end`, as the clock of a zone shows it. */
export const minutesOf = (zone: string, begin: number, end: number): readonly ZoneMinute[] => {
  const minutes: ZoneMinute[] = []
  let furthest = Number.NEGATIVE_INFINITY
  for (let at = begin; at <= end; at += minuteMs) {
    const wall = at / minuteMs + DateTime.fromMillis(at, { zone }).offset
    const skipped =
      furthest === Number.NEGATIVE_INFINITY
        ? []
        : Array.from({ length: Math.max(0, wall - furthest - 1) }, (_, index) => localOf(furthest + 1 + index))
    minutes.push({ ...localOf(wall), at, again: wall <= furthest, skipped })
    furthest = Math.max(furthest, wall)
  }
  return minutes.slice(1)
}

/** The ticks, ISO 8601, by the two sentences of docs/schedules.md on changes of the clock. */
export const referenceTicks = ({ matches, everyHour }: ReferenceSchedule, minutes: readonly ZoneMinute[]): readonly string[] =>
  minutes
    .filter((minute) => (matches(minute) && (everyHour || !minute.again)) || (!everyHour && minute.skipped.some(matches)))
    .map(({ at }) => new Date(at).toISOString())

/** Whole numbers below `limit`, the same for the same seed. Source: mulberry32. */
export const seeded = (seed: number): ((limit: number) => number) => {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit)
  }
}

/** One of many kinds of schedules. @param begin when it is activated */
export const someSchedule = (random: (limit: number) => number, zone: string, begin: number): ReferenceSchedule => {
  const [hour, minute] = [random(24), random(60)]
  const beginWall = begin / minuteMs + DateTime.fromMillis(begin, { zone }).offset
  const at = { triggerAtHour: hour, triggerAtMinute: minute }
  const isTime = (local: LocalMinute): boolean => local.hour === hour && local.minute === minute
  const dayOf = (wall: number): number => Math.floor(wall / 1440)
  const kind = random(50)
  // What ticks every few minutes says little more than what ticks a few times a day.
  switch (kind < 2 ? kind : 2 + (kind % 8)) {
    case 0: {
      const count = [15, 20, 30, 45][random(4)]!
      return { rule: { field: 'minutes', minutesInterval: count }, everyHour: true, matches: ({ wall }) => wall % count === 0 }
    }
    case 1:
      return {
        rule: { field: 'hours', hoursInterval: 1, triggerAtMinute: minute },
        everyHour: true,
        matches: (local) => local.minute === minute,
      }
    case 2: {
      const count = 2 + random(6)
      const rule = { field: 'hours', hoursInterval: count, triggerAtMinute: minute }
      return { rule, everyHour: false, matches: ({ wall }) => (wall - minute) % (count * 60) === 0 }
    }
    case 3: {
      const count = 2 + random(3)
      const first = dayOf(beginWall - hour * 60 - minute + 1439)
      return {
        rule: { field: 'days', daysInterval: count, ...at },
        everyHour: false,
        matches: (local) => isTime(local) && (dayOf(local.wall) - first) % count === 0,
      }
    }
    case 4: {
      const weekdays = [random(7), random(7)]
      return {
        rule: { field: 'weeks', triggerAtDay: weekdays, ...at },
        everyHour: false,
        matches: (local) => isTime(local) && weekdays.includes(local.weekday),
      }
    }
    case 5: {
      const day = 1 + random(31)
      return {
        rule: { field: 'months', triggerAtDayOfMonth: day, ...at },
        everyHour: false,
        matches: (local) => isTime(local) && local.dayOfMonth === day,
      }
    }
    case 6:
      return {
        rule: cron(`${minute} ${hour} * * 1-5`),
        everyHour: false,
        matches: (local) => isTime(local) && local.weekday > 0 && local.weekday < 6,
      }
    case 7:
      return {
        rule: cron(`*/20 1-3 * * *`),
        everyHour: false,
        matches: (local) => local.minute % 20 === 0 && local.hour >= 1 && local.hour <= 3,
      }
    case 8:
      return { rule: cron(`${minute} * * * SUN`), everyHour: true, matches: (local) => local.minute === minute && local.weekday === 0 }
    default:
      return { rule: { field: 'days', ...at }, everyHour: false, matches: isTime }
  }
}

const cron = (expression: string): JsonObject => ({ field: 'cronExpression', expression })
