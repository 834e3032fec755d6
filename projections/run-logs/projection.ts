import type { Envelope } from '@weconnect/contracts/envelope'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { streamIdOf } from '../runner/event-values.ts'
import { type Handlers, projection } from '../runner/projection.ts'
import { fieldText, type JsonText, jsonText } from '../runner/tables/json-column.ts'
import type { Rows } from '../runner/tables/rows.ts'
import { type ExecutionType, entries } from './entries.ts'
import { eventsPerPart } from './face.ts'
import { nodeExecutions, runLogs } from './tables.ts'

const append = (event: Envelope, rows: Rows): void =>
  rows[event.revision % eventsPerPart === 0 ? 'insert' : 'put'](runLogs, {
    execution_id: streamIdOf(event),
    part: Math.floor(event.revision / eventsPerPart),
    organization_id: event.organisationId,
    entries: [entryOf(event)],
  })

const entryOf = (event: Envelope): JsonText => {
  const { fields, payloads } = entries[event.type as ExecutionType]
  const data = event.data as unknown as JsonObject
  const entry: Record<string, JsonValue> = { revision: event.revision, time: event.time, event: event.type }
  for (const field of fields) {
    const value = data[field]
    if (value !== undefined) entry[field] = value
  }
  return withPayloads(jsonText(entry), event, payloads ?? {})
}

/** Payloads are text already (see fieldText): they are put in as they are. */
const withPayloads = (entry: JsonText, event: Envelope, payloads: Readonly<Record<string, string>>): JsonText => {
  let text: string = entry
  for (const [field, name] of Object.entries(payloads)) {
    const payload = fieldText(event, field)
    if (payload !== null) text = `${text.slice(0, -1)},"${name}":${payload}}`
  }
  return text as JsonText
}

export const runLogDocuments = projection({
  name: 'run-logs',
  version: 1,
  tables: [runLogs],
  views: [nodeExecutions],
  on: Object.fromEntries(Object.keys(entries).map((type) => [type, append])) as Handlers,
})
