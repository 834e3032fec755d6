import { type AvroRecord, type AvroSchema, isUnion } from './avro-form.ts'

/** Turns what Avro decodes into a value of the log's JSON; undefined where both are the same. */
type Conversion = (value: unknown) => unknown

const same: Conversion = (value) => value
const base64: Conversion = (value) => (value as Buffer).toString('base64')
const fromText: Conversion = (value) => JSON.parse(value as string) as unknown

/** Decoded Avro in the form in which the log stores data: what avroForm does, backwards. Absent fields are absent again. */
export const jsonForm = (schema: AvroRecord): Conversion => conversionOf(schema, new Map()) ?? same

const conversionOf = (schema: AvroSchema, named: Map<string, Conversion | undefined>): Conversion | undefined => {
  if (isUnion(schema)) return optional(conversionOf(schema.find((branch) => branch !== 'null') ?? 'null', named))
  if (typeof schema === 'string') return schema === 'bytes' ? base64 : named.get(schema)
  if (schema.logicalType === 'json') return fromText
  if (schema.type === 'record') return recordConversion(schema, named)
  if (schema.type === 'array') return eachOf(conversionOf(schema.items ?? 'null', named))
  if (schema.type === 'map') return eachValueOf(conversionOf(schema.values ?? 'null', named))
  return schema.type === 'enum' ? undefined : conversionOf(schema.type, named)
}

const optional = (conversion: Conversion | undefined): Conversion => {
  const convert = conversion ?? same
  return (value) => (value === null ? undefined : convert(value))
}
const eachOf = (conversion: Conversion | undefined): Conversion | undefined =>
  conversion && ((values) => (values as readonly unknown[]).map((value) => conversion(value)))
const eachValueOf = (conversion: Conversion | undefined): Conversion | undefined =>
  conversion && ((values) => Object.fromEntries(Object.entries(values as object).map(([key, value]) => [key, conversion(value)])))

const recordConversion = (schema: AvroRecord, named: Map<string, Conversion | undefined>): Conversion => {
  const fields = (schema.fields ?? []).map(({ name, type }) => ({ name, convert: conversionOf(type, named) ?? same }))
  const convert: Conversion = (value) => {
    const record = value as Readonly<Record<string, unknown>>
    const converted: Record<string, unknown> = {}
    for (const { name, convert: one } of fields) {
      const each = one(record[name])
      if (each !== undefined) converted[name] = each
    }
    return converted
  }
  if (schema.name !== undefined) named.set(`weconnect.${schema.name}`, convert)
  return convert
}
