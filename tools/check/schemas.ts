import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type AvroRecord, type AvroSchema, isUnion } from '@weconnect/kafka/avro-schema'
import { root } from './workspace.ts'

/** One version of an event's schema, complete in itself: the types it uses are written out where they are first used. */
export interface EventSchema {
  readonly event: string
  readonly version: number
  readonly schema: AvroRecord
}

const readSchema = (path: string): AvroRecord => JSON.parse(readFileSync(path, 'utf8')) as AvroRecord

/** Schemas as they are now, by event. */
export const currentSchemas = (at: string = root): readonly EventSchema[] => {
  const folder = join(at, 'contracts/schemas')
  const types = new Map(
    globSync('types/*.avsc', { cwd: folder }).map((file) => [`weconnect.${basename(file, '.avsc')}`, join(folder, file)]),
  )
  return globSync('*/*.avsc', { cwd: folder, exclude: ['types/*'] })
    .sort()
    .map((file) => {
      const schema = readSchema(join(folder, file))
      return { event: basename(file, '.avsc'), version: schema.version ?? 1, schema: inlined(schema, types, new Set()) as AvroRecord }
    })
}

/** Every version ever shipped, ascending within an event. */
export const shippedSchemas = (at: string = root): readonly EventSchema[] => {
  return shippedIn(join(at, 'contracts/history'))
}

/** Records of the compacted topics, as they are now. Complete in themselves. */
export const currentStates = (at: string = root): readonly EventSchema[] => {
  const folder = join(at, 'contracts/states')
  return globSync('*.avsc', { cwd: folder })
    .sort()
    .map((file) => {
      const schema = readSchema(join(folder, file))
      return { event: basename(file, '.avsc'), version: schema.version ?? 1, schema }
    })
}
export const shippedStates = (at: string = root): readonly EventSchema[] => shippedIn(join(at, 'contracts/history/states'))

const shippedIn = (folder: string): readonly EventSchema[] => {
  if (!existsSync(folder)) return []
  return globSync('*/v*.avsc', { cwd: folder })
    .map((file) => {
      const schema = readSchema(join(folder, file))
      return { event: schema.name ?? '', version: Number(basename(file, '.avsc').slice(1)), schema }
    })
    .sort((left, right) => left.event.localeCompare(right.event) || left.version - right.version)
}

/** Writes a named type out at its first use; Avro wants later uses by name. */
const inlined = (schema: AvroSchema, types: ReadonlyMap<string, string>, seen: Set<string>): AvroSchema => {
  if (typeof schema === 'string') {
    const path = types.get(schema)
    if (path === undefined || seen.has(schema)) return schema
    seen.add(schema)
    return inlined(readSchema(path), types, seen)
  }
  if (isUnion(schema)) return schema.map((branch) => inlined(branch, types, seen))
  return {
    ...schema,
    type: typeof schema.type === 'string' ? schema.type : inlined(schema.type, types, seen),
    ...(schema.items === undefined ? {} : { items: inlined(schema.items, types, seen) }),
    ...(schema.values === undefined ? {} : { values: inlined(schema.values, types, seen) }),
    ...(schema.fields === undefined
      ? {}
      : { fields: schema.fields.map((field) => ({ ...field, type: inlined(field.type, types, seen) })) }),
  }
}

/** The schema without its prose: two schemas with the same text here read and write the same bytes in the same meaning. */
export const withoutProse = (schema: AvroRecord): string =>
  JSON.stringify(schema, (key, value: unknown) => (key === 'doc' ? undefined : value))
