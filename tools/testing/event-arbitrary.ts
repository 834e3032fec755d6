import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { DomainEvent } from '@weconnect/contracts/envelope'
import { type EventType, eventCatalogue } from '@weconnect/contracts/events/catalogue'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import fc from 'fast-check'

type Schema = string | readonly Schema[] | Named
interface Named {
  readonly type: Schema
  readonly name?: string
  readonly logicalType?: string
  readonly items?: Schema
  readonly values?: Schema
  readonly symbols?: readonly string[]
  readonly fields?: readonly { readonly name: string; readonly type: Schema }[]
}

const folder = join(dirname(createRequire(import.meta.url).resolve('@weconnect/contracts/errors')), 'schemas')
const read = (path: string): Named => JSON.parse(readFileSync(join(folder, path), 'utf8')) as Named

const types: ReadonlyMap<string, Named> = new Map(
  readdirSync(join(folder, 'types')).map((file) => [`weconnect.${file.replace('.avsc', '')}`, read(join('types', file))]),
)

/** JSON numbers come back as they were only without minus zero. */
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as JsonValue)

const primitives: Readonly<Record<string, fc.Arbitrary<JsonValue>>> = {
  string: fc.string({ unit: 'grapheme' }),
  int: fc.integer(),
  // Avro's reader takes the largest safe integers for inexact ones.
  long: fc.integer({ min: -(2 ** 53) + 2, max: 2 ** 53 - 2 }),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  boolean: fc.boolean(),
  null: fc.constant(null),
}

const isOptional = (schema: Schema): schema is readonly Schema[] => Array.isArray(schema) && schema[0] === 'null'

const ofRecord = ({ fields = [] }: Named): fc.Arbitrary<JsonObject> => {
  const optional = fields.filter(({ type }) => isOptional(type)).map(({ name }) => name)
  const model = Object.fromEntries(fields.map(({ name, type }) => [name, ofSchema(isOptional(type) ? (type[1] as Schema) : type)]))
  return fc.record(model, { requiredKeys: Object.keys(model).filter((name) => !optional.includes(name)), noNullPrototype: true })
}

const ofSchema = (schema: Schema): fc.Arbitrary<JsonValue> => {
  if (Array.isArray(schema)) return fc.oneof(...schema.map((branch: Schema) => ofSchema(branch)))
  if (typeof schema === 'string')
    return primitives[schema] ?? (schema === 'weconnect.Payload' ? json : ofRecord(types.get(schema) as Named))
  const named = schema as Named
  if (named.logicalType === 'json') return json
  if (named.type === 'enum') return fc.constantFrom(...(named.symbols ?? []))
  if (named.type === 'array') return fc.array(ofSchema(named.items ?? 'null'), { maxLength: 4 })
  if (named.type === 'map') return fc.dictionary(fc.string(), ofSchema(named.values ?? 'null'), { maxKeys: 4, noNullPrototype: true })
  return named.type === 'record' ? ofRecord(named) : ofSchema(named.type)
}

/** Events of one type, as services see them, generated from its Avro schema. */
export const eventOfType = <Type extends EventType>(type: Type): fc.Arbitrary<Extract<DomainEvent, { type: Type }>> =>
  ofRecord(read(join(eventCatalogue[type].family, `${type}.avsc`))).map(
    (data) => ({ type, data }) as unknown as Extract<DomainEvent, { type: Type }>,
  )

export const eventTypes = Object.keys(eventCatalogue) as EventType[]
