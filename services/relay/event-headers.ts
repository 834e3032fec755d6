import type { eventHeaders } from '@weconnect/contracts/topics'
import type { RecordedEvent } from './recorded-event.ts'

type Headers = Partial<Record<keyof typeof eventHeaders, string>>

const traceIdDigits = 32
const spanIdDigits = 16
const spanId = new RegExp(`^[0-9a-f]{${spanIdDigits}}$`)

const traceId = new RegExp(`^[0-9a-f]{${traceIdDigits}}$`)

/** Events of a request come together. */
let last: { readonly correlationId: string; readonly trace: string } = { correlationId: '', trace: '' }

const traceOf = (correlationId: string): string => {
  if (last.correlationId !== correlationId) {
    const trace = correlationId.replaceAll('-', '')
    last = { correlationId, trace: traceId.test(trace) ? trace : '' }
  }
  return last.trace
}

/** The trace is the correlation id, and each event a span of it: so that traces and topics can be joined. */
const traceParent = (correlationId: string, eventId: string): string | undefined => {
  const trace = traceOf(correlationId)
  const span = eventId.replaceAll('-', '').slice(-spanIdDigits)
  return trace !== '' && spanId.test(span) ? `00-${trace}-${span}-01` : undefined
}

/** What consumers can look at without decoding: see eventHeaders of contracts/topics.ts. */
export const headersOf = ({ stored, metadata }: RecordedEvent): Readonly<Record<string, string>> => {
  const trace = traceParent(metadata.correlationId, metadata.eventId)
  const headers: { -readonly [Name in keyof Headers]: string } = {
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
  if (trace !== undefined) headers.traceparent = trace
  return headers as Record<string, string>
}
