import { encodeSample, openRecorded, readCorpus } from '@weconnect/check/corpus'
import { typeOf } from '@weconnect/check/schema-compatibility'
import { currentSchemas, shippedSchemas } from '@weconnect/check/schemas'
import type { JsonObject } from '@weconnect/contracts/json'
import { describe, expect, test } from 'vitest'

const corpus = readCorpus()
const current = new Map(currentSchemas().map((schema) => [schema.event, schema]))
const shipped = new Map(shippedSchemas().map((schema) => [`${schema.event} v${schema.version}`, schema]))

/** The fields of `before` that the schema still has: others may have gone, as they were optional. */
const kept = (before: JsonObject, event: string): JsonObject => {
  const fields = new Set(current.get(event)?.schema.fields?.map(({ name }) => name))
  return Object.fromEntries(Object.entries(before).filter(([name]) => fields.has(name)))
}

test('the corpus has a full and a bare event of every shipped version', () => {
  const has = corpus.map(({ event, version, sample }) => `${event} v${version} ${sample}`)
  expect(has).toEqual(expect.arrayContaining([...shipped.keys()].flatMap((name) => [`${name} full`, `${name} bare`])))
  expect(shipped.size).toBeGreaterThan(0)
})

describe.each(corpus)('$event version $version, $sample', (recorded) => {
  test('opens from the bytes of the log', async () => {
    const envelope = await openRecorded(recorded)
    expect(envelope.type).toBe(recorded.event)
    expect(envelope.data).toMatchObject(kept(recorded.opened, recorded.event))
  })

  test('is read from Avro by the schema of today', () => {
    const [writer, reader] = [shipped.get(`${recorded.event} v${recorded.version}`), current.get(recorded.event)]
    if (writer === undefined || reader === undefined) throw new Error('no schema')
    const type = typeOf(reader.schema)
    const value = type.fromBuffer(Buffer.from(recorded.avro, 'base64'), type.createResolver(typeOf(writer.schema))) as JsonObject
    expect(type.isValid(value)).toBe(true)
    expect(value).toMatchObject(plainFields(kept(recorded.opened, recorded.event)))
  })
})

/** Fields whose Avro value is their JSON value. */
const plainFields = (data: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(data).filter(([, value]) => typeof value !== 'object'))

test('what is encoded today opens to what it was made of', async () => {
  for (const schema of current.values()) {
    const recorded = await encodeSample(schema, 'full')
    expect((await openRecorded(recorded)).data).toEqual(recorded.opened)
  }
})
