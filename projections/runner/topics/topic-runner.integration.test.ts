import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { noStream } from '@weconnect/eventstore/journal'
import { type KafkaSettings, openAdmin } from '@weconnect/kafka/connect'
import { openPool } from '@weconnect/postgres/pool'
import { openRelay } from '@weconnect/relay/open-relay'
import { missingEngines, testEngine } from '@weconnect/testing/engines'
import { histories } from '@weconnect/testing/histories'
import { type JournalFixture, openJournalFixture, someContext } from '@weconnect/testing/journal-fixture'
import { appendExecutions } from '@weconnect/testing/log-of-executions'
import { type TestDatabase, testDatabase } from '@weconnect/testing/postgres'
import { contentOf, timers } from '@weconnect/testing/read-models'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readModels } from '../../read-models.ts'
import type { Projector } from '../face.ts'
import { parkedStreams, retryParked, setPaused } from '../parked-streams.ts'
import { type Projection, projection } from '../projection.ts'
import { startProjectionRunner } from '../runner.ts'
import { table } from '../tables/table.ts'
import { runProjectionsFromKafka, sessionsFor } from './topic-runners.ts'

const process9 = fileURLToPath(new URL('../../../tools/testing/topic-projections-process.ts', import.meta.url))
const patient = { timeoutMs: 90_000 }
const tables = readModels.flatMap((each) => each.tables)

