import type { JsonValue } from '@weconnect/contracts/json'
import type { NodeType } from '../../sdk/node.ts'
import { main, noPorts } from '../../sdk/ports.ts'
import { choice, collection, hide, number, show, since, text, toggle } from '../../sdk/property.ts'
import { asObject, asText } from '../per-item.ts'
import { startingItems } from '../starting-items.ts'

const options = collection('Options', 'options', [
  toggle('Allow Topic Creation', 'allowAutoTopicCreation'),
  number('Auto Commit Threshold', 'autoCommitThreshold'),
  number('Auto Commit Interval', 'autoCommitInterval'),
  number('Batch Size', 'batchSize', 1),
  number('Each Batch Auto Resolve', 'eachBatchAutoResolve'),
  number('Fetch Max Bytes', 'fetchMaxBytes', 1_048_576),
  number('Fetch Min Bytes', 'fetchMinBytes', 1),
  number('Heartbeat Interval', 'heartbeatInterval', 3000),
  number('Max Number of Requests', 'maxInFlightRequests'),
  toggle('Read Messages From Beginning', 'fromBeginning', true),
  toggle('JSON Parse Message', 'jsonParseMessage'),
  toggle('Only Message', 'onlyMessage', false, show({ jsonParseMessage: [true] })),
  toggle('Parallel Processing', 'parallelProcessing', true, hide({ '@version': [since(1.3)] })),
  number('Partitions Consumed Concurrently', 'partitionsConsumedConcurrently', 1),
  number('Rebalance Timeout', 'rebalanceTimeout', 600_000),
  toggle('Return Headers', 'returnHeaders'),
  number('Session Timeout', 'sessionTimeout', 30_000),
])

const sessionOf = (values: JsonValue | undefined): number => {
  const ms = Number(values ?? 30_000)
  return Number.isFinite(ms) ? Math.min(300_000, Math.max(6000, ms)) : 30_000
}

const parsed = (value: string): JsonValue => {
  try {
    return JSON.parse(value, (key, member: unknown) => (['__proto__', 'constructor', 'prototype'].includes(key) ? undefined : member))
  } catch {
    return value
  }
}

/** Starts a workflow with each message of a topic, once: the execution's id follows from topic, partition and offset. */
export const kafkaTrigger: NodeType = {
  definition: {
    name: 'n8n-nodes-base.kafkaTrigger',
    displayName: 'Kafka Trigger',
    description: 'Consume messages from a Kafka topic',
    category: 'trigger',
    versions: [1, 1.1, 1.2, 1.3],
    properties: [
      text('Topic', 'topic', '', { required: true }),
      text('Group ID', 'groupId', '', { required: true }),
      toggle('Use Schema Registry', 'useSchemaRegistry'),
      text('Schema Registry URL', 'schemaRegistryUrl', '', show({ useSchemaRegistry: [true] })),
      choice(
        'Resolve Offset',
        'resolveOffset',
        [
          ['Immediately', 'immediately'],
          ['On Execution Completion', 'onCompletion'],
          ['On Execution Success', 'onSuccess'],
          ['On Allowed Execution Statuses', 'onStatus'],
        ],
        'immediately',
        show({ '@version': [since(1.3)] }),
      ),
      options,
    ],
    credentials: [{ name: 'kafka', required: true }],
    inputs: noPorts,
    outputs: main,
    isTrigger: true,
    effects: 'pure',
  },
  execute: async (context) => [await startingItems(context, async () => ({}))],
  validate: (parameters) => [
    ...(['topic', 'groupId'] as const).flatMap((name) =>
      asText(parameters[name]).trim() === ''
        ? [{ parameter: name, message: `The Kafka Trigger needs a ${name === 'topic' ? 'topic' : 'group id'}` }]
        : [],
    ),
    ...(parameters['useSchemaRegistry'] === true
      ? [{ parameter: 'useSchemaRegistry', message: 'Messages of a schema registry are not supported yet' }]
      : []),
    ...((parameters['resolveOffset'] ?? 'immediately') === 'immediately'
      ? []
      : [{ parameter: 'resolveOffset', message: 'An offset is resolved when the execution is on disk; no other way is supported yet' }]),
  ],
  listens: (parameters) => {
    const { fromBeginning, sessionTimeout, fetchMaxBytes } = asObject(parameters['options'])
    return {
      kind: 'kafka',
      topic: asText(parameters['topic']).trim(),
      groupId: asText(parameters['groupId']).trim(),
      from: fromBeginning === false ? 'last' : 'first',
      sessionTimeoutMs: sessionOf(sessionTimeout),
      maxBytes: Math.min(50 * 1024 * 1024, Math.max(1, Number(fetchMaxBytes ?? 1_048_576) || 1_048_576)),
    }
  },
  received: (message, parameters) => {
    if (message.kind !== 'kafka') return { json: {} }
    const { value, topic, headers, key } = message.record
    const { jsonParseMessage, onlyMessage, returnHeaders } = asObject(parameters['options'])
    const content = jsonParseMessage === true ? parsed(value) : value
    if (jsonParseMessage === true && onlyMessage === true && typeof content === 'object' && content !== null && !Array.isArray(content))
      return { json: content as Readonly<Record<string, JsonValue>> }
    return { json: { message: content, topic, ...(key !== null && { key }), ...(returnHeaders === true && { headers }) } }
  },
}
