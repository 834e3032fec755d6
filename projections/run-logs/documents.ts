import type { Envelope } from '@weconnect/contracts/envelope'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { Upsert } from '@weconnect/mongo/port'
import { streamIdOf } from '../runner/event-values.ts'
import type { ExecutionFacts } from '../runner/execution-facts.ts'
import type { FindFacts } from '../runner/stores/store.ts'
import { jsonText, payloadText } from '../runner/tables/json-column.ts'
import { type ExecutionType, entries } from './entries.ts'
import { eventsPerPart, type RunLogEntry } from './face.ts'

/**
 * A run log in MongoDB: one document per execution, in parts of 200 events. Entries are fields named by their revision, so that writing one again
 * changes nothing. What users put into their items is text of JSON: it may nest deeper than BSON does, and have names that MongoDB does not take.
 */
export interface RunLogDocument {
  /** `{execution id}/{part}` */
  readonly _id: string
  readonly executionId: string
  readonly part: number
  readonly organisationId: string
  readonly workflowId: string
  readonly trigger: string
  readonly requestedAt: Date
  /** When the execution ended; absent while it is open. */
  readonly endedAt?: Date
  readonly entries: Readonly<Record<string, StoredEntry>>
}

interface StoredEntry extends RunLogEntry {
  /** Texts of JSON, by the names that they have in the entry. */
  readonly payloads?: Readonly<Record<string, string>>
}

const endings: ReadonlySet<string> = new Set(['ExecutionCompleted', 'ExecutionFailed', 'ExecutionCancelled', 'ExecutionTimedOut'])

export const partOf = (executionId: string, part: number): string => `${executionId}/${part}`

/** What is to be in the documents after these events, and which executions of several parts ended with them. */
export const changesOf = (
  events: readonly Envelope[],
  factsOf: FindFacts,
): { readonly upserts: readonly Upsert[]; readonly ended: readonly { readonly executionId: string; readonly endedAt: Date }[] } => {
  const parts = new Map<string, Record<string, unknown>>()
  const ended: { executionId: string; endedAt: Date }[] = []
  for (const event of events) {
    if (!Object.hasOwn(entries, event.type)) continue
    const part = Math.floor(event.revision / eventsPerPart)
    const id = partOf(streamIdOf(event), part)
    const found = parts.get(id) ?? newPart(event, part, factsOf(event.stream))
    parts.set(id, found)
    found[`entries.${event.revision}`] = storedEntry(event)
    if (!endings.has(event.type)) continue
    found['endedAt'] = new Date(event.time)
    if (part > 0) ended.push({ executionId: streamIdOf(event), endedAt: new Date(event.time) })
  }
  return { upserts: [...parts].map(([id, set]) => ({ id, set })), ended }
}

const newPart = (event: Envelope, part: number, facts: ExecutionFacts | undefined): Record<string, unknown> => {
  if (facts === undefined) throw new TypeError(`${event.stream} does not begin with ExecutionRequested`)
  const { workflowId, trigger, requestedAt } = facts
  const { organisationId } = event
  return { executionId: streamIdOf(event), part, organisationId, workflowId, trigger, requestedAt: new Date(requestedAt) }
}

const storedEntry = (event: Envelope): JsonObject => {
  const { fields, payloads = {} } = entries[event.type as ExecutionType]
  const data = event.data as unknown as JsonObject
  const entry: Record<string, JsonValue> = { revision: event.revision, time: event.time, event: event.type }
  for (const field of fields) if (data[field] !== undefined) entry[field] = data[field]
  const stored = JSON.parse(jsonText(entry)) as JsonObject
  const texts: Record<string, string> = {}
  for (const [field, name] of Object.entries(payloads)) {
    const text = payloadText(event, field, data[field])
    if (text !== null) texts[name] = text
  }
  return Object.keys(texts).length === 0 ? stored : { ...stored, payloads: texts }
}

/** Entries of a document, in order. */
export const entriesOf = ({ entries: stored }: Pick<RunLogDocument, 'entries'>): readonly RunLogEntry[] =>
  Object.values(stored)
    .sort((a, b) => a.revision - b.revision)
    .map(({ payloads = {}, ...entry }) => ({
      ...entry,
      ...Object.fromEntries(Object.entries(payloads).map(([name, text]) => [name, JSON.parse(text) as JsonValue])),
    }))
