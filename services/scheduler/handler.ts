import type { ScheduleEvent } from '@weconnect/contracts/events/schedule'
import { type CommandHandler, commandHandler } from '@weconnect/eventstore/command-handler'
import type { Journal } from '@weconnect/eventstore/journal'
import { decide, type ScheduleCommand } from './decide.ts'
import { scheduleStream } from './ids.ts'
import { absentSchedule, evolve, type Schedule } from './state.ts'

export type ScheduleHandler = CommandHandler<ScheduleCommand, Schedule, ScheduleEvent>

/** Commands of schedules. A schedule that fires every second for years is folded from its newest checkpoint. */
export const openScheduleHandler = (journal: Journal): ScheduleHandler =>
  commandHandler<ScheduleCommand, Schedule, ScheduleEvent>({
    journal,
    decide,
    evolve,
    initial: absentSchedule,
    streamOf: ({ scheduleId }) => scheduleStream(scheduleId),
    foldFrom: async (stream) => {
      for await (const { type, revision } of journal.read(stream, { direction: 'backwards' }))
        if (type === 'ScheduleCheckpointed') return revision
      return 0
    },
  })
