import { encodeCursor } from '@weconnect/contracts/cursor'
import type { Envelope } from '@weconnect/contracts/envelope'

/** What no reader needs to see, though it is sealed in the log. */
const hidden: ReadonlySet<string> = new Set(['passwordHash'])

export const eventOf = (envelope: Envelope, log: string) => ({
  id: envelope.eventId,
  type: envelope.type,
  stream: envelope.stream,
  revision: envelope.revision,
  position: encodeCursor({ log, stream: envelope.stream, revision: envelope.revision, position: envelope.position }),
  time: envelope.time,
  schemaVersion: envelope.schemaVersion,
  actor: envelope.actor,
  organizationId: envelope.organisationId,
  correlationId: envelope.correlationId,
  causationId: envelope.causationId,
  hash: envelope.hash,
  data: Object.fromEntries(Object.entries(envelope.data).map(([field, value]) => [field, hidden.has(field) ? '(hidden)' : value])),
})

export type EventSource = ReturnType<typeof eventOf>
