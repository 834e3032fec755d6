import { WeConnectError } from '@weconnect/contracts/errors'
import type { ScheduleEvent, ScheduleFired, ScheduleTicksSkipped } from '@weconnect/contracts/events/schedule'
import { dueTicks, nextDue, ticksBetween } from './due.ts'
import { executionIdOf, repeatedExecutionId } from './ids.ts'
import { evolve, type Schedule, type Spec, unwritten } from './state.ts'

/** Milliseconds since the epoch in `now`, `from` and `to`. */
export type ScheduleCommand = { readonly scheduleId: string } & (
  | { readonly type: 'RegisterSchedule'; readonly spec: Omit<Spec, 'anchor'>; readonly now: number }
  | { readonly type: 'ReleaseSchedule'; readonly workflowId: string; readonly keepVersion: number | undefined }
  | {
      readonly type: 'FireDueTicks'
      readonly now: number
      /** Version that is live as the workflow says; 0 = none. */
      readonly activeVersion: number
      /** An execution of this schedule that is known to have ended. */
      readonly endedExecutionId: string | undefined
    }
  | { readonly type: 'PauseSchedule'; readonly note: string | undefined; readonly organisationId: string }
  | { readonly type: 'ResumeSchedule'; readonly now: number; readonly organisationId: string }
  | {
      readonly type: 'BackfillSchedule'
      readonly backfillId: string
      readonly from: number
      readonly to: number
      readonly again: boolean
      readonly now: number
      readonly organisationId: string
    }
)
type FireDueTicks = Extract<ScheduleCommand, { type: 'FireDueTicks' }>

/** Executions that one append begins at most. */
const mostFires = 100
const longestQueue = 1000
const mostBackfilled = 10_000
/** Events after which the state is written down. */
const checkpointEvery = 100

const iso = (ms: number): string => new Date(ms).toISOString()

/** @throws WeConnectError NOT_FOUND, INVALID_STATE, INVALID_INPUT */
export const decide = (command: ScheduleCommand, state: Schedule): ScheduleEvent[] => {
  const events = decided(command, state)
  if (events.length === 0) return []
  const after = events.reduce(foldUnwritten, state)
  const told = withNextAt(events, after)
  return after.sinceCheckpoint < checkpointEvery
    ? told
    : [...told, { type: 'ScheduleCheckpointed', data: { schedule: checkpointOf(after) } }]
}

const checkpointOf = (state: Schedule) => JSON.parse(JSON.stringify({ ...state, sinceCheckpoint: 0 }))

/** Events of one append share a time that is not known yet. */
const foldUnwritten = (state: Schedule, event: ScheduleEvent): Schedule =>
  evolve(state, { ...event, ...unwritten, organisationId: state.spec?.organisationId ?? '' })

/** The last event that moves the schedule says when it goes on. */
const withNextAt = (events: readonly ScheduleEvent[], after: Schedule): ScheduleEvent[] => {
  const next = nextDue(after)
  if (next === undefined) return [...events]
  const last = events.findLastIndex(({ type }) => moving.has(type))
  return events.map((event, index) =>
    index === last ? ({ ...event, data: { ...event.data, nextAt: iso(next) } } as ScheduleEvent) : event,
  )
}
const moving = new Set<string>(['ScheduleRegistered', 'ScheduleResumed', 'ScheduleFired', 'ScheduleTickQueued', 'ScheduleTicksSkipped'])

const decided = (command: ScheduleCommand, state: Schedule): ScheduleEvent[] => {
  switch (command.type) {
    case 'RegisterSchedule':
      return register(command, state)
    case 'ReleaseSchedule': {
      if (state.phase !== 'live' || state.spec?.version === command.keepVersion) return []
      return [{ type: 'ScheduleReleased', data: { workflowId: command.workflowId } }]
    }
    case 'FireDueTicks':
      return fireDueTicks(command, state)
    case 'PauseSchedule': {
      liveSpec(command, state)
      if (state.paused) return []
      return [{ type: 'SchedulePaused', data: command.note === undefined ? {} : { note: command.note } }]
    }
    case 'ResumeSchedule':
      liveSpec(command, state)
      return state.paused ? [{ type: 'ScheduleResumed', data: { from: iso(command.now) } }] : []
    case 'BackfillSchedule':
      return backfill(command, state)
  }
}

const liveSpec = ({ scheduleId, organisationId }: { scheduleId: string; organisationId: string }, { spec, phase }: Schedule): Spec => {
  if (!spec || spec.organisationId !== organisationId) throw new WeConnectError('NOT_FOUND', `There is no schedule ${scheduleId}`)
  if (phase !== 'live')
    throw new WeConnectError('INVALID_STATE', 'The schedule has ended: its workflow is not active, or has no such trigger now')
  return spec
}

const register = ({ spec, now }: Extract<ScheduleCommand, { type: 'RegisterSchedule' }>, state: Schedule): ScheduleEvent[] => {
  const { organisationId: _, ...data } = spec
  const held = state.phase === 'live' ? state.spec : undefined
  if (held && held.version === spec.version && sameTimes(held, spec)) return []
  // The same times under another version go on where they are: no tick is lost, none comes twice, and every third day stays every third day.
  const goesOn = held !== undefined && sameTimes(held, spec)
  const anchor = goesOn ? held.anchor : iso(now)
  const from = goesOn ? iso(state.cursor) : iso(now)
  return [{ type: 'ScheduleRegistered', data: { ...data, anchor, from } }]
}

