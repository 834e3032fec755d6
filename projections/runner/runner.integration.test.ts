import type { Envelope } from '@weconnect/contracts/envelope'
import type { Pool } from '@weconnect/postgres/pool'
import { histories } from '@weconnect/testing/histories'
import { type JournalFixture, openJournalFixture, someContext } from '@weconnect/testing/journal-fixture'
import { type TestDatabase, testDatabase } from '@weconnect/testing/postgres'
import { appender, contentOf, timers } from '@weconnect/testing/read-models'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { readModels } from '../read-models.ts'
import type { Projector } from './face.ts'
import { type Projection, projection } from './projection.ts'
import { type RunnerOptions, type StatusChange, startProjectionRunner } from './runner.ts'
import { table } from './tables/table.ts'

let database: TestDatabase
let log: JournalFixture
let runners: Projector[] = []

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
  log = openJournalFixture()
  await database.pool.query('drop table if exists projection_checkpoints')
})
afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.close()
  await log.close()
})

const start = async (projections: readonly Projection[], options: Partial<RunnerOptions> = {}): Promise<Projector> => {
  const runner = await startProjectionRunner({ journal: log.journal, pool: database.pool, projections, timers, restMs: 1, ...options })
  runners.push(runner)
  return runner
}
const stop = async (runner: Projector): Promise<void> => {
  runners = runners.filter((other) => other !== runner)
  await runner.close()
}

const counts = table({
  name: 'test_counts',
  columns: { name: 'text', total: { type: 'bigint', merge: 'sum', default: '0' }, last: 'text' },
  key: ['name'],
})

const counter = (refuse: (event: Envelope) => boolean = () => false, version = 1): Projection =>
  projection({
    name: 'test-counter',
    version,
    tables: [counts],
    on: {
      WorkflowRenamed: (event, rows) => {
        if (refuse(event)) throw new Error(`will not count ${event.data.name}`)
        rows.put(counts, { name: 'renamed', total: 1, last: event.data.name })
      },
    },
  })

const others = table({
  name: 'test_others',
  columns: { stream: 'text', events: { type: 'bigint', merge: 'sum', default: '0' } },
  key: ['stream'],
})
const other = projection({
  name: 'test-other',
  version: 1,
  tables: [others],
  on: { WorkflowRenamed: (event, rows) => rows.put(others, { stream: event.stream, events: 1 }) },
})

const countOf = async (pool: Pool = database.pool) =>
  (await pool.query<{ total: number; last: string }>('select total, last from test_counts'))[0]
const rename = (name: string) => ({ type: 'WorkflowRenamed' as const, data: { name } })
const settled = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('what was written can be read once its position is reached', async () => {
  const append = appender(log.journal, someContext())
  const runner = await start([counter()])
  for (const name of ['a', 'b', 'c']) {
    await runner.waitFor(await append('workflow-1', rename(name)))
    expect((await countOf())?.last).toBe(name)
  }
  expect((await runner.status())[0]).toMatchObject({ state: 'running', eventsBehind: 0, msBehind: 0 })
})

test('a position that is not reached in time is a coded error, as is one of another log', async () => {
  const append = appender(log.journal, someContext())
  const runner = await start([counter()])
  const position = await append('workflow-1', rename('a'))
  await runner.waitFor(position)
  await expect(runner.waitFor(`${position.slice(0, -4)}9999`, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'PROJECTION_BEHIND' })
  await expect(runner.waitFor('otherlog-0000000000000001')).rejects.toMatchObject({ code: 'CURSOR_OF_ANOTHER_LOG' })
})

