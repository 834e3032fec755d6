import type { Envelope } from '@weconnect/contracts/envelope'
import type { EventType } from '@weconnect/contracts/events/catalogue'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { streamIdOf } from '../runner/event-values.ts'
import { type JsonText, jsonText, payloadText } from '../runner/json-column.ts'
import { type Handlers, projection } from '../runner/projection.ts'
import type { Rows } from '../runner/rows.ts'
import { eventsPerPart } from './queries.ts'
import { nodeExecutions, runLogs } from './tables.ts'

type ExecutionType = ExecutionEvent['type'] & EventType

/** What an entry takes from the data of each event: fields as they are, and payloads, which may be large, under the name of the entry. */
const entries: Readonly<
  Record<ExecutionType, { readonly fields: readonly string[]; readonly payloads?: Readonly<Record<string, string>> }>
> = {
  ExecutionRequested: { fields: ['trigger', 'workflowId', 'workflowVersion', 'triggerNodeId'], payloads: { input: 'inputs' } },
  ExecutionStarted: { fields: ['worker', 'epoch', 'executionOrder'] },
  ExecutionClaimed: { fields: ['worker', 'epoch'] },
  ExecutionPaused: { fields: ['step', 'until', 'waitFor'] },
  ExecutionResumed: { fields: ['step'], payloads: { input: 'inputs' } },
  CancellationRequested: { fields: ['reason'] },
  ExecutionCancelled: { fields: ['durationMs'] },
  ExecutionTimedOut: { fields: ['timeoutMs', 'durationMs'] },
  ExecutionCompleted: { fields: ['lastStep', 'durationMs'] },
  ExecutionFailed: { fields: ['step', 'nodeId', 'code', 'durationMs'], payloads: { error: 'error' } },
  StepStarted: { fields: ['step', 'nodeId', 'nodeName', 'nodeType', 'runIndex', 'attempt', 'inputs', 'startedAt'] },
  StepCompleted: {
    fields: [
      'step',
      'nodeId',
      'nodeName',
      'nodeType',
      'runIndex',
      'attempt',
      'inputs',
      'startedAt',
      'durationMs',
      'outputCounts',
      'cacheHit',
      'skipped',
    ],
    payloads: { outputs: 'outputs', passed: 'outputs', error: 'error', logs: 'logs', customData: 'customData' },
  },
  StepFailed: {
    fields: ['step', 'nodeId', 'nodeName', 'nodeType', 'runIndex', 'attempt', 'inputs', 'startedAt', 'durationMs', 'code', 'final'],
    payloads: { error: 'error', logs: 'logs' },
  },
  StepRetryScheduled: { fields: ['step', 'attempt', 'dueAt'] },
  StepSkipped: { fields: ['nodeId', 'reason'] },
  IncidentRaised: { fields: ['step', 'nodeId', 'nodeName', 'attempt', 'ordinal', 'effectKey'], payloads: { detail: 'error' } },
  IncidentResolved: { fields: ['step', 'resolution', 'effectEpoch', 'remaining', 'reason'] },
}

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
  return withPayloads(jsonText(entry), event, data, payloads ?? {})
}

/** Payloads are text already (see payloadText): they are put in as they are. */
const withPayloads = (entry: JsonText, event: Envelope, data: JsonObject, payloads: Readonly<Record<string, string>>): JsonText => {
  let text: string = entry
  for (const [field, name] of Object.entries(payloads)) {
    const payload = payloadText(event, field, data[field])
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