const sameTimes = (one: Omit<Spec, 'anchor'>, other: Omit<Spec, 'anchor'>): boolean => timesOf(one) === timesOf(other)
const timesOf = ({
  rules,
  timezone,
  jitterMs,
  startAt,
  endAt,
  overlap,
  missed,
  missedWindowMs,
  maxExecutions,
}: Omit<Spec, 'anchor'>): string =>
  JSON.stringify([rules, timezone, jitterMs, startAt, endAt, overlap, missed, missedWindowMs, maxExecutions])

const backfill = (command: Extract<ScheduleCommand, { type: 'BackfillSchedule' }>, state: Schedule): ScheduleEvent[] => {
  const spec = liveSpec(command, state)
  const { backfillId, from, to, again, now } = command
  if (state.backfills.some((one) => one.backfillId === backfillId)) return []
  if (to < from) throw new WeConnectError('INVALID_INPUT', 'The end of a backfill is not before its beginning')
  if (to > now) throw new WeConnectError('INVALID_INPUT', 'A backfill is of the past: its end is later than now')
  const ticks = ticksBetween(spec, from, to, mostBackfilled + 1).length
  if (ticks === 0) throw new WeConnectError('INVALID_INPUT', 'The schedule has no tick in that stretch of time')
  if (ticks > mostBackfilled)
    throw new WeConnectError('INVALID_INPUT', `A backfill is of ${mostBackfilled} ticks at most; choose a shorter stretch of time`)
  return [{ type: 'ScheduleBackfillRequested', data: { backfillId, from: iso(from), to: iso(to), again, ticks } }]
}

/** What is due, then what waited, then what was asked for. Another version than the one that is live never fires. */
const fireDueTicks = (command: FireDueTicks, before: Schedule): ScheduleEvent[] => {
  if (before.phase !== 'live' || before.spec?.version !== command.activeVersion) return []
  const events: ScheduleEvent[] = []
  let state = before
  for (const part of [due, fromQueue, fromBackfill])
    for (const event of part(command, state)) {
      events.push(event)
      state = foldUnwritten(state, event)
    }
  return events
}

type Part = (command: FireDueTicks, state: Schedule) => Generator<ScheduleEvent> | ScheduleEvent[]

const isBusy = ({ last }: Schedule, { endedExecutionId }: FireDueTicks): boolean =>
  last !== undefined && last.executionId !== endedExecutionId

const fire = (
  { spec }: Schedule,
  tick: number,
  reason: ScheduleFired['data']['reason'],
  extra: Partial<ScheduleFired['data']> = {},
): ScheduleEvent => {
  const { scheduleId, version } = spec as Spec
  return {
    type: 'ScheduleFired',
    data: { tick: iso(tick), executionId: executionIdOf(scheduleId, tick), workflowVersion: version, reason, ...extra },
  }
}
const skip = (after: number, until: number, reason: ScheduleTicksSkipped['data']['reason']): ScheduleEvent => ({
  type: 'ScheduleTicksSkipped',
  data: { after: iso(after), until: iso(until), reason },
})

const due: Part = (command, before) => {
  if (before.paused) return []
  const { skipUntil, ticks } = dueTicks(before, command.now, mostFires)
  const events = skipUntil === undefined ? [] : [skip(before.cursor, skipUntil, 'missed')]
  let state = events.reduce(foldUnwritten, before)
  // Of several at once only the newest would be left: the others are not begun.
  const begun = before.spec?.overlap === 'cancelPrevious' ? ticks.slice(-1) : ticks
  if (begun.length < ticks.length) events.push(skip(state.cursor, (ticks.at(-2) as { tick: number }).tick, 'overlap'))
  for (const { tick, late } of begun) {
    const event = admit(state, command, tick, late)
    events.push(event)
    state = foldUnwritten(state, event)
  }
  return events
}

const admit = (state: Schedule, command: FireDueTicks, tick: number, late: boolean): ScheduleEvent => {
  const reason = late ? 'missed' : 'due'
  const busy = isBusy(state, command)
  switch (state.spec?.overlap) {
    case 'skip':
      return busy ? skip(state.cursor, tick, 'overlap') : fire(state, tick, reason)
    case 'queueOne':
    case 'queueAll': {
      if (!busy && state.queue.length === 0) return fire(state, tick, reason)
      const longest = state.spec.overlap === 'queueOne' ? 1 : longestQueue
      return state.queue.length < longest ? { type: 'ScheduleTickQueued', data: { tick: iso(tick) } } : skip(state.cursor, tick, 'overlap')
    }
    case 'cancelPrevious':
      return fire(state, tick, reason, busy && state.last ? { cancels: state.last.executionId } : {})
    default:
      return fire(state, tick, reason)
  }
}

const fromQueue: Part = (command, state) => {
  const [tick] = state.queue
  return tick === undefined || state.paused || isBusy(state, command) ? [] : [fire(state, tick, 'queued')]
}

/** One after the other, unless runs may overlap anyway. A schedule that is paused still does what it is asked for. */
const fromBackfill: Part = (command, state) => {
  const [backfill] = state.backfills
  if (!backfill || !state.spec) return []
  const { backfillId, cursor, to, again } = backfill
  const atOnce = state.spec.overlap === 'allow'
  if (!atOnce && (isBusy(state, command) || state.queue.length > 0)) return []
  const { scheduleId } = state.spec
  const ticks = ticksBetween(state.spec, cursor + 1, to, atOnce ? mostFires : 1)
  const fires = ticks.map((tick) =>
    fire(state, tick, 'backfill', { backfillId, ...(again && { executionId: repeatedExecutionId(scheduleId, tick, backfillId) }) }),
  )
  return fires.length > 0 ? fires : [{ type: 'ScheduleBackfillCompleted', data: { backfillId } }]
}