test('a poison event stops its projection loudly, the others go on, and a retry after the mending goes on behind it', async () => {
  const append = appender(log.journal, someContext())
  const told: StatusChange[] = []
  let mended = false
  const runner = await start([counter((event) => !mended && (event.data as { name: string }).name === 'poison'), other], {
    onStatus: (change) => told.push(change),
  })
  const before = await append('workflow-1', rename('a'), rename('b'))
  const poison = await append('workflow-2', rename('poison'))
  const last = await append('workflow-1', rename('c'))
  await runner.waitFor(last, { names: ['test-other'] })
  await expect(runner.waitFor(last, { names: ['test-counter'] })).rejects.toMatchObject({ code: 'PROJECTION_STOPPED' })
  const [status] = await runner.status()
  expect(status).toMatchObject({
    state: 'stopped',
    position: before,
    eventsBehind: 2,
    poison: { stream: 'workflow-2', revision: 0, type: 'WorkflowRenamed', error: 'will not count poison' },
  })
  const [poisonEvent] = await log.journal.readAll({ after: before, limit: 1 })
  expect(status?.poison?.eventId).toBe(poisonEvent?.eventId)
  expect(told).toContainEqual(expect.objectContaining({ name: 'test-counter', state: 'stopped' }))
  expect(await countOf()).toEqual({ total: 2, last: 'b' })
  await expect(runner.retry('test-counter')).rejects.toMatchObject({ code: 'PROJECTION_STOPPED' })
  mended = true
  await runner.retry('test-counter')
  await runner.waitFor(last, { names: ['test-counter'] })
  expect(await countOf()).toEqual({ total: 4, last: 'c' })
  expect(poison < last).toBe(true)
})

test('a value that the database refuses is a poison event too', async () => {
  const append = appender(log.journal, someContext())
  const refusing = projection({
    name: 'test-counter',
    version: 1,
    tables: [counts],
    on: { WorkflowRenamed: (event, rows) => rows.put(counts, { name: 'x', total: Number(event.data.name) }) },
  })
  const runner = await start([refusing, other])
  await append('workflow-1', rename('1'), rename('2'))
  await append('workflow-1', rename('1e40'))
  await runner.waitFor(await append('workflow-1', rename('3')), { names: ['test-other'] })
  await settled(async () => (await runner.status())[0]?.state === 'stopped')
  expect((await countOf())?.total).toBe(3)
  expect((await runner.status())[0]?.poison).toMatchObject({ revision: 2 })
})

test('what cannot even be sent to the database is a poison event as well', async () => {
  const append = appender(log.journal, someContext())
  const ids = table({ name: 'test_counts', columns: { id: 'uuid', made: 'timestamptz' }, key: ['id'] })
  const wrong = projection({
    name: 'test-counter',
    version: 1,
    tables: [ids],
    on: { WorkflowRenamed: (event, rows) => rows.insert(ids, { id: event.eventId, made: event.data.name }) },
  })
  const runner = await start([wrong, other])
  await append('workflow-1', rename('2026-01-01T00:00:00Z'), rename('not a time'))
  await runner.waitFor(await append('workflow-1', rename('2026-01-01T00:00:00Z')), { names: ['test-other'] })
  await settled(async () => (await runner.status())[0]?.state === 'stopped')
  expect((await runner.status())[0]?.poison).toMatchObject({ revision: 1, error: '"not a time" is no time' })
  expect(await database.pool.query('select made from test_counts')).toEqual([{ made: '2026-01-01T00:00:00.000Z' }])
})

