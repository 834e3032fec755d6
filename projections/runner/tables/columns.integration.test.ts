import { inTransaction } from '@weconnect/postgres/pool'
import { type TestDatabase, testDatabase } from '@weconnect/testing/postgres'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTable } from '../projection.ts'
import { send, statementsOf } from './flush.ts'
import { type JsonText, jsonText, maxPayloadBytes, payloadText } from './json-column.ts'
import { pendingRows, type Rows } from './rows.ts'
import { table } from './table.ts'

const everyType = table({
  name: 'every_type',
  columns: {
    id: 'integer',
    a_uuid: 'uuid',
    a_text: 'text',
    texts: 'text[]',
    a_json: 'json',
    a_jsonb: 'jsonb',
    a_time: 'timestamptz',
    an_integer: 'integer',
    a_bigint: { type: 'bigint', merge: 'sum', default: '0' },
    a_double: 'double precision',
    a_boolean: 'boolean',
    a_list: { type: 'json', merge: 'concat', limit: 4 },
  },
  key: ['id'],
})

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
  await database.pool.query('drop table if exists every_type')
  await database.pool.query(createTable(everyType, 'public'))
})

/** Each batch is written on its own. */
const written = async (...batches: ((rows: Rows) => void)[]): Promise<readonly unknown[]> => {
  for (const batch of batches) await writeBatch(batch)
  return database.pool.query('select * from every_type order by id')
}

const writeBatch = async (batch: (rows: Rows) => void): Promise<void> => {
  const rows = pendingRows([everyType])
  batch(rows)
  const session = await database.pool.session()
  try {
    await inTransaction(session, async () => {
      for (const statement of statementsOf(rows, 'public')) await send(session, statement)
    })
  } finally {
    session.release()
  }
}

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '\0', 'a\0b', '\ud800', '{}', '"\\,', 'NULL', 'é𝒳'))
const anyRow = fc.record({
  a_uuid: fc.uuid(),
  a_text: fc.option(anyText),
  texts: fc.array(anyText),
  a_json: fc.jsonValue(),
  a_jsonb: fc.oneof(fc.jsonValue(), anyText),
  a_time: fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }).map((date) => date.toISOString()),
  an_integer: fc.integer(),
  a_bigint: fc.maxSafeInteger(),
  a_double: fc.double({ noNaN: true }),
  a_boolean: fc.boolean(),
})

/** What a database gives back for text that it cannot hold as it is. */
const stored = (text: string | null): string | null => text?.toWellFormed().replaceAll('\0', '\uFFFD') ?? null

test('copied and upserted rows hold the values they were given', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 5 }), fc.boolean(), async (values, copied) => {
      await database.pool.query('truncate every_type')
      const rows = await written((into) => {
        for (const [id, row] of values.entries())
          into[copied ? 'insert' : 'put'](everyType, {
            ...row,
            id,
            a_json: jsonText(row.a_json as never),
            a_jsonb: jsonText(row.a_jsonb as never),
          })
      })
      const expected = values.map((row, id) => ({
        ...row,
        id,
        a_text: stored(row.a_text),
        texts: row.texts.map(stored),
        a_json: JSON.parse(jsonText(row.a_json as never)),
        a_jsonb: JSON.parse(jsonText(row.a_jsonb as never)),
        a_list: null,
      }))
      expect(normal(rows)).toEqual(normal(expected))
    }),
    { numRuns: 60 },
  )
})

/** JSON has no -0, and jsonb keeps no order of keys. */
const normal = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

type Change = (rows: Rows) => void
const element = (n: number): readonly JsonText[] => [jsonText(n)]
const change: fc.Arbitrary<Change> = fc.tuple(fc.nat(3), fc.nat(6), fc.nat(9)).map(([id, verb, n]): Change => {
  if (verb === 0) return (rows) => rows.remove(everyType, { id })
  if (verb === 1) return (rows) => rows.removeWhere(everyType, { an_integer: n % 2 })
  const columns = { a_bigint: n, a_list: element(n), an_integer: id % 2, ...(n % 2 === 0 ? { a_text: `${n}` } : {}) }
  // A row is put before it is updated.
  return (rows) => rows.put(everyType, { id, ...columns })
})

const run = (changes: readonly Change[], rows: Rows): void => {
  for (const act of changes) act(rows)
}

test('where a batch ends changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 14 }), fc.nat(14), async (changes, cut) => {
      const inOne = await written((rows) => run(changes, rows))
      await database.pool.query('truncate every_type')
      const inTwo = await written(
        (rows) => run(changes.slice(0, cut), rows),
        (rows) => run(changes.slice(cut), rows),
      )
      await database.pool.query('truncate every_type')
      const oneByOne = await written(...changes)
      await database.pool.query('truncate every_type')
      expect(inTwo).toEqual(oneByOne)
      expect(inOne).toEqual(oneByOne)
    }),
    { numRuns: 60 },
  )
})

test('an update changes a row that is there, and makes none', async () => {
  const rows = await written(
    (into) => into.insert(everyType, { id: 1, a_text: 'a' }),
    (into) => {
      into.update(everyType, { id: 1, a_bigint: 2 })
      into.update(everyType, { id: 2, a_bigint: 2 })
    },
  )
  expect(rows).toMatchObject([{ id: 1, a_text: 'a', a_bigint: 2 }])
})

test('a payload up to 16 KiB is kept, a larger one is referred to', () => {
  const event = { stream: 'execution-1', revision: 3 }
  const fits = 'x'.repeat(maxPayloadBytes - 2)
  expect(payloadText(event, 'outputs', fits)).toBe(`"${fits}"`)
  expect(JSON.parse(payloadText(event, 'outputs', `${fits}x`) ?? '')).toEqual({
    $ref: { ...event, field: 'outputs' },
    bytes: maxPayloadBytes + 1,
  })
  expect(JSON.parse(payloadText(event, 'outputs', 'é'.repeat(maxPayloadBytes / 2)) ?? '')).toMatchObject({ bytes: maxPayloadBytes + 2 })
  expect(payloadText(event, 'outputs', undefined)).toBeNull()
})
