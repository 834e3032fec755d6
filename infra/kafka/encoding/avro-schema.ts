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

export const isUnion = (schema: AvroSchema): schema is readonly AvroSchema[] => Array.isArray(schema)
