import { familyOf } from '@weconnect/contracts/ids'
import type { WorkOf } from '@weconnect/eventstore/port'

/** Live schedules are kept among the open work of the log, so that a start finds them without reading the log. */
export const scheduleWork: WorkOf = (stream, events) => {
  if (familyOf(stream) !== 'schedule') return undefined
  return events.findLast(({ type }) => type !== 'ScheduleCheckpointed')?.type === 'ScheduleReleased'
    ? 'done'
    : { stream, status: 'waiting' }
}
