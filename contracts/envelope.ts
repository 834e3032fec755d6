import type { BulkEvent } from './events/bulk.ts'
import type { EventType } from './events/catalogue.ts'
import type { CredentialEvent } from './events/credential.ts'
import type { ExecutionEvent } from './events/execution.ts'
import type { GatheringEvent } from './events/gathering.ts'
import type { ImportEvent } from './events/import.ts'
import type { MemoryEvent } from './events/memory.ts'
import type { MigrationEvent } from './events/migration.ts'
import type { NodeEvent } from './events/node.ts'
import type { OrganisationEvent } from './events/organisation.ts'
import type { ScheduleEvent } from './events/schedule.ts'
import type { SlotEvent } from './events/slot.ts'
import type { TriggerEvent } from './events/trigger.ts'
import type { UserEvent } from './events/user.ts'
import type { WebhookEvent } from './events/webhook.ts'
import type { WorkflowEvent } from './events/workflow.ts'

/** Every event of every family. */
export type DomainEvent =
  | WorkflowEvent
  | ExecutionEvent
  | WebhookEvent
  | NodeEvent
  | OrganisationEvent
  | ScheduleEvent
  | TriggerEvent
  | UserEvent
  | BulkEvent
  | CredentialEvent
  | SlotEvent
  | GatheringEvent
  | MemoryEvent
  | ImportEvent
  | MigrationEvent
export type EventOf<Type extends EventType> = Extract<DomainEvent, { type: Type }>

/**
 * An ordered place in the log: `{log id}-{sixteen digits or more}`. Opaque to clients; within one log, string order is log order.
 * A position is never inside stored bytes.
 */
export type Position = string

/** Who does something, on whose behalf, as part of what. */
export interface Context {
  /** `user:{id}`, `webhook:{id}`, `engine:{worker}`, `system`. */
  readonly actor: string
  readonly organisationId: string
  /** Id shared by all that follows from one request. */
  readonly correlationId: string
  /** Id of the event or request that led to this one. */
  readonly causationId: string
}

/** What is stored beside the data of an event, in the clear, as JSON. */
export interface EventMetadata extends Context {
  readonly eventId: string
  readonly type: EventType
  readonly schemaVersion: number
  /** ISO 8601, UTC, milliseconds: our own clock, not the store's. */
  readonly time: string
  /** SHA-256 (base64url) over the hash of the stream's previous event and this event's bytes. */
  readonly hash: string
}

/** An event as services and projections see it: payloads opened. */
export type Envelope<E extends DomainEvent = DomainEvent> = E extends DomainEvent
  ? EventMetadata & {
      readonly stream: string
      readonly revision: number
      readonly position: Position
      readonly type: E['type']
      readonly data: E['data']
    }
  : never

/** What a write answers: enough to read one's own write. */
export interface WriteToken {
  readonly log: string
  readonly stream: string
  readonly revision: number
  readonly position: Position
}
