import type { Schedules } from '@weconnect/scheduler/face'
import { followLive } from '@weconnect/scheduler/follow-live'
import { Scheduler } from '@weconnect/scheduler/scheduler'
import { openSchedules } from '@weconnect/scheduler/schedules'
import { clock, timer } from '../owner/clock.ts'
import type { RunningExecutions } from './executions.ts'
import type { Foundation } from './foundation.ts'

/** Fires what is due. */
export const startScheduler = async (
  { closing, schedules: registrar, store, workflows, registry, report }: Foundation,
  { runs: engine, executions }: RunningExecutions,
): Promise<Scheduler> => {
  const scheduler = new Scheduler({
    ...{ registrar, store, workflows, registry, engine, executions, clock, timer },
    onError: (error, scheduleId) => report(error, `schedule ${scheduleId}`),
  })
  await scheduler.start()
  closing.add(() => scheduler.close())
  return scheduler
}

/** What a person may ask of schedules that another process fires. */
export const schedulesOfOthers = async ({ closing, schedules: registrar, store, report }: Foundation): Promise<Schedules> => {
  const stop = new AbortController()
  closing.add(() => stop.abort())
  await followLive(registrar, store, stop.signal, (error) => report(error, 'schedules'))
  return openSchedules({ registrar, clock, changed: () => undefined })
}
