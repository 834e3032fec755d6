import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { isUnion } from './samples.ts'
import type { AvroRecord, AvroSchema } from './schemas.ts'

type AvroValue = string | number | boolean | null | Buffer | readonly AvroValue[] | { readonly [key: string]: AvroValue }

/**
 * Data as the log stores it, in the form that Avro encodes: absent fields are null, `bytes` are bytes instead of base64,
 * and what the schema calls json is its text.
 */
export const avroForm = (schema: AvroRecord, stored: JsonObject): AvroValue => form(schema, stored, new Map())

const form = (schema: AvroSchema, value: JsonValue | undefined, named: Map<string, AvroRecord>): AvroValue => {
  if (isUnion(schema))
    return value === undefined || value === null ? null : form(schema.find((branch) => branch !== 'null') ?? 'null', value, named)
  if (typeof schema === 'string') {
    const known = named.get(schema)
    if (known !== undefined) return form(known, value, named)
    return schema === 'bytes' ? Buffer.from(String(value), 'base64') : ((value ?? null) as AvroValue)
  }
  if (schema.name !== undefined) named.set(`weconnect.${schema.name}`, schema)
  if (schema.logicalType === 'json') return JSON.stringify(value)
  if (schema.type === 'record' && isJsonObject(value))
    return Object.fromEntries((schema.fields ?? []).map((field) => [field.name, form(field.type, value[field.name], named)]))
  if (schema.type === 'array' && Array.isArray(value)) return value.map((each: JsonValue) => form(schema.items ?? 'null', each, named))
  if (schema.type === 'map' && isJsonObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, form(schema.values ?? 'null', each, named)]))
  return schema.type === 'enum' ? String(value) : form(schema.type, value, named)
}
