import { randomInt } from 'node:crypto'
import { familyOf } from '@weconnect/contracts/ids'
import { topics } from '@weconnect/contracts/topics'
import { type Cluster, startCluster } from '@weconnect/testing/cluster'
import { missingEngines, type OwnEngine, ownEngine, testEngine } from '@weconnect/testing/engines'
import { type ClusterLog, openClusterLog } from '@weconnect/testing/promises/cluster-log'
import { isAccepted, type Sender, sendSteadily } from '@weconnect/testing/promises/deliveries'
import { killAtRandom, type Mortal } from '@weconnect/testing/promises/kills'
import { callsWithoutStart, type Ledger, openLedger } from '@weconnect/testing/promises/ledger'
import { allEvents, deliveryOf, endingsOf, executionsIn, openExecutionsIn } from '@weconnect/testing/promises/recorded-log'
import { caughtUp, projectionsOf, tableDifferences, tablesOf } from '@weconnect/testing/promises/tables'
import { effects, failing, hello, later } from '@weconnect/testing/promises/workflows'
import { chanceOf } from '@weconnect/testing/simulation/chance'
import { readByStream, readTopics, wholeLog, writtenByStream } from '@weconnect/testing/topic-reader'
import { afterAll, beforeAll, describe, expect, onTestFailed, test, vi } from 'vitest'

/*
 * The whole product as processes of their own, with Kafka, Redis and read models that topics feed. Calls come at a steady rate while everything but the event
 * store and PostgreSQL is killed with -9 at random and started again. `WECONNECT_SEED=n` gives the same order of kills again.
 */
const long = process.env['WECONNECT_LONG'] === '1'
const loadMs = long ? 120_000 : 20_000
const perSecond = long ? 30 : 15
const seed = Number(process.env['WECONNECT_SEED'] ?? randomInt(1_000_000))
const startLimitMs = 300_000
const quietLimitMs = 30_000
const patience = { timeout: 120_000, interval: 100 }
/** Two of each that may have several. */
const roles = ['gateway', 'webhooks', 'webhooks', 'engine', 'engine', 'relay', 'relay', 'projections', 'projections']

