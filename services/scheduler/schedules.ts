import type { Context, WriteToken } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Clock } from '@weconnect/executions/parts'
import type { ScheduleCommand } from './decide.ts'
import { preview } from './due.ts'
import type { Schedules } from './face.ts'
import { scheduleStream } from './ids.ts'
import type { ScheduleRegistrar } from './registrar.ts'

const mostShown = 1000

export interface SchedulesOptions {
  readonly registrar: Pick<ScheduleRegistrar, 'handle'>
  readonly clock: Pick<Clock, 'now'>
  /** Told of a schedule that a person changed. */
  readonly changed: (scheduleId: string) => void
}

const notFound = (scheduleId: string): WeConnectError => new WeConnectError('NOT_FOUND', `There is no schedule ${scheduleId}`)

export const openSchedules = ({ registrar, clock, changed }: SchedulesOptions): Schedules => {
  const handle = async (command: ScheduleCommand, context: Context): Promise<WriteToken> => {
    const { token } = await registrar.handle(command, context)
    if (!token) throw notFound(command.scheduleId)
    changed(command.scheduleId)
    return token
  }
  return {
    next: async (scheduleId, organisationId, count) => {
      const { state } = await registrar.handle.load(scheduleStream(scheduleId))
      if (state.spec?.organisationId !== organisationId) throw notFound(scheduleId)
      if (count < 1 || count > mostShown)
        throw new WeConnectError('INVALID_INPUT', `The next 1 to ${mostShown} times can be shown, not ${count}`)
      return preview(state, clock.now(), count).map((tick) => new Date(tick).toISOString())
    },
    pause: (scheduleId, note, context) => {
      const { organisationId } = context
      return handle({ type: 'PauseSchedule', scheduleId, note, organisationId }, context)
    },
    resume: (scheduleId, context) => {
      const { organisationId } = context
      return handle({ type: 'ResumeSchedule', scheduleId, now: clock.now(), organisationId }, context)
    },
    backfill: (scheduleId, { backfillId, again, ...range }, context) => {
      const [from, to] = [Date.parse(range.from), Date.parse(range.to)]
      const { organisationId } = context
      return handle({ type: 'BackfillSchedule', scheduleId, backfillId, from, to, again, now: clock.now(), organisationId }, context)
    },
  }
}
