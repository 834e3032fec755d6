import type { eventHeaders } from '@weconnect/contracts/topics'
import type { RecordedEvent } from './recorded-event.ts'

type Headers = Partial<Record<keyof typeof eventHeaders, string>>

const traceIdDigits = 32
const spanIdDigits = 16

/** The trace is the correlation id, and each event a span of it: so that traces and topics can be joined. */
const traceParent = (correlationId: string, eventId: string): string | undefined => {
  const trace = correlationId.replaceAll('-', '')
  const span = eventId.replaceAll('-', '').slice(-spanIdDigits)
  return trace.length === traceIdDigits && /^[0-9a-f]+$/.test(trace + span) ? `00-${trace}-${span}-01` : undefined
}

/** What consumers can look at without decoding: see eventHeaders of contracts/topics.ts. */
export const headersOf = ({ stored, metadata }: RecordedEvent): Readonly<Record<string, string>> => {
  const trace = traceParent(metadata.correlationId, metadata.eventId)
  const headers: Headers = {
    eventId: metadata.eventId,
    type: metadata.type,
    schemaVersion: String(metadata.schemaVersion),
    revision: String(stored.revision),
    position: stored.position,
    time: metadata.time,
    actor: metadata.actor,
    organisationId: metadata.organisationId,
    correlationId: metadata.correlationId,
    causationId: metadata.causationId,
    hash: metadata.hash,
  }
  return trace === undefined ? (headers as Record<string, string>) : { ...(headers as Record<string, string>), traceparent: trace }
}