describe.skipIf(await missingEngines('kafka', 'registry', 'redis'))(`the whole product under kills, seed ${seed}`, () => {
  let ledger: Ledger
  let kafka: OwnEngine
  let redis: OwnEngine
  let cluster: Cluster
  let log: ClusterLog
  let mortals: readonly Mortal[] = []
  beforeAll(async () => {
    // Slow enough that an engine which dies leaves something in the middle.
    ledger = await openLedger(() => 300 + Math.random() * 400)
    const registry = await testEngine('registry')
    ;[kafka, redis] = await Promise.all([ownEngine('kafka'), ownEngine('redis')])
    const feed = { WECONNECT_PROJECTIONS_FEED: 'topics', WECONNECT_EGRESS_ALLOW: '127.0.0.1/32' }
    cluster = await startCluster({ ...kafka.variables, ...redis.variables, ...registry.variables, ...feed })
    const processes = await Promise.all(roles.map((role) => cluster.start(role)))
    mortals = [
      ...processes.map(({ name, kill9, restart }) => ({ name, kill9, start: restart })),
      { name: 'kafka', kill9: kafka.kill9, start: kafka.start },
      { name: 'redis', kill9: redis.kill9, start: redis.start },
    ]
    log = await openClusterLog(cluster)
  }, startLimitMs)
  afterAll(async () => {
    await log?.close()
    await cluster?.remove()
    await kafka?.remove()
    await redis?.remove()
    await ledger?.close()
  })

  const everyDeliveryOnce = async ({ sent }: Sender): Promise<void> => {
    const executions = executionsIn(await allEvents(log.journal))
    const byDelivery = Map.groupBy([...executions], ([, events]) => deliveryOf(events))
    const acknowledged = sent.filter(isAccepted)
    console.log(
      `${sent.length} deliveries, ${acknowledged.length} acknowledged, ${executions.size} executions, ${ledger.entries.length} calls`,
    )
    expect(acknowledged.length).toBeGreaterThan(sent.length / 4)
    expect(acknowledged.filter(({ id }) => byDelivery.get(id)?.length !== 1).map(({ id }) => id)).toEqual([])
    expect([...byDelivery].filter(([, streams]) => streams.length !== 1).map(([id]) => id)).toEqual([])
    expect([...executions].filter(([, events]) => endingsOf(events).length !== 1).map(([id]) => id)).toEqual([])
    expect(callsWithoutStart(ledger, executions)).toEqual([])
  }

  const everyEventOnceInTopics = async (): Promise<void> => {
    const wanted = (await wholeLog(log.store)).filter(({ stream }) => Object.hasOwn(topics, familyOf(stream)))
    const reader = await readTopics(
      kafka.variables['KAFKA_BROKERS'] ?? '',
      Object.values(topics).map(({ name }) => name),
    )
    try {
      await reader.until((records) => records.length >= wanted.length)
      expect(readByStream(reader.records)).toEqual(writtenByStream(wanted))
    } finally {
      await reader.close()
    }
  }

  const readModelsEqualRebuilt = async (): Promise<void> => {
    await caughtUp(cluster)
    const live = await tablesOf(cluster.database)
    expect(live.get('workflow_executions')?.length).toBeGreaterThan(50)
    for (const { name } of await projectionsOf(cluster))
      await cluster.graphql('mutation ($name: String!) { rebuildProjection(name: $name) { projection { name } } }', { name })
    await caughtUp(cluster)
    expect(tableDifferences(live, await tablesOf(cluster.database))).toEqual([])
  }

  /** What the log, and the product, say of executions that do not end. */
  const tellOfOpen = async (): Promise<void> => {
    const query = 'query ($id: ID!) { explainExecution(id: $id) { kind message } }'
    for (const id of await openExecutionsIn(log.store)) {
      const events = (await Array.fromAsync(log.journal.read(`execution-${id}`))).map(
        ({ time, type, data }) => `${time} ${type} ${JSON.stringify(data).slice(0, 300)}`,
      )
      const explained = await cluster.graphql(query, { id }).catch((error: unknown) => error)
      console.log([`execution-${id}`, JSON.stringify(explained), ...events].join('\n'))
    }
  }

  test('each acknowledged delivery runs once and ends, topics have each event once, read models equal a rebuild', async () => {
    onTestFailed(() => console.log(`WECONNECT_SEED=${seed}\n${cluster.output()}\n--- event store\n${cluster.eventStore.output()}`))
    const workflows = [hello, later, failing, effects('effects', ledger.url, 'onReceived')]
    for (const { file } of workflows) await cluster.activate(file)
    await expect.poll(async () => (await cluster.deliver(hello.path, { n: 0, delivery: 'first' })).status, patience).toBe(200)

    const sender = sendSteadily(cluster, { paths: workflows.map(({ path }) => path), perSecond })
    const options = { chance: chanceOf(seed), untilMs: performance.now() + loadMs, pauseMs: 3_000, awayMs: 2_500 }
    const killed = await killAtRandom(mortals, options)
    await sender.stop()
    const quietAt = performance.now()
    await vi
      .waitFor(async () => expect(await openExecutionsIn(log.store)).toEqual([]), { timeout: quietLimitMs, interval: 100 })
      .catch(async (error: unknown) => {
        await tellOfOpen()
        throw error
      })
    console.log(`seed ${seed}: killed ${killed.join(', ')}; all ended ${Math.round(performance.now() - quietAt)} ms after the load`)

    await everyDeliveryOnce(sender)
    await everyEventOnceInTopics()
    await readModelsEqualRebuilt()
  }, 1_800_000)
})
