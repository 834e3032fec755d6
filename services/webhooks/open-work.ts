import { familyOf } from '@weconnect/contracts/ids'
import type { WorkOf } from '@weconnect/eventstore/port'

/** Registered webhooks are kept among the open work of the log, so that a start finds them without reading the log. */
export const webhookWork: WorkOf = (stream, events) => {
  if (familyOf(stream) !== 'webhook') return undefined
  const last = events.findLast(({ type }) => type === 'WebhookReleased' || type === 'WebhookRegistered')
  if (!last) return undefined
  return last.type === 'WebhookReleased' ? 'done' : { stream, status: 'waiting' }
}
