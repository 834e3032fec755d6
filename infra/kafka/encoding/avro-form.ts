import type { AvroRecord } from './avro-schema.ts'
import { type Conversion, conversionFor, type Differences, type Field } from './conversion.ts'

/**
 * Data as the log stores it, in the form that Avro encodes: absent fields are null, `bytes` are bytes instead of base64, and what the schema
 * calls json is its text.
 */
export const avroForm = (schema: AvroRecord): Conversion => conversionFor(schema, ofAvro) ?? same

const same: Conversion = (value) => value

const ofAvro: Differences = {
  bytes: (value) => Buffer.from(String(value), 'base64'),
  json: (value) => JSON.stringify(value),
  optional:
    (convert = same) =>
    (value) =>
      value === undefined || value === null ? null : convert(value),
  record: (fields) => (fields.some(({ convert }) => convert) ? recordOf(fields) : undefined),
}

const recordOf =
  (fields: readonly Field[]): Conversion =>
  (value) => {
    const record = value as Readonly<Record<string, unknown>>
    const converted: Record<string, unknown> = {}
    for (const { name, convert } of fields) converted[name] = convert ? convert(record[name]) : record[name]
    return converted
  }