test('a rebuild goes on behind the tables that are being read, and gives the same tables', async () => {
  const append = appender(log.journal, someContext())
  const runner = await start([counter(), other])
  for (let n = 0; n < 200; n++) await append(`workflow-${n % 7}`, rename(`name ${n}`), rename(`again ${n}`))
  await runner.waitFor((await log.journal.head()) ?? '')
  const before = await contentOf(database.pool, [counts, others])
  const fractions: number[] = []
  let lowest = Number.POSITIVE_INFINITY
  const rebuilding = runner.rebuild('test-counter', ({ fraction }) => fractions.push(fraction))
  let done = false
  void rebuilding.finally(() => {
    done = true
  })
  while (!done) lowest = Math.min(lowest, (await countOf())?.total ?? 0)
  expect(await rebuilding).toMatchObject({ events: 400, fraction: 1, done: true })
  expect(lowest).toBe(400)
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
  expect(await contentOf(database.pool, [counts, others])).toEqual(before)
  await runner.waitFor(await append('workflow-1', rename('after')))
  expect(await countOf()).toEqual({ total: 401, last: 'after' })
  expect(await database.pool.query(`select nspname from pg_namespace where nspname like 'rebuild%'`)).toEqual([])
  await expect(runner.rebuild('nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a new version rebuilds at the start, also from an older layout', async () => {
  const append = appender(log.journal, someContext())
  const first = await start([counter()])
  await first.waitFor(await append('workflow-1', rename('a'), rename('b')))
  await stop(first)
  const wider = table({
    name: 'test_counts',
    columns: { name: 'text', total: { type: 'bigint', merge: 'sum', default: '0' }, last: 'text', longest: 'text' },
    key: ['name'],
  })
  const next = projection({
    name: 'test-counter',
    version: 2,
    tables: [wider],
    on: { WorkflowRenamed: (event, rows) => rows.put(wider, { name: 'renamed', total: 10, longest: event.data.name }) },
  })
  const second = await start([next])
  const position = await append('workflow-1', rename('c'))
  await settled(async () => (await second.status())[0]?.state === 'running')
  await second.waitFor(position, { names: ['test-counter'] })
  expect(await database.pool.query('select total, last, longest from test_counts')).toEqual([{ total: 30, last: null, longest: 'c' }])
})

test('tables that were built from another log are built anew', async () => {
  const append = appender(log.journal, someContext())
  const first = await start([counter()])
  await first.waitFor(await append('workflow-1', rename('of the first log')))
  await stop(first)
  const otherLog = openJournalFixture()
  const second = await startProjectionRunner({
    journal: otherLog.journal,
    pool: database.pool,
    projections: [counter()],
    timers,
    restMs: 1,
  })
  await second.waitFor(await appender(otherLog.journal, someContext())('workflow-1', rename('of the second')))
  expect(await countOf()).toEqual({ total: 1, last: 'of the second' })
  await second.close()
  await otherLog.close()
})

test('a commit whose answer was lost is not applied twice', async () => {
  const append = appender(log.journal, someContext())
  const told: StatusChange[] = []
  let losses = 3
  const lossy: Pool = {
    ...database.pool,
    session: async () => {
      const session = await database.pool.session()
      const query = async <Row>(text: string, values?: readonly unknown[]) => {
        const rows = await session.query<Row>(text, values)
        if (text === 'commit' && losses-- > 0) throw new Error('the connection is gone')
        return rows
      }
      return { ...session, query }
    },
  }
  // Prepared on a whole connection: only the runner's own commits get lost.
  await stop(await start([counter()]))
  const runner = await start([counter()], { pool: lossy, onStatus: (change) => told.push(change) })
  for (let n = 0; n < 20; n++) await append('workflow-1', rename(`${n}`))
  await runner.waitFor((await log.journal.head()) ?? '', { timeoutMs: 30_000 })
  expect(await countOf()).toEqual({ total: 20, last: '19' })
  expect(told).toContainEqual(expect.objectContaining({ state: 'waiting', error: 'the connection is gone' }))
})

const tables = readModels.flatMap((model) => model.tables)
const dropModels = () => database.pool.query('drop table if exists projection_checkpoints')

test('any batches and any restarts give the tables that a rebuild gives', async () => {
  const runs = Number(process.env['WECONNECT_LONG'] === '1' ? 100 : 6)
  await fc.assert(
    fc.asyncProperty(histories(), fc.infiniteStream(fc.integer({ min: 1, max: 12 })), async (history, random) => {
      const fixture = openJournalFixture()
      try {
        await dropModels()
        const append = appender(fixture.journal, someContext())
        const open = () =>
          startProjectionRunner({
            journal: fixture.journal,
            pool: database.pool,
            projections: readModels,
            timers,
            restMs: 1,
            batchEvents: random.next().value ?? 1,
          })
        let runner = await open()
        for (const { stream, events } of history) {
          const position = await append(stream, ...events)
          const dice = random.next().value ?? 1
          if (dice < 3) await runner.waitFor(position)
          if (dice !== 12) continue
          await runner.close()
          runner = await open()
        }
        await runner.waitFor((await fixture.journal.head()) ?? '')
        const lived = await contentOf(database.pool, tables)
        for (const { name } of readModels) await runner.rebuild(name)
        expect((await runner.status()).map(({ name, state }) => `${name} ${state}`)).toEqual(
          readModels.map(({ name }) => `${name} running`),
        )
        await runner.close()
        expect(await contentOf(database.pool, tables)).toEqual(lived)
      } finally {
        await fixture.close()
      }
    }),
    { numRuns: runs },
  )
})
