import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { WeConnectError } from '@weconnect/contracts/errors'
import { withoutPassword } from '../connect.ts'
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

const subjectsAtOnce = 6

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
      for (const each of versions) encoders.set(`${each.name} ${each.version}`, wireEncoder(each.schema, await register(registry, each)))
  })
  await Promise.all(workers)
  return (name, version) => {
    const encoder = encoders.get(`${name} ${version}`)
    if (encoder === undefined) throw new WeConnectError('LOG_CORRUPT', `No schema of ${name} version ${version} was ever shipped`)
    return encoder
  }
}

const register = async (registry: SchemaRegistry, { name, topic, schema }: TopicSchema): Promise<number> => {
  const subject = `${topic}-weconnect.${name}`
  try {
    const options = { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE }
    return (await registry.register({ type: SchemaType.AVRO, schema: JSON.stringify(schema satisfies AvroRecord) }, options)).id
  } catch (error) {
    if (!isRefusal(error)) throw error
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
