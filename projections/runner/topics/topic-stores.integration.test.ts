import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import { setUpTopics } from '@weconnect/kafka/topic-setup'
import { openRelay } from '@weconnect/relay/open-relay'
import { missingEngines, type OwnEngine, ownEngine, testEngine } from '@weconnect/testing/engines'
import { type JournalFixture, openJournalFixture } from '@weconnect/testing/journal-fixture'
import { appendExecutions } from '@weconnect/testing/log-of-executions'
import { type MeiliServer, startMeiliServer } from '@weconnect/testing/meilisearch/server'
import { type TestDatabase, testDatabase } from '@weconnect/testing/postgres'
import { timers } from '@weconnect/testing/read-models'
import { contentOfStores } from '@weconnect/testing/stores-content'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStores, type StoreSettings } from '../../stores.ts'
import { startStoreFromTopics } from './topic-stores.ts'

const process9 = fileURLToPath(new URL('../../../tools/testing/topic-stores-process.ts', import.meta.url))
const patience = { timeout: 120_000, interval: 20 }
const rounds = process.env['WECONNECT_LONG'] === '1' ? 8 : 2

describe.skipIf(await missingEngines('kafka', 'registry', 'mongo', 'influx'))('read models of other servers, fed from topics', () => {
  let servers: { readonly mongo: OwnEngine; readonly influx: OwnEngine; readonly meili: MeiliServer }
  let settings: StoreSettings
  let kafka: KafkaSettings
  let log: JournalFixture
  let database: TestDatabase
  const closing: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    const [broker, registry] = await Promise.all([testEngine('kafka'), testEngine('registry')])
    kafka = {
      brokers: broker.variables['KAFKA_BROKERS'] ?? '',
      registryUrl: registry.variables['SCHEMA_REGISTRY_URL'] ?? '',
      topicPrefix: `${randomUUID()}.`,
      replication: -1,
    }
    const [mongo, influx] = await Promise.all([ownEngine('mongo'), ownEngine('influx')])
    servers = { mongo, influx, meili: await startMeiliServer() }
    const { INFLUX_URL: url = '', INFLUX_BUCKET: bucket = '' } = influx.variables
    settings = {
      mongo: { url: mongo.variables['MONGODB_URL'] ?? '', retentionDays: undefined },
      // The executions below are older than single runs are usually kept.
      influx: { url, bucket, token: '', organisation: 'weconnect', retentionDays: 10_000 },
      meili: { url: servers.meili.url, apiKey: servers.meili.apiKey },
    }
    log = openJournalFixture()
    database = await testDatabase()
    await setUpTopics(kafka)
  }, 300_000)
  afterAll(async () => {
    for (const close of closing.reverse()) await close()
    await log?.close()
    await database?.close()
    await servers?.mongo.remove()
    await servers?.influx.remove()
    await servers?.meili.stop()
  })

  const content = () => contentOfStores({ ...servers.mongo.variables, ...servers.influx.variables }, servers.meili)
  const publish = async (): Promise<void> => {
    const relay = await openRelay({
      settings: kafka,
      store: log.store,
      relayId: randomUUID(),
      timers: { wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}), turn: () => turn() },
    })
    closing.push(() => relay.close())
  }
  const spawned = (): ChildProcess => {
    const given = JSON.stringify({ folder: log.folder, database: database.connection, kafka, settings })
    const child = spawn(process.execPath, [process9, given], { stdio: ['ignore', 'pipe', 'inherit'] })
    closing.push(async () => void child.kill('SIGKILL'))
    return child
  }
  const kill9 = async (child: ChildProcess): Promise<void> => {
    child.kill('SIGKILL')
    if (child.signalCode === null) await once(child, 'exit')
  }
  const applied = async (): Promise<number> => (await content()).runLogs.length

  test('of two processes one keeps them; killed -9 in the middle again and again, they equal a rebuild', async () => {
    await publish()
    const one = spawned()
    await once(one.stdout as NonNullable<ChildProcess['stdout']>, 'data')
    let [active, standby] = [one, spawned()]
    for (let round = 0; round < rounds; round += 1) {
      const before = await applied()
      await appendExecutions(log, 120)
      // In the middle: something of what was written just now is there, and not all of it.
      await expect.poll(applied, patience).toBeGreaterThan(before)
      await kill9(active)
      // The other one takes over.
      const left = await applied()
      await appendExecutions(log, 20)
      await expect.poll(applied, patience).toBeGreaterThan(left)
      ;[active, standby] = [standby, spawned()]
    }
    await kill9(active)
    await kill9(standby)

    const stores = await openStores(settings, randomUUID)
    const runners = stores.map((store) => startStoreFromTopics({ journal: log.journal, pool: database.pool, kafka, store, timers }))
    closing.push(async () => void (await Promise.all(runners.map((runner) => runner.close()))))
    const head = (await log.journal.head()) ?? ''
    const reached = async () => (await Promise.all(runners.map((runner) => runner.status()))).flat().map(({ position }) => position)
    await expect.poll(reached, patience).toEqual([head, head, head])
    const live = await content()
    expect(live.runLogs).toHaveLength(140 * rounds)
    expect(live.points.length).toBeGreaterThan(140 * rounds)
    for (const [index, runner] of runners.entries()) await runner.rebuild(stores[index]?.name ?? '')
    expect(await content()).toEqual(live)

    // What comes after a rebuild comes from the topics again.
    await appendExecutions(log, 5)
    await expect.poll(applied, patience).toBe(140 * rounds + 5)
  }, 300_000)
})
