import { Scheduler } from '@weconnect/scheduler/scheduler'
import { clock, timer } from '../owner/clock.ts'
import type { RunningExecutions } from './executions.ts'
import type { Foundation } from './foundation.ts'

/** Fires what is due. */
export const startScheduler = async (
  { closing, schedules: registrar, store, workflows, registry, report }: Foundation,
  { engine, executions }: RunningExecutions,
): Promise<Scheduler> => {
  const scheduler = new Scheduler({
    ...{ registrar, store, workflows, registry, engine, executions, clock, timer },
    onError: (error, scheduleId) => report(error, `schedule ${scheduleId}`),
  })
  await scheduler.start()
  closing.add(() => scheduler.close())
  return scheduler
}
