import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { EventType } from '@weconnect/contracts/events/catalogue'
import avsc from 'avsc'

/** A JSON value of any shape, written as its JSON text: settings, credential references and the like. */
class JsonText extends avsc.types.LogicalType {
  protected override _fromValue(text: string): unknown {
    return JSON.parse(text)
  }
  protected override _toValue(value: unknown): unknown {
    return value === undefined ? undefined : JSON.stringify(value)
  }
}
/** The same beside null in a union, where a value must belong to one branch only. */
class OptionalJsonText extends JsonText {
  protected override _toValue(value: unknown): unknown {
    return value === null ? undefined : super._toValue(value)
  }
}

const isJsonText = (schema: unknown): boolean => (schema as { logicalType?: string }).logicalType === 'json'

/** Tells the two uses of `json` apart; the bytes are the same. */
const prepared = (schema: unknown): unknown => {
  if (Array.isArray(schema))
    return schema.map((branch) => (isJsonText(branch) ? { type: 'string', logicalType: 'optional-json' } : prepared(branch)))
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, name === 'default' ? value : prepared(value)]))
}

const schemaFolder = (): string => join(dirname(createRequire(import.meta.url).resolve('@weconnect/contracts/errors')), 'schemas')

const readFolder = (folder: string): avsc.Schema[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.avsc'))
    .sort()
    .map((file) => prepared(JSON.parse(readFileSync(join(folder, file), 'utf8'))) as avsc.Schema)

type Options = Partial<avsc.ForSchemaOptions> & { registry: Record<string, avsc.Type> }

/** Registers on a copy, because a try that fails leaves a half-made type behind. */
const couldRegister = (schema: avsc.Schema, options: Options): boolean => {
  const registry = { ...options.registry }
  try {
    avsc.Type.forSchema(schema, { ...options, registry })
  } catch (error) {
    if (/undefined type name/.test(String(error))) return false
    throw error
  }
  Object.assign(options.registry, registry)
  return true
}

/** The named types refer to each other: those whose references are not there yet wait for the next round. */
const registerTypes = (schemas: readonly avsc.Schema[], options: Options): void => {
  let left = schemas
  while (left.length > 0) {
    const waiting = left.filter((schema) => !couldRegister(schema, options))
    if (waiting.length === left.length)
      throw new Error(`A type of contracts/schemas/types refers to an unknown one: ${JSON.stringify(waiting[0])}`)
    left = waiting
  }
}

/** The Avro type of every event, by event type, from contracts/schemas. Payload fields are records {keyId, sealed: Buffer} or {keyId, blob, encoding}. */
export const loadSchemas = (folder = schemaFolder()): ReadonlyMap<EventType, avsc.Type> => {
  const options: Options = { registry: {}, wrapUnions: false, logicalTypes: { json: JsonText, 'optional-json': OptionalJsonText } }
  registerTypes(readFolder(join(folder, 'types')), options)
  const families = readdirSync(folder).filter((family) => family !== 'types')
  // On a copy each: what an event defines within itself may have the name of what another defines.
  const typeOf = (schema: avsc.Schema): avsc.Type => avsc.Type.forSchema(schema, { ...options, registry: { ...options.registry } })
  const types = families.flatMap((family) => readFolder(join(folder, family)).map(typeOf))
  return new Map(types.map((type) => [(type.name ?? '').replace('weconnect.', '') as EventType, type]))
}
