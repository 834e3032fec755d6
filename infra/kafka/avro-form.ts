/** Avro as JSON. Only what our schemas use is named. */
export type AvroSchema = string | readonly AvroSchema[] | AvroRecord
export interface AvroRecord {
  readonly type: AvroSchema
  readonly name?: string
  readonly namespace?: string
  readonly version?: number
  readonly logicalType?: string
  readonly items?: AvroSchema
  readonly values?: AvroSchema
  readonly symbols?: readonly string[]
  readonly doc?: string
  readonly fields?: readonly (AvroRecord & { readonly name: string })[]
}

/** Turns a value of the log's JSON into what Avro encodes; undefined where both are the same. */
type Conversion = (value: unknown) => unknown

export const isUnion = (schema: AvroSchema): schema is readonly AvroSchema[] => Array.isArray(schema)
const same: Conversion = (value) => value
const bytes: Conversion = (value) => Buffer.from(String(value), 'base64')
const jsonText: Conversion = (value) => JSON.stringify(value)

/**
 * Data as the log stores it, in the form that Avro encodes: absent fields are null, `bytes` are bytes instead of base64, and what the schema
 * calls json is its text. Made once for each schema, as it is called for every event.
 */
export const avroForm = (schema: AvroRecord): Conversion => conversionOf(schema, new Map()) ?? same

const conversionOf = (schema: AvroSchema, named: Map<string, Conversion | undefined>): Conversion | undefined => {
  if (isUnion(schema)) return optional(conversionOf(schema.find((branch) => branch !== 'null') ?? 'null', named))
  if (typeof schema === 'string') return schema === 'bytes' ? bytes : named.get(schema)
  if (schema.logicalType === 'json') return jsonText
  if (schema.type === 'record') return recordConversion(schema, named)
  if (schema.type === 'array') return eachOf(conversionOf(schema.items ?? 'null', named))
  if (schema.type === 'map') return eachValueOf(conversionOf(schema.values ?? 'null', named))
  return schema.type === 'enum' ? undefined : conversionOf(schema.type, named)
}

const optional = (conversion: Conversion | undefined): Conversion => {
  const convert = conversion ?? same
  return (value) => (value === undefined || value === null ? null : convert(value))
}
const eachOf = (conversion: Conversion | undefined): Conversion | undefined =>
  conversion && ((values) => (values as readonly unknown[]).map(conversion))
const eachValueOf = (conversion: Conversion | undefined): Conversion | undefined =>
  conversion && ((values) => Object.fromEntries(Object.entries(values as object).map(([key, value]) => [key, conversion(value)])))

const recordConversion = (schema: AvroRecord, named: Map<string, Conversion | undefined>): Conversion | undefined => {
  const fields = (schema.fields ?? []).map(({ name, type }) => ({ name, convert: conversionOf(type, named) }))
  const convert: Conversion | undefined = fields.some(({ convert }) => convert)
    ? (value) => {
        const record = value as Readonly<Record<string, unknown>>
        const converted: Record<string, unknown> = {}
        for (const { name, convert } of fields) converted[name] = convert ? convert(record[name]) : record[name]
        return converted
      }
    : undefined
  if (schema.name !== undefined) named.set(`weconnect.${schema.name}`, convert)
  return convert
}
