import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Blobs } from '@weconnect/blobs/port'
import type { DomainEvent, Envelope } from '@weconnect/contracts/envelope'
import { type EventType, eventCatalogue } from '@weconnect/contracts/events/catalogue'
import type { JsonObject } from '@weconnect/contracts/json'
import { type Journal, noStream } from '@weconnect/eventstore/journal'
import { openJournal } from '@weconnect/eventstore/open-journal'
import type { EventBytes, EventStore } from '@weconnect/eventstore/port'
import { avroForm } from '@weconnect/kafka/avro-form'
import type { Keyring } from '@weconnect/secrets/port'
import { type Fullness, sampleData } from './samples.ts'
import { typeOf } from './schema-compatibility.ts'
import type { EventSchema } from './schemas.ts'
import { root } from './workspace.ts'

/** One event as a log of its time holds it, and what it meant. */
export interface CorpusEvent {
  readonly event: string
  readonly version: number
  readonly sample: Fullness
  readonly stream: string
  /** Exactly what the log stores, as text. */
  readonly data: string
  readonly metadata: string
  /** Its data as Avro with the schema of its version, base64. */
  readonly avro: string
  /** Its data with the payloads opened. */
  readonly opened: JsonObject
}

/** The corpus is sealed with a key that is no secret, so that every later version can open it. */
const keyId = 'corpus'
const key = Buffer.alloc(32, 'corpus')
const keyring: Keyring = { sealing: () => ({ keyId, key }), find: (id) => (id === keyId ? key : undefined), derive: () => key }
const small = (): Promise<never> => Promise.reject(new Error('a sample is small'))
const blobs: Blobs = { put: small, get: small }

const streamId = '00000000-0000-4000-8000-000000000001'
const context = { actor: 'system', organisationId: streamId, correlationId: streamId, causationId: streamId }

/** The real journal, over a store that only keeps the bytes. */
const journalOver = (kept: EventBytes[]): Journal => {
  const append: EventStore['append'] = async (_, __, events) => {
    kept.push(...events)
    return { revision: 0, position: '' }
  }
  const store = { logId: 'corpus', append } as EventStore
  return openJournal({ store, keyring, blobs, now: () => '2026-01-31T12:00:00.000Z', newId: () => streamId })
}

const bytesOf = async (stream: string, event: DomainEvent): Promise<EventBytes> => {
  const kept: EventBytes[] = []
  await journalOver(kept).append(stream, noStream, [event], context)
  const [bytes] = kept
  if (bytes === undefined) throw new Error('the journal wrote nothing')
  return bytes
}

/** Opens an event of the corpus as the code of today opens a log. */
export const openRecorded = ({ event, stream, data, metadata }: CorpusEvent): Promise<Envelope> =>
  journalOver([]).open({
    id: streamId,
    type: event,
    stream,
    revision: 0,
    position: '',
    data: Buffer.from(data),
    metadata: Buffer.from(metadata),
  })

/** An event of the current version of a schema, encoded by the code as it is now. */
export const encodeSample = async ({ event, version, schema }: EventSchema, sample: Fullness): Promise<CorpusEvent> => {
  const opened = sampleData(schema, sample)
  const stream = `${eventCatalogue[event as EventType].family}-${streamId}`
  const { data, metadata } = await bytesOf(stream, { type: event, data: opened } as unknown as DomainEvent)
  const stored = JSON.parse(data.toString()) as JsonObject
  const avro = typeOf(schema).toBuffer(avroForm(schema)(stored)).toString('base64')
  return { event, version, sample, stream, data: data.toString(), metadata: metadata.toString(), avro, opened }
}

export const readCorpus = (at: string = root): readonly CorpusEvent[] =>
  globSync('contracts/corpus/*/v*.json', { cwd: at })
    .sort()
    .flatMap((file) => JSON.parse(readFileSync(join(at, file), 'utf8')) as CorpusEvent[])
