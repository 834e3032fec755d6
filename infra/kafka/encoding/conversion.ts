import { type AvroRecord, type AvroSchema, isUnion } from './avro-schema.ts'

/** Turns a value of one form into another; undefined in its place: both are the same. */
export type Conversion = (value: unknown) => unknown

/** What a conversion does where the two forms differ. */
export interface Differences {
  readonly bytes: Conversion
  /** What the schema calls json: its text, or what it says. */
  readonly json: Conversion
  optional(conversion: Conversion | undefined): Conversion
  record(fields: readonly Field[]): Conversion | undefined
}

export interface Field {
  readonly name: string
  readonly convert: Conversion | undefined
}

type Named = Map<string, Conversion | undefined>

/** Made once for each schema, as it is called for every event. */
export const conversionFor = (schema: AvroSchema, differences: Differences, named: Named = new Map()): Conversion | undefined => {
  const of = (inner: AvroSchema): Conversion | undefined => conversionFor(inner, differences, named)
  if (isUnion(schema)) return differences.optional(of(schema.find((branch) => branch !== 'null') ?? 'null'))
  if (typeof schema === 'string') return schema === 'bytes' ? differences.bytes : named.get(schema)
  if (schema.logicalType === 'json') return differences.json
  if (schema.type === 'record') return recordConversion(schema, of, differences, named)
  if (schema.type === 'array') return eachOf(of(schema.items ?? 'null'))
  if (schema.type === 'map') return eachValueOf(of(schema.values ?? 'null'))
  return schema.type === 'enum' ? undefined : of(schema.type)
}

const recordConversion = (
  { fields = [], name: recordName }: AvroRecord,
  of: (schema: AvroSchema) => Conversion | undefined,
  { record }: Differences,
  named: Named,
): Conversion | undefined => {
  const conversion = record(fields.map(({ name, type }) => ({ name, convert: of(type) })))
  if (recordName !== undefined) named.set(`weconnect.${recordName}`, conversion)
  return conversion
}

const eachOf = (conversion: Conversion | undefined): Conversion | undefined =>
  conversion && ((values) => (values as readonly unknown[]).map((value) => conversion(value)))
const eachValueOf = (conversion: Conversion | undefined): Conversion | undefined =>
  conversion && ((values) => Object.fromEntries(Object.entries(values as object).map(([key, value]) => [key, conversion(value)])))
