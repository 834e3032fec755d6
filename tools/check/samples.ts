import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { type AvroRecord, type AvroSchema, isUnion } from '@weconnect/kafka/avro-schema'

/** How much of an event a sample has: all fields, or the required ones only. */
export type Fullness = 'full' | 'bare'

/** Data of an event as services see it (payloads opened), made from its schema alone: the same schema always gives the same sample. */
export const sampleData = (schema: AvroRecord, fullness: Fullness): JsonObject => {
  const named = new Map<string, AvroRecord>()
  return recordOf(schema, fullness, named)
}

const recordOf = (schema: AvroRecord, fullness: Fullness, named: Map<string, AvroRecord>): JsonObject => {
  const entries: [string, JsonValue][] = []
  for (const field of schema.fields ?? []) {
    const value = sampleOf(field.type, field.name, fullness, named)
    if (!isOptional(field.type) || fullness === 'full') entries.push([field.name, value])
  }
  return Object.fromEntries(entries)
}

const isOptional = (schema: AvroSchema): boolean => isUnion(schema) && schema.includes('null')

const sampleOf = (schema: AvroSchema, name: string, fullness: Fullness, named: Map<string, AvroRecord>): JsonValue => {
  if (isUnion(schema)) return sampleOf(schema.find((branch) => branch !== 'null') ?? 'null', name, fullness, named)
  if (typeof schema === 'string') {
    const known = named.get(schema)
    return known === undefined ? primitive(schema, name) : sampleOf(known, name, fullness, named)
  }
  if (schema.name !== undefined) named.set(`weconnect.${schema.name}`, schema)
  if (schema.name === 'Payload' || schema.logicalType === 'json')
    return { of: name, values: [1, 'two', null, { deep: [true] }], text: 'ä€😀' }
  switch (schema.type) {
    case 'record':
      return recordOf(schema, fullness, named)
    case 'enum':
      return schema.symbols?.at(-1) ?? null
    case 'array':
      return fullness === 'full' ? [sampleOf(schema.items ?? 'null', name, fullness, named)] : []
    case 'map':
      return fullness === 'full' ? { key: sampleOf(schema.values ?? 'null', name, fullness, named) } : {}
    default:
      return sampleOf(schema.type, name, fullness, named)
  }
}

const primitive = (type: string, name: string): JsonValue => {
  switch (type) {
    case 'string':
      return `${name} ä€😀`
    case 'int':
      return 2_147_483_647
    case 'long':
      return 4_503_599_627_370_495
    case 'double':
      return 1.5
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      throw new Error(`no sample for ${type}`)
  }
}
