import { createHash } from 'node:crypto'
import { type Calendar, openCalendar, ticksAfter, ticksUntil } from '@weconnect/nodes/calendar/calendar'
import type { ScheduleRule } from '@weconnect/nodes/calendar/rules'
import type { Schedule, Spec } from './state.ts'

/** Milliseconds: the newest tick that is due counts as on time when it is no later than this, whatever else was missed. */
export const onTimeMs = 10_000

const calendars = new WeakMap<Spec, Calendar>()

/** The ticks of a schedule between its start and its end. */
const calendarOf = (spec: Spec): Calendar => {
  const known = calendars.get(spec)
  if (known) return known
  const all = openCalendar(spec.rules as unknown as readonly ScheduleRule[], spec.timezone, Date.parse(spec.anchor))
  const first = spec.startAt === undefined ? Number.NEGATIVE_INFINITY : Date.parse(spec.startAt) - 1
  const last = spec.endAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(spec.endAt)
  const calendar: Calendar = {
    next: (after) => {
      const tick = all.next(Math.max(after, first))
      return tick === undefined || tick > last ? undefined : tick
    },
  }
  calendars.set(spec, calendar)
  return calendar
}

/** When a tick is to run: the same delay for everyone who asks. */
export const dueAt = ({ scheduleId, jitterMs }: Spec, tick: number): number => {
  if (jitterMs === 0) return tick
  const part = createHash('sha256').update(`${scheduleId}/${tick}`).digest().readUInt32LE(0) / 4_294_967_296
  return tick + Math.floor(part * jitterMs)
}

const executionsLeft = ({ spec, executions, queue }: Schedule): number =>
  (spec?.maxExecutions ?? Number.POSITIVE_INFINITY) - executions - queue.length

/** When the next tick is due, in milliseconds since the epoch; undefined = never, as things are. */
export const nextDue = (state: Schedule): number | undefined => {
  const { spec, phase, paused, cursor } = state
  if (!spec || phase !== 'live' || paused || executionsLeft(state) <= 0) return undefined
  const tick = calendarOf(spec).next(cursor)
  return tick === undefined ? undefined : dueAt(spec, tick)
}

/** The next ticks as they will run, without jitter. @param now nothing before it is shown, although it may still be due */
export const preview = (state: Schedule, now: number, count: number): number[] => {
  const { spec, phase, paused, cursor } = state
  if (!spec || phase !== 'live' || paused) return []
  return ticksAfter(calendarOf(spec), Math.max(cursor, now), Math.min(count, Math.max(0, executionsLeft(state))))
}

/** Ticks in [from, to]. @param most looks no further than this many */
export const ticksBetween = (spec: Spec, from: number, to: number, most: number): number[] =>
  ticksAfter(calendarOf(spec), from - 1, most, to)

export interface DueTicks {
  /** Ticks up to here are not run; undefined when there are none. */
  readonly skipUntil: number | undefined
  /** Ascending; at most `limit`. */
  readonly ticks: readonly { readonly tick: number; readonly late: boolean }[]
}

/** Which ticks run now, by the policy for those that were missed. */
export const dueTicks = (state: Schedule, now: number, limit: number): DueTicks => {
  const { spec, cursor } = state
  const none: DueTicks = { skipUntil: undefined, ticks: [] }
  const left = executionsLeft(state)
  if (!spec || left <= 0) return none
  const calendar = calendarOf(spec)
  const [before, newest] = lastDue(spec, calendar, cursor, now)
  if (newest === undefined) return none
  const onTime = now - dueAt(spec, newest) <= onTimeMs
  const lastMissed = onTime ? before : newest
  const current = onTime ? [{ tick: newest, late: false }] : []
  if (lastMissed === undefined) return { skipUntil: undefined, ticks: current }
  const earliest = now - spec.missedWindowMs
  if (spec.missed === 'skip' || lastMissed < earliest) return { skipUntil: lastMissed, ticks: current }
  const firstTick = spec.missed === 'one' ? lastMissed : (calendar.next(Math.max(cursor, earliest - 1)) as number)
  const skipped = (calendar.next(cursor) as number) < firstTick
  const ticks = ticksAfter(calendar, firstTick - 1, Math.min(limit, left), newest)
  return { skipUntil: skipped ? firstTick - 1 : undefined, ticks: ticks.map((tick) => ({ tick, late: tick < newest || !onTime })) }
}

/** The last two ticks that are due: [the one before, the newest]. Ticks run in their order, so that one waits for those before it. */
const lastDue = (spec: Spec, calendar: Calendar, cursor: number, now: number): readonly [number | undefined, number | undefined] => {
  const undecided = ticksAfter(calendar, Math.max(cursor, now - spec.jitterMs - 1), Number.POSITIVE_INFINITY, now)
  const notYet = undecided.find((tick) => dueAt(spec, tick) > now)
  const ticks = ticksUntil(calendar, cursor, notYet === undefined ? now : notYet - 1, 2)
  return ticks.length === 2 ? [ticks[0], ticks[1]] : [undefined, ticks[0]]
}
