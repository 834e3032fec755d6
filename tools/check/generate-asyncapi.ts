/**
 * Writes contracts/asyncapi.yaml from the schemas and the topics: for people who read our topics with their own tools.
 * `--check` writes nothing and exits 1 when the file on disk differs.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EventType, eventCatalogue } from '@weconnect/contracts/events/catalogue'
import { checkpointTopic, eventHeaders, stateTopics, topics } from '@weconnect/contracts/topics'
import type { AvroRecord } from '@weconnect/kafka/avro-schema'
import { currentSchemas } from './schemas.ts'
import { root } from './workspace.ts'

type Family = keyof typeof topics
const families = Object.keys(topics) as Family[]
const eventsOf = (family: Family): readonly AvroRecord[] =>
  currentSchemas()
    .filter(({ event }) => eventCatalogue[event as EventType].family === family)
    .map(({ schema }) => schema)

const indented = (depth: number, lines: readonly string[]): readonly string[] => lines.map((line) => ' '.repeat(depth) + line)

type StateFamily = keyof typeof stateTopics
const stateFamilies = Object.keys(stateTopics) as StateFamily[]

const kafkaBinding = (partitions: number, cleanup: 'delete' | 'compact'): readonly string[] => [
  '  bindings:',
  '    kafka:',
  `      partitions: ${partitions}`,
  '      topicConfiguration:',
  `        cleanup.policy: [${cleanup}]`,
  ...(cleanup === 'delete' ? ['        retention.ms: -1', '        retention.bytes: -1'] : []),
]

const stateChannel = (family: StateFamily): readonly string[] => [
  `${family}State:`,
  `  address: ${stateTopics[family].name}`,
  `  description: The newest state of every stream ${family}-{id}, compacted. The key is the name of the stream.`,
  ...kafkaBinding(stateTopics[family].partitions, 'compact'),
  `  messages: { ${stateTopics[family].record}: { $ref: '#/components/messages/${stateTopics[family].record}' } }`,
]
const stateMessage = (family: StateFamily): readonly string[] => [
  `${stateTopics[family].record}:`,
  `  summary: The newest state of a stream of the family ${family}.`,
  "  headers: { $ref: '#/components/schemas/Headers' }",
  '  payload:',
  '    schemaFormat: application/vnd.apache.avro;version=1.9.0',
  `    schema: { $ref: ./states/${stateTopics[family].record}.avsc }`,
]

const channel = (family: Family): readonly string[] => [
  `${family}:`,
  `  address: ${topics[family].name}`,
  `  description: Events of the streams ${family}-{id}, in the order of each stream. The key is the name of the stream.`,
  ...kafkaBinding(topics[family].partitions, 'delete'),
  '  messages:',
  ...eventsOf(family).map(({ name }) => `    ${name}: { $ref: '#/components/messages/${name}' }`),
]
const operation = (family: Family): readonly string[] => [
  `read${family[0]?.toUpperCase()}${family.slice(1)}:`,
  '  action: receive',
  `  channel: { $ref: '#/channels/${family}' }`,
]
const message = ({ name, doc }: AvroRecord, family: Family): readonly string[] => [
  `${name}:`,
  `  summary: ${JSON.stringify(doc)}`,
  "  headers: { $ref: '#/components/schemas/Headers' }",
  '  payload:',
  '    schemaFormat: application/vnd.apache.avro;version=1.9.0',
  `    schema: { $ref: ./schemas/${family}/${name}.avsc }`,
]

const headers = Object.entries(eventHeaders)
/** Those that an event without correlation or with one that is no UUID lacks. */
const optionalHeaders = ['traceparent']

const document = (): string =>
  `${[
    '# Generated from contracts/schemas and contracts/topics.ts by `./weconnect generate`. Do not edit.',
    'asyncapi: 3.0.0',
    'info:',
    '  title: WeConnect events',
    '  version: 1.0.0',
    '  description: >-',
    '    Every event of every stream, one topic per family, Avro in the Confluent wire format. Fields of type Payload are data of users and are',
    '    sealed with a key of their organisation (see docs/topics.md). Who reads committed records sees every event exactly once. The registry knows',
    '    the schemas as <topic>-weconnect.<Event> (TopicRecordNameStrategy), compatibility FULL_TRANSITIVE.',
    '  license: { name: Apache-2.0 }',
    'channels:',
    ...families.flatMap((family) => indented(2, channel(family))),
    ...stateFamilies.flatMap((family) => indented(2, stateChannel(family))),
    '  relayCheckpoint:',
    `    address: ${checkpointTopic.name}`,
    "    description: The relay's own. How far it is, written in the transaction of each batch; of no use to others.",
    ...indented(2, kafkaBinding(checkpointTopic.partitions, 'compact')),
    'operations:',
    ...families.flatMap((family) => indented(2, operation(family))),
    'components:',
    '  schemas:',
    '    Headers:',
    '      type: object',
    `      required: [${headers
      .map(([name]) => name)
      .filter((name) => !optionalHeaders.includes(name))
      .join(', ')}]`,
    '      properties:',
    ...headers.map(([name, doc]) => `        ${name}: { type: string, description: ${JSON.stringify(doc)} }`),
    '  messages:',
    ...families.flatMap((family) => eventsOf(family).flatMap((schema) => indented(4, message(schema, family)))),
    ...stateFamilies.flatMap((family) => indented(4, stateMessage(family))),
  ].join('\n')}\n`

const path = join(root, 'contracts/asyncapi.yaml')
const current = existsSync(path) ? readFileSync(path, 'utf8') : ''
if (!process.argv.includes('--check')) writeFileSync(path, document())
else if (current !== document()) {
  console.error('contracts/asyncapi.yaml does not follow from contracts/schemas: run ./weconnect generate')
  process.exitCode = 1
}
