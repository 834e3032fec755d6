import type { Envelope } from '@weconnect/contracts/envelope'
import { eventCatalogue } from '@weconnect/contracts/events/catalogue'
import { type Handlers, projection } from '../runner/projection.ts'
import type { Rows } from '../runner/tables/rows.ts'
import { auditEntries } from './tables.ts'

/** What the engine notes on its way is no act of anybody: it is in the run log, with the steps. */
const notes: ReadonlySet<string> = new Set([
  'ExecutionStarted',
  'ExecutionClaimed',
  'ExecutionReleased',
  'ExecutionPaused',
  'ExecutionResumed',
  'ExecutionCompleted',
  'ExecutionMigrationPrepared',
  'ExecutionMigrationReleased',
  'MigrationProgressed',
])
/** Nor are slots that are granted, arrivals that are put aside, items that are remembered, and ids of imported files. */
const noted: readonly string[] = ['slot', 'gathering', 'memory', 'import']
const isAudited = (type: string, family: string): boolean => !type.startsWith('Step') && !notes.has(type) && !noted.includes(family)

const record = (event: Envelope, rows: Rows): void =>
  rows.insert(auditEntries, {
    organization_id: event.organisationId,
    position: event.position,
    event_id: event.eventId,
    type: event.type,
    actor: event.actor,
    stream: event.stream,
    revision: event.revision,
    time: event.time,
    correlation_id: event.correlationId,
    causation_id: event.causationId,
  })

export const auditTrail = projection({
  name: 'audit',
  version: 1,
  tables: [auditEntries],
  on: Object.fromEntries(
    Object.entries(eventCatalogue)
      .filter(([type, { family }]) => isAudited(type, family))
      .map(([type]) => [type, record]),
  ) as Handlers,
})
