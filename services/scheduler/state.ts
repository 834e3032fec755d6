import type { ScheduleEvent, ScheduleFired, ScheduleRegistered } from '@weconnect/contracts/events/schedule'

/** What a version of the workflow asks for. */
export type Spec = Omit<ScheduleRegistered['data'], 'from' | 'nextAt'> & { readonly organisationId: string }

export interface Backfill {
  readonly backfillId: string
  /** Milliseconds since the epoch, as all times here: its ticks up to here are done. */
  readonly cursor: number
  readonly to: number
  readonly again: boolean
}

/** A schedule folded from its stream. All of it is JSON, so that a checkpoint can carry it. */
export interface Schedule {
  readonly phase: 'absent' | 'live' | 'released'
  readonly spec?: Spec
  readonly paused: boolean
  readonly note?: string
  /** Every tick up to here is dealt with. */
  readonly cursor: number
  /** Ticks that became executions; backfills not counted. */
  readonly executions: number
  readonly queue: readonly number[]
  readonly last?: { readonly executionId: string; readonly tick: number }
  readonly backfills: readonly Backfill[]
  /** What the newest append fired: what came before was asked for before that append. */
  readonly fires: readonly ScheduleFired['data'][]
  /** That append: what one append holds has one time. */
  readonly firedAt: { readonly time: string; readonly revision: number }
  readonly sinceCheckpoint: number
}

export const absentSchedule: Schedule = {
  phase: 'absent',
  paused: false,
  cursor: 0,
  executions: 0,
  queue: [],
  backfills: [],
  fires: [],
  firedAt: { time: '', revision: -1 },
  sinceCheckpoint: 0,
}

/** Of events that are about to be appended. */
export const unwritten = { time: 'unwritten', revision: -1 }

/** What `evolve` needs of an event; the rest comes from its envelope. */
export type Recorded = ScheduleEvent & { readonly time: string; readonly revision: number; readonly organisationId: string }

export const evolve = (state: Schedule, event: Recorded): Schedule => {
  const next = applied(state, event)
  return event.type === 'ScheduleCheckpointed' ? next : { ...next, sinceCheckpoint: state.sinceCheckpoint + 1 }
}

const applied = (state: Schedule, event: Recorded): Schedule => {
  switch (event.type) {
    case 'ScheduleRegistered': {
      const { from, nextAt: _, ...spec } = event.data
      const begun = state.phase === 'live' ? state : { ...absentSchedule, ...withLast(state) }
      return { ...begun, phase: 'live', spec: { ...spec, organisationId: event.organisationId }, cursor: Date.parse(from) }
    }
    case 'ScheduleReleased':
      return { ...state, phase: 'released', queue: [], backfills: [] }
    case 'SchedulePaused': {
      const { note } = event.data
      return { ...state, paused: true, ...(note !== undefined && { note }) }
    }
    case 'ScheduleResumed': {
      const { note: _, ...rest } = state
      return { ...rest, paused: false, cursor: Date.parse(event.data.from) }
    }
    case 'ScheduleFired':
      return fired(state, event.data, event)
    case 'ScheduleTickQueued': {
      const tick = Date.parse(event.data.tick)
      return { ...state, cursor: tick, queue: [...state.queue, tick] }
    }
    case 'ScheduleTicksSkipped':
      return { ...state, cursor: Date.parse(event.data.until) }
    case 'ScheduleBackfillRequested': {
      const { backfillId, from, to, again } = event.data
      return { ...state, backfills: [...state.backfills, { backfillId, cursor: Date.parse(from) - 1, to: Date.parse(to), again }] }
    }
    case 'ScheduleBackfillCompleted':
      return { ...state, backfills: state.backfills.filter(({ backfillId }) => backfillId !== event.data.backfillId) }
    case 'ScheduleCheckpointed': {
      const schedule = event.data.schedule as unknown as Schedule
      const { time, revision } = event
      return schedule.firedAt.time === unwritten.time ? { ...schedule, firedAt: { time, revision } } : schedule
    }
  }
}

/** A run of before may still be under way when the schedule begins anew. */
const withLast = ({ last, fires, firedAt }: Schedule): Partial<Schedule> => ({ ...(last && { last }), fires, firedAt })

const fired = (state: Schedule, fire: ScheduleFired['data'], { time, revision }: Pick<Recorded, 'time' | 'revision'>): Schedule => {
  const tick = Date.parse(fire.tick)
  const common = {
    ...state,
    last: { executionId: fire.executionId, tick },
    fires: time === state.firedAt.time ? [...state.fires, fire] : [fire],
    firedAt: { time, revision },
  }
  switch (fire.reason) {
    case 'backfill':
      return { ...common, backfills: state.backfills.map((one) => (one.backfillId === fire.backfillId ? { ...one, cursor: tick } : one)) }
    case 'queued':
      return { ...common, queue: state.queue.filter((queued) => queued !== tick), executions: state.executions + 1 }
    default:
      return { ...common, cursor: tick, executions: state.executions + 1 }
  }
}
