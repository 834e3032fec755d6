/**
 * Writes contracts/asyncapi.yaml from the schemas and the topics: for people who read our topics with their own tools.
 * `--check` writes nothing and exits 1 when the file on disk differs.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EventType, eventCatalogue } from '@weconnect/contracts/events/catalogue'
import { topics } from '@weconnect/contracts/topics'
import { type AvroRecord, currentSchemas } from './schemas.ts'
import { root } from './workspace.ts'

type Family = keyof typeof topics
const families = Object.keys(topics) as Family[]
const eventsOf = (family: Family): readonly AvroRecord[] =>
  currentSchemas()
    .filter(({ event }) => eventCatalogue[event as EventType].family === family)
    .map(({ schema }) => schema)

const indented = (depth: number, lines: readonly string[]): readonly string[] => lines.map((line) => ' '.repeat(depth) + line)

const channel = (family: Family): readonly string[] => [
  `${family}:`,
  `  address: ${topics[family]}`,
  `  description: Events of the streams ${family}-{id}, in the order of each stream. The key is the name of the stream.`,
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

const headers = ['eventId', 'type', 'schemaVersion', 'time', 'actor', 'organisationId', 'correlationId', 'causationId', 'hash']

const document = (): string =>
  `${[
    '# Generated from contracts/schemas and contracts/topics.ts by `./weconnect generate`. Do not edit.',
    'asyncapi: 3.0.0',
    'info:',
    '  title: WeConnect events',
    '  version: 1.0.0',
    '  description: >-',
    '    Every event of every stream, one topic per family, Avro in the Confluent wire format. Fields of type Payload are data of users and are',
    '    sealed with a key of their organisation. Events come at least once: an event id that was seen before is a duplicate.',
    '  license: { name: Apache-2.0 }',
    'channels:',
    ...families.flatMap((family) => indented(2, channel(family))),
    'operations:',
    ...families.flatMap((family) => indented(2, operation(family))),
    'components:',
    '  schemas:',
    '    Headers:',
    '      type: object',
    `      required: [${headers.join(', ')}]`,
    '      properties:',
    ...headers.map((name) => `        ${name}: { type: string }`),
    '  messages:',
    ...families.flatMap((family) => eventsOf(family).flatMap((schema) => indented(4, message(schema, family)))),
  ].join('\n')}\n`

const path = join(root, 'contracts/asyncapi.yaml')
const current = existsSync(path) ? readFileSync(path, 'utf8') : ''
if (!process.argv.includes('--check')) writeFileSync(path, document())
else if (current !== document()) {
  console.error('contracts/asyncapi.yaml does not follow from contracts/schemas: run ./weconnect generate')
  process.exitCode = 1
}
