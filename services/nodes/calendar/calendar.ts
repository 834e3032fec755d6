import { dayMs, type ScheduleRule } from './rules.ts'
import { type WallRule, wallRule } from './wall-rule.ts'
import { type Zone, zoneOf } from './zone.ts'

/**
 * The ticks of a set of rules in one time zone, each instant once. Where clocks change, as docs/schedules.md says: a rule that ticks in every hour follows
 * the time that passes (nothing for the hour that is skipped, both passes of the one that comes twice); every other rule follows the clock (a skipped
 * time ticks at the end of the gap, a doubled one the first time only).
 */
export interface Calendar {
  /** First tick later than `after`, milliseconds since the epoch; undefined when there is none. */
  next(after: number): number | undefined
}

/** @param anchor milliseconds since the epoch at which the schedule began: every second week, third day ... is counted from there */
export const openCalendar = (rules: readonly ScheduleRule[], timezone: string, anchor: number): Calendar => {
  const zone = zoneOf(timezone)
  const wallAnchor = anchor + zone.offset(anchor)
  const searches = rules.map((rule) => {
    const wall = wallRule(rule, wallAnchor)
    return wall.everyHour ? (after: number) => nextAsTimePasses(wall, zone, after) : (after: number) => nextOfClock(wall, zone, after)
  })
  return {
    next: (after) => {
      let first: number | undefined
      for (const search of searches) {
        const tick = search(after)
        if (tick !== undefined && (first === undefined || tick < first)) first = tick
      }
      return first
    },
  }
}

const endOfGap = (zone: Zone, wall: number): number => zone.changeIn(wall - dayMs - zone.offset(wall - dayMs), wall + dayMs)

const nextOfClock = (rule: WallRule, zone: Zone, after: number): number | undefined => {
  for (let wall = rule.next(after + zone.offset(after)); wall !== undefined; wall = rule.next(wall)) {
    const instant = zone.instants(wall)[0] ?? endOfGap(zone, wall)
    if (instant > after) return instant
  }
  return undefined
}

const nextAsTimePasses = (rule: WallRule, zone: Zone, after: number): number | undefined => {
  const straight = nextInOrder(rule, zone, after)
  const offset = zone.offset(after)
  const setBackMs = offset - zone.offset(after + dayMs)
  if (setBackMs <= 0 || zone.offset(after + setBackMs) === offset) return straight
  // In the first pass of a doubled hour: what comes earlier on the clock may come later in time.
  const change = zone.changeIn(after, after + setBackMs)
  const secondPass = nextInOrder(rule, zone, change - 1, change + zone.offset(change) - 1)
  return straight === undefined || (secondPass !== undefined && secondPass < straight) ? secondPass : straight
}

const nextInOrder = (rule: WallRule, zone: Zone, after: number, from = after + zone.offset(after)): number | undefined => {
  for (let wall = rule.next(from); wall !== undefined; ) {
    const instants = zone.instants(wall)
    const instant = instants.find((one) => one > after)
    if (instant !== undefined) return instant
    const end = instants.length === 0 ? endOfGap(zone, wall) : undefined
    wall = rule.next(end === undefined ? wall : end + zone.offset(end) - 1)
  }
  return undefined
}

/** Up to `count` ticks in (after, until], the first ones. */
export const ticksAfter = (calendar: Calendar, after: number, count: number, until = Number.POSITIVE_INFINITY): number[] => {
  const ticks: number[] = []
  for (let tick = calendar.next(after); tick !== undefined && tick <= until && ticks.length < count; tick = calendar.next(tick))
    ticks.push(tick)
  return ticks
}

/** Up to `count` ticks in (after, until], the last ones, ascending: found from the end, so that a long gap costs little. */
export const ticksUntil = (calendar: Calendar, after: number, until: number, count: number): number[] => {
  for (let spanMs = 60_000; ; spanMs *= 8) {
    const from = Math.max(after, until - spanMs)
    const ticks = ticksAfter(calendar, from, Number.POSITIVE_INFINITY, until)
    if (ticks.length >= count || from === after) return ticks.slice(-count)
  }
}
