import { randomUUID } from 'node:crypto'
import { missingEngines, testEngine } from '@weconnect/testing/engines'
import { beforeAll, describe, expect, test } from 'vitest'
import type { AvroRecord } from './avro-schema.ts'
import { registerSchemas, type TopicSchema } from './registry.ts'

const schema = {
  type: 'record',
  name: 'Thing',
  namespace: 'weconnect',
  fields: [{ name: 'id', type: 'string' }],
} as unknown as AvroRecord

describe.skipIf(await missingEngines('registry'))('schemas in a real registry', () => {
  let address: string
  beforeAll(async () => {
    address = (await testEngine('registry')).variables['SCHEMA_REGISTRY_URL'] ?? ''
  }, 300_000)

  const thing = (): TopicSchema => ({ topic: `test-${randomUUID()}`, name: 'Thing', version: 1, schema })
  const subjectOf = ({ topic, name }: TopicSchema): string => `${topic}-weconnect.${name}`
  const ruleOf = async (subject: string): Promise<unknown> => (await fetch(`${address}/config/${subject}`)).json()
  /** As a process does that dies before it has set the rule. */
  const left = async (subject: string, body: unknown): Promise<void> => {
    const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
    const init = { method: 'POST', headers, body: JSON.stringify({ schema: JSON.stringify(body) }) }
    expect((await fetch(`${address}/subjects/${subject}/versions`, init)).status).toBe(200)
  }

  test('a subject whose first registration was cut off before its rule is finished, and known from then on', async () => {
    const one = thing()
    await left(subjectOf(one), schema)
    for (let time = 0; time < 2; time += 1) {
      const encoder = await registerSchemas(address, [one])
      expect(encoder('Thing', 1)).toBeTypeOf('function')
      expect(await ruleOf(subjectOf(one))).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' })
    }
  })

  test('a subject that somebody else uses is refused, with what to do, and left as it is', async () => {
    const one = thing()
    await left(subjectOf(one), { ...schema, fields: [{ name: 'other', type: 'long' }] })
    const before = await ruleOf(subjectOf(one))
    await expect(registerSchemas(address, [one])).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('choose another KAFKA_TOPIC_PREFIX'),
    })
    expect(await ruleOf(subjectOf(one))).toEqual(before)
  })
})
