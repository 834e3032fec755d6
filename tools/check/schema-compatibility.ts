import type { AvroRecord } from '@weconnect/kafka/avro-schema'
import avro from 'avsc'
import { currentSchemas, currentStates, type EventSchema, shippedSchemas, shippedStates, withoutProse } from './schemas.ts'
import { root } from './workspace.ts'

/** Why data written with one schema cannot be read with the other; undefined when it can. */
const unreadable = (reader: AvroRecord, writer: AvroRecord): string | undefined => {
  try {
    typeOf(reader).createResolver(typeOf(writer))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export const typeOf = (schema: AvroRecord): avro.Type => avro.Type.forSchema(schema as avro.Schema, { registry: {} })

/**
 * FULL_TRANSITIVE: of one event, every version reads every other, so that old logs stay readable and old consumers survive new producers.
 * @param versions of one event, ascending, the current one last
 */
export const incompatibilities = (versions: readonly EventSchema[]): readonly string[] =>
  versions.flatMap((reader) =>
    versions.flatMap((writer) => {
      const problem = reader === writer ? undefined : unreadable(reader.schema, writer.schema)
      return problem === undefined ? [] : [`${reader.event}: version ${reader.version} cannot read version ${writer.version}: ${problem}`]
    }),
  )

const versionProblem = (now: EventSchema, shipped: readonly EventSchema[]): string | undefined => {
  const same = shipped.find(({ version }) => version === now.version)
  const newest = shipped.at(-1)?.version ?? 0
  if (same !== undefined && withoutProse(same.schema) !== withoutProse(now.schema))
    return `${now.event}: the schema changed but its version is still ${now.version}: raise "version", then run tools/check/freeze-schemas.ts`
  if (same === undefined && now.version !== newest + 1)
    return `${now.event}: version ${now.version} must be ${newest} (unchanged) or ${newest + 1} (changed)`
  if (same === undefined) return `${now.event}: version ${now.version} is not in contracts/history: run tools/check/freeze-schemas.ts`
  return undefined
}

/** What is wrong between contracts/schemas, contracts/states and contracts/history, one line each. */
export const schemaProblems = (at: string = root): readonly string[] => [
  ...problemsBetween(currentSchemas(at), shippedSchemas(at)),
  ...problemsBetween(currentStates(at), shippedStates(at)),
]

const problemsBetween = (current: readonly EventSchema[], everShipped: readonly EventSchema[]): readonly string[] => {
  const shipped = Map.groupBy(everShipped, ({ event }) => event)
  const removed = [...shipped.keys()].filter((event) => !current.some((now) => now.event === event))
  return [
    ...removed.map((event) => `${event}: was shipped, so its schema must stay: logs hold it`),
    ...current.flatMap((now) => {
      const before = shipped.get(now.event) ?? []
      const problem = versionProblem(now, before)
      const others = before.filter(({ version }) => version !== now.version)
      return [...(problem === undefined ? [] : [problem]), ...incompatibilities([...others, now])]
    }),
  ]
}
