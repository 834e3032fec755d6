/** A Kafka topic of the product. The partition count never changes: with another one, a key would change its partition and lose its order. */
export interface Topic {
  readonly name: string
  readonly partitions: number
}

/** Events of one family; key = stream id, value = Avro in the Confluent wire format. Nothing is ever cut or compacted unless the operator says so. */
export const topics = {
  bulk: { name: 'weconnect.bulk.v1', partitions: 3 },
  workflow: { name: 'weconnect.workflow.v1', partitions: 6 },
  execution: { name: 'weconnect.execution.v1', partitions: 12 },
  webhook: { name: 'weconnect.webhook.v1', partitions: 3 },
  node: { name: 'weconnect.node.v1', partitions: 3 },
  schedule: { name: 'weconnect.schedule.v1', partitions: 3 },
  trigger: { name: 'weconnect.trigger.v1', partitions: 3 },
  organisation: { name: 'weconnect.organisation.v1', partitions: 3 },
  user: { name: 'weconnect.user.v1', partitions: 3 },
  credential: { name: 'weconnect.credential.v1', partitions: 3 },
  slot: { name: 'weconnect.slot.v1', partitions: 3 },
  migration: { name: 'weconnect.migration.v1', partitions: 3 },
  gathering: { name: 'weconnect.gathering.v1', partitions: 3 },
  memory: { name: 'weconnect.memory.v1', partitions: 3 },
  import: { name: 'weconnect.import.v1', partitions: 3 },
} as const satisfies Record<string, Topic>

/** Compacted companions for those who want a table: the newest state of every stream, by the same key, in the same partition numbers. */
export const stateTopics = {
  workflow: { name: 'weconnect.workflow-state.v1', partitions: 6, record: 'WorkflowState' },
  execution: { name: 'weconnect.execution-state.v1', partitions: 12, record: 'ExecutionState' },
} as const satisfies Record<string, Topic & { record: string }>

/** The relay's own: how far it is, written in the transaction of each batch. Compacted. */
export const checkpointTopic = { name: 'weconnect.relay-checkpoint.v1', partitions: 1 } as const satisfies Topic

/** Headers of every event, as UTF-8 text; those of an absent value are left out. `tools/check` puts them into asyncapi.yaml. */
export const eventHeaders = {
  eventId: 'UUID of the event: an id that was seen before is a duplicate',
  type: 'type of the event, as StepCompleted',
  schemaVersion: 'version of its schema',
  revision: 'place in its stream, from 0, without gaps',
  position: 'place in the whole log, opaque; text order is log order',
  time: 'ISO 8601, UTC, milliseconds',
  actor: 'who did it',
  organisationId: 'whose it is',
  correlationId: 'shared by all that follows from one request',
  causationId: 'the event or request that led to it',
  hash: 'SHA-256 chain of the stream',
  traceparent: 'W3C trace context; its trace id is the correlation id',
} as const
