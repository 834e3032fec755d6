import { familyOf } from '@weconnect/contracts/ids'
import type { WorkOf } from '@weconnect/eventstore/port'

/** Credentials are kept among the open work of the log, so that a start finds their names without reading the log. */
export const credentialWork: WorkOf = (stream, events) => {
  if (familyOf(stream) !== 'credential') return undefined
  return events[events.length - 1]?.type === 'CredentialDeleted' ? 'done' : { stream, status: 'waiting' }
}
