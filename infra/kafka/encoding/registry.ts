import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { WeConnectError } from '@weconnect/contracts/errors'
import { authorisationOf, withoutPassword } from '../connect.ts'
import type { Encode } from '../port.ts'
import type { AvroRecord } from './avro-schema.ts'
import type { PublishedSchema } from './published-schemas.ts'
import { wireEncoder } from './wire-format.ts'

/** Which topic carries which schema: a subject is `<topic>-weconnect.<record>` (TopicRecordNameStrategy), as a topic carries many events. */
export interface TopicSchema extends PublishedSchema {
  readonly topic: string
}

/** Encoder of a record by name and version. */
export type EncoderOf = (name: string, version: number) => Encode

type ConfluentSchema = Parameters<SchemaRegistry['getRegistryIdBySchema']>[1]

const subjectsAtOnce = 6
const ruleLimitMs = 10_000

const open = (address: string): SchemaRegistry => {
  const { username, password } = new URL(address)
  return new SchemaRegistry({
    host: withoutPassword(address),
    ...(username === '' ? {} : { auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) } }),
  })
}

/**
 * Makes every schema known to the registry, each subject FULL_TRANSITIVE: old consumers read new events, new ones read the whole topic.
 * @param schemas ascending within a record
 * @throws WeConnectError CONFIG_INVALID when the registry refuses one
 */
export const registerSchemas = async (address: string, schemas: readonly TopicSchema[]): Promise<EncoderOf> => {
  const registry = open(address)
  const encoders = new Map<string, Encode>()
  const subjects = [...Map.groupBy(schemas, ({ name, topic }) => `${topic} ${name}`).values()]
  // Subjects side by side, as each takes three requests; the versions of one in order, as each is checked against those before it.
  const workers = Array.from({ length: subjectsAtOnce }, async () => {
    for (let versions = subjects.pop(); versions !== undefined; versions = subjects.pop())
      for (const each of versions)
        encoders.set(`${each.name} ${each.version}`, wireEncoder(each.schema, await register(registry, address, each)))
  })
  await Promise.all(workers)
  return (name, version) => {
    const encoder = encoders.get(`${name} ${version}`)
    if (encoder === undefined) throw new WeConnectError('LOG_CORRUPT', `No schema of ${name} version ${version} was ever shipped`)
    return encoder
  }
}

const compatibility = COMPATIBILITY.FULL_TRANSITIVE

const register = async (registry: SchemaRegistry, address: string, { name, topic, schema }: TopicSchema): Promise<number> => {
  const subject = `${topic}-weconnect.${name}`
  const avro = { type: SchemaType.AVRO as const, schema: JSON.stringify(schema satisfies AvroRecord) }
  try {
    return (await registry.register(avro, { subject, compatibility })).id
  } catch (error) {
    if (!isRefusal(error)) throw error
    const id = await begunBefore(registry, subject, avro, error)
    if (id !== undefined) {
      await setRule(address, subject)
      return id
    }
    throw new WeConnectError(
      'CONFIG_INVALID',
      `The schema registry (SCHEMA_REGISTRY_URL) refuses ${name} for subject ${subject}: ${error.message}. Another product or another version uses this subject: choose another KAFKA_TOPIC_PREFIX.`,
      { cause: error },
    )
  }
}

const isRefusal = (error: unknown): error is Error =>
  error instanceof Error &&
  (error.name === 'ConfluentSchemaRegistryCompatibilityError' || ('status' in error && [409, 422].includes(Number(error.status))))

/**
 * A subject gets its first schema, then its rule: whoever dies between the two, or is between them at this moment, leaves one with our schema and no rule,
 * which Apicurio calls NONE. @returns the id of the schema; undefined when it is anything else
 */
const begunBefore = async (
  registry: SchemaRegistry,
  subject: string,
  avro: ConfluentSchema,
  refusal: Error,
): Promise<number | undefined> => {
  if (!refusal.message.includes(`!= ${COMPATIBILITY.NONE}`)) return undefined
  try {
    return await registry.getRegistryIdBySchema(subject, avro)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ConfluentSchemaRegistryError') throw error
    return undefined
  }
}

const setRule = async (address: string, subject: string): Promise<void> => {
  const answer = await fetch(`${withoutPassword(address)}/config/${encodeURIComponent(subject)}`, {
    method: 'PUT',
    headers: { ...authorisationOf(address), 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ compatibility }),
    signal: AbortSignal.timeout(ruleLimitMs),
  })
  if (!answer.ok) throw new Error(`The schema registry answers ${answer.status} to the rule of ${subject}`)
}
