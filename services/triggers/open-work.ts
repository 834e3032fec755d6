import { familyOf } from '@weconnect/contracts/ids'
import type { WorkOf } from '@weconnect/eventstore/port'

/** Live triggers are kept among the open work of the log, so that a start finds them without reading the log. */
export const triggerWork: WorkOf = (stream, events) => {
  if (familyOf(stream) !== 'trigger') return undefined
  const last = events.findLast(({ type }) => type === 'TriggerReleased' || type === 'TriggerRegistered')
  if (!last) return undefined
  return last.type === 'TriggerReleased' ? 'done' : { stream, status: 'waiting' }
}
