import { WeConnectError } from '@weconnect/contracts/errors'
import type { StoredEvent } from '@weconnect/eventstore/port'
import type { FetchedRecord } from '../reading/committed-records.ts'
import type { AvroRecord } from './avro-schema.ts'
import { jsonForm } from './json-form.ts'
import { publishedSchemas } from './published-schemas.ts'
import { avroType, headerBytes } from './wire-format.ts'

type Decode = (value: Buffer) => unknown

const decoderOf = (schema: AvroRecord): Decode => {
  const type = avroType(schema)
  const form = jsonForm(schema)
  return (value) => form(type.fromBuffer(value.subarray(headerBytes)))
}

/**
 * An event of a topic as the log has it, payloads still sealed. The headers name type and version, and every version is shipped with the
 * product: the registry is not asked.
 * @throws WeConnectError LOG_CORRUPT, for what no relay has written
 */
export const eventDecoder = (schemas = publishedSchemas()): ((record: FetchedRecord) => StoredEvent) => {
  const known = new Map(schemas.map(({ name, version, schema }) => [`${name} ${version}`, schema]))
  const decoders = new Map<string, Decode>()
  const find = (name: string): Decode => {
    const schema = known.get(name)
    if (schema === undefined) throw new Error(`no schema of ${name} was ever shipped`)
    const decode = decoderOf(schema)
    decoders.set(name, decode)
    return decode
  }
  return (record) => {
    try {
      return storedEvent(record, (name) => decoders.get(name) ?? find(name))
    } catch (error) {
      throw new WeConnectError('LOG_CORRUPT', `record ${record.offset} of ${record.key} is no event of WeConnect: ${String(error)}`, {
        cause: error,
      })
    }
  }
}

const storedEvent = ({ key, value, headers }: FetchedRecord, decoderFor: (name: string) => Decode): StoredEvent => {
  const header: Record<string, string> = {}
  for (const [name, text] of headers) header[String(name)] = String(text)
  const { revision, position, traceparent: _, ...metadata } = header
  const { type, schemaVersion, eventId } = header
  if (type === undefined || eventId === undefined || position === undefined) throw new Error('a header is missing')
  const data = decoderFor(`${type} ${schemaVersion}`)(value ?? Buffer.alloc(0))
  return {
    id: eventId,
    type,
    stream: String(key),
    revision: Number(revision),
    position,
    data: Buffer.from(JSON.stringify(data)),
    metadata: Buffer.from(JSON.stringify({ ...metadata, schemaVersion: Number(schemaVersion) })),
  }
}
