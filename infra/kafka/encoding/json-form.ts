import type { AvroRecord } from './avro-schema.ts'
import { type Conversion, conversionFor, type Differences } from './conversion.ts'

/** Decoded Avro in the form in which the log stores data: what avroForm does, backwards. Absent fields are absent again. */
export const jsonForm = (schema: AvroRecord): Conversion => conversionFor(schema, ofJson) ?? same

const same: Conversion = (value) => value

const ofJson: Differences = {
  bytes: (value) => (value as Buffer).toString('base64'),
  json: (value) => JSON.parse(value as string) as unknown,
  optional:
    (convert = same) =>
    (value) =>
      value === null ? undefined : convert(value),
  record: (fields) => (value) => {
    const record = value as Readonly<Record<string, unknown>>
    const converted: Record<string, unknown> = {}
    for (const { name, convert = same } of fields) {
      const each = convert(record[name])
      if (each !== undefined) converted[name] = each
    }
    return converted
  },
}