describe.skipIf(await missingEngines('kafka', 'registry'))('projections fed from topics', () => {
  let kafka: KafkaSettings
  let log: JournalFixture
  let database: TestDatabase
  let closing: (() => Promise<unknown>)[]

  beforeEach(async () => {
    const [broker, registry] = await Promise.all([testEngine('kafka'), testEngine('registry')])
    kafka = {
      brokers: broker.variables['KAFKA_BROKERS'] ?? '',
      registryUrl: registry.variables['SCHEMA_REGISTRY_URL'] ?? '',
      topicPrefix: `${randomUUID()}.`,
      replication: -1,
    }
    log = openJournalFixture()
    database = await testDatabase()
    heads.clear()
    closing = [() => log.close(), () => database.close()]
  })
  afterEach(async () => {
    for (const close of closing.reverse()) await close()
  })
  const later = <Thing extends { close(): Promise<unknown> }>(thing: Thing): Thing => {
    closing.push(() => thing.close())
    return thing
  }

  const publish = async () =>
    later(
      await openRelay({
        settings: kafka,
        store: log.store,
        relayId: randomUUID(),
        timers: { wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}), turn: () => turn() },
      }),
    )
  const run = async (projections: readonly Projection[] = readModels): Promise<Projector> => {
    const pool = openPool(database.connection, sessionsFor(projections))
    closing.push(() => pool.close())
    return later(await runProjectionsFromKafka({ journal: log.journal, pool, kafka, projections, timers }))
  }

  /** What a rebuild from the log gives, in a database of its own. */
  const fromTheLog = async (projections: readonly Projection[] = readModels): Promise<unknown> => {
    const other = await testDatabase()
    const runner = await startProjectionRunner({ journal: log.journal, pool: other.pool, projections, timers, restMs: 1 })
    await runner.waitFor((await log.journal.head()) ?? '', patient)
    const content = await contentOf(
      other.pool,
      projections.flatMap((each) => each.tables),
    )
    await runner.close()
    await other.close()
    return content
  }
  const reached = async (projector: Projector): Promise<void> => projector.waitFor((await log.journal.head()) ?? '', patient)

  const heads = new Map<string, typeof noStream>()
  /** Some of everything, and executions in number. */
  const appendMuch = async (executions: number, seed: number): Promise<void> => {
    for (const { stream: name, events } of fc.sample(histories(150), { numRuns: 1, seed }).flat()) {
      // The ids of a history are those of every other one: told apart by one digit.
      const again = <Value>(value: Value): Value =>
        JSON.parse(JSON.stringify(value).replaceAll('00000000-0000-4000-8', `0000000${seed}-0000-4000-8`))
      const stream = again(name)
      const { head } = await log.journal.append(stream, heads.get(stream) ?? noStream, again(events), someContext())
      heads.set(stream, head)
    }
    await appendExecutions(log, executions)
  }

  test('the tables are those that the log gives, row by row', async () => {
    await appendMuch(50, 7)
    await publish()
    await reached(await run())
    expect(await contentOf(database.pool, tables)).toEqual(await fromTheLog())
  })

  test('also when the process is killed -9 in the middle, again and again, while another one takes over its partitions', async () => {
    const spawned: ChildProcess[] = []
    const start = (): ChildProcess => {
      const settings = JSON.stringify({ folder: log.folder, database: database.connection, kafka })
      const child = spawn(process.execPath, [process9, settings], { stdio: ['ignore', 'pipe', 'inherit'] })
      spawned.push(child)
      return child
    }
    closing.push(async () => {
      for (const child of spawned) child.kill('SIGKILL')
    })
    await publish()
    for (const round of [1, 2, 3]) {
      const child = start()
      await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')
      await appendMuch(150, round)
      // In the middle: something of what was written just now is there, and not all of it.
      const before = await appliedExecutions()
      await expect.poll(appliedExecutions, { timeout: 60_000, interval: 10 }).toBeGreaterThan(before)
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await reached(await run())
    expect(await contentOf(database.pool, tables)).toEqual(await fromTheLog())
  })
  const appliedExecutions = async (): Promise<number> => {
    const [row] = await database.pool.query<{ count: number }>('select count(*) from public.workflow_executions').catch(() => [])
    return row?.count ?? 0
  }

  const notes = table({ name: 'notes', columns: { stream: 'text', revision: 'integer', type: 'text' }, key: ['stream', 'revision'] })
  const noting = (poison: () => string | undefined): Projection =>
    projection({
      name: 'notes',
      version: 1,
      tables: [notes],
      on: {
        ExecutionRequested: ({ stream, revision, type }, rows) => rows.put(notes, { stream, revision, type }),
        StepCompleted: ({ stream, revision, type, data }, rows) => {
          if (poison() === stream && data.step === 2) throw new Error('a step too many')
          rows.put(notes, { stream, revision, type })
        },
        ExecutionCompleted: ({ stream, revision, type }, rows) => rows.put(notes, { stream, revision, type }),
      },
    })

  test('an event that cannot be applied parks its stream; the others go on, and a retry applies all that waited', async () => {
    const [first = '', ...others] = await appendExecutions(log, 5)
    let poison: string | undefined = first
    const projections = [noting(() => poison)]
    await publish()
    const projector = await run(projections)
    await reached(projector)
    const streamsDone = async () =>
      (await database.pool.query<{ stream: string }>(`select stream from public.notes where type = 'ExecutionCompleted'`))
        .map(({ stream }) => stream)
        .sort()
    expect(await streamsDone()).toEqual(others.sort())
    expect(await parkedStreams(database.pool)).toMatchObject([
      {
        projection: 'notes',
        stream: first,
        revision: 3,
        heldRevision: 7,
        type: 'StepCompleted',
        error: expect.stringContaining('a step too many'),
      },
    ])
    expect(await projector.status()).toMatchObject([{ state: 'running', eventsBehind: 0, poison: { stream: first, revision: 3 } }])
    await expect(projector.retry('notes')).rejects.toThrow(/still cannot apply StepCompleted/)
    poison = undefined
    expect(await retryParked(database.pool, 'notes', first)).toBe(1)
    await expect.poll(() => parkedStreams(database.pool), { timeout: 60_000 }).toEqual([])
    expect(await contentOf(database.pool, [notes])).toEqual(await fromTheLog(projections))
  })

  test('a paused projection reads nothing until it is resumed', async () => {
    const projections = [noting(() => undefined)]
    await appendExecutions(log, 1)
    await publish()
    const projector = await run(projections)
    await reached(projector)
    await setPaused(database.pool, 'notes', true)
    await expect.poll(async () => (await projector.status())[0], { timeout: 30_000 }).toMatchObject({ paused: true })
    await appendExecutions(log, 1)
    await expect(projector.waitFor((await log.journal.head()) ?? '', { timeoutMs: 2_000 })).rejects.toThrow(/have not reached/)
    await setPaused(database.pool, 'notes', false)
    await reached(projector)
    expect(await contentOf(database.pool, [notes])).toEqual(await fromTheLog(projections))
  })

  test('two processes share the partitions; rebuilt behind their backs the tables stay right', async () => {
    const projections = [noting(() => undefined)]
    await publish()
    const [one, two] = [await run(projections), await run(projections)]
    await appendExecutions(log, 30)
    await reached(one)
    await one.rebuild('notes')
    await appendExecutions(log, 30)
    await Promise.all([reached(one), reached(two)])
    expect(await contentOf(database.pool, [notes])).toEqual(await fromTheLog(projections))
  })

  test('what retention has cut away is built from the log', async () => {
    const projections = [noting(() => undefined)]
    await appendExecutions(log, 20)
    const relay = await publish()
    await expect.poll(() => relay.status(), { timeout: 60_000 }).toMatchObject({ eventsBehind: 0 })
    const topic = `${kafka.topicPrefix}weconnect.execution.v1`
    const admin = openAdmin(kafka)
    await admin.deleteRecords({
      topics: [{ name: topic, partitions: Array.from({ length: 12 }, (_, partition) => ({ partition, offset: -1n })) }],
    })
    await admin.close()
    await appendExecutions(log, 5)
    await reached(await run(projections))
    expect(await contentOf(database.pool, [notes])).toEqual(await fromTheLog(projections))
    // Once: it then reads on in the topics, where they begin now.
    const begun = 'select count(*) as count from public.projection_places where topic = $1 and next_offset > 0'
    const partitionsBegun = async () => (await database.pool.query<{ count: number }>(begun, [topic]))[0]?.count
    await expect.poll(partitionsBegun, { timeout: 60_000 }).toBeGreaterThan(0)
  })
})
