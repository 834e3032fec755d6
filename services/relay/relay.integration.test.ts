import { randomUUID } from 'node:crypto'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { checkEngines, type KafkaSettings } from '@weconnect/kafka/connect'
import { publishedSchemas } from '@weconnect/kafka/published-schemas'
import { registerSchemas } from '@weconnect/kafka/registry'
import { setUpTopics } from '@weconnect/kafka/topic-setup'
import { missingEngines, type OwnEngine, ownEngine, testEngine } from '@weconnect/testing/engines'
import { type JournalFixture, openJournalFixture } from '@weconnect/testing/journal-fixture'
import { appendExecutions } from '@weconnect/testing/log-of-executions'
import { kafkajsOf } from '@weconnect/testing/stranger'
import { readTopics } from '@weconnect/testing/topic-reader'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Relay, RelayStatus } from './face.ts'
import { openRelay, topicSchemas } from './open-relay.ts'

const unreachable = '127.0.0.1:1'

describe.skipIf(await missingEngines('kafka', 'registry'))('the relay', () => {
  let kafka: OwnEngine
  let settings: KafkaSettings
  let log: JournalFixture
  let relay: Relay | undefined

  beforeAll(async () => {
    // A broker of its own, as one test kills it.
    kafka = await ownEngine('kafka')
    const { variables } = await testEngine('registry')
    settings = {
      brokers: kafka.variables['KAFKA_BROKERS'] ?? '',
      registryUrl: variables['SCHEMA_REGISTRY_URL'] ?? '',
      topicPrefix: '',
      replication: -1,
    }
  })
  beforeEach(() => {
    settings = { ...settings, topicPrefix: `${randomUUID()}.` }
    log = openJournalFixture()
  })
  afterEach(async () => {
    await relay?.close()
    relay = undefined
    await log.close()
  })
  afterAll(() => kafka?.remove())

  const start = async (): Promise<Relay> => {
    relay = await openRelay({
      settings,
      store: log.store,
      relayId: randomUUID(),
      timers: { wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}), turn: () => turn() },
    })
    return relay
  }
  const untilStatus = async (wanted: (status: RelayStatus) => boolean): Promise<RelayStatus> => {
    for (const limit = performance.now() + 90_000; ; ) {
      const status = await (relay as Relay).status()
      if (wanted(status)) return status
      if (performance.now() > limit) throw new Error(`the relay stays ${JSON.stringify(status)}`)
      await sleep(20)
    }
  }
  const caughtUp = ({ state, eventsBehind }: RelayStatus): boolean => state === 'running' && eventsBehind === 0

  test('waits while the broker is dead, says so, and goes on where it was', async () => {
    await start()
    await appendExecutions(log, 20)
    await untilStatus(caughtUp)
    await kafka.kill9()
    await appendExecutions(log, 20)
    const status = await untilStatus(({ state }) => state === 'retrying')
    expect(status).toMatchObject({ eventsBehind: 160, problem: expect.any(String) })
    await kafka.start()
    await untilStatus(caughtUp)
    const reader = await readTopics(settings.brokers, [`${settings.topicPrefix}weconnect.execution.v1`])
    await reader.until((records) => records.length >= 320)
    expect(new Set(reader.records.map(({ headers }) => headers['eventId'])).size).toBe(reader.records.length)
    await reader.close()
  })

  test('a stranger with its transactional id fences it, and it does not take the id back', async () => {
    await start()
    await appendExecutions(log, 1)
    await untilStatus(caughtUp)
    const producer = kafkajsOf(settings.brokers).producer({
      transactionalId: `${settings.topicPrefix}weconnect-relay-${log.store.logId}`,
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    const transaction = await producer.transaction()
    await appendExecutions(log, 1)
    await untilStatus(({ state }) => state === 'standby')
    // The stranger's epoch is still the newest one.
    await transaction.send({ topic: `${settings.topicPrefix}weconnect.relay-checkpoint.v1`, messages: [{ key: 'x', value: 'x' }] })
    await transaction.commit()
    await producer.disconnect()
    expect((await (relay as Relay).status()).eventsBehind).toBe(8)
  })

  test('topics are made for ever, with the stated partitions; another number of them is refused', async () => {
    await setUpTopics(settings)
    await setUpTopics(settings)
    const admin = kafkajsOf(settings.brokers).admin()
    await admin.connect()
    const name = `${settings.topicPrefix}weconnect.execution.v1`
    expect((await admin.fetchTopicMetadata({ topics: [name] })).topics[0]?.partitions).toHaveLength(12)
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name }] })
    const config = Object.fromEntries(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]) ?? [])
    expect(config).toMatchObject({ 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' })
    await admin.createPartitions({ topicPartitions: [{ topic: name, count: 13 }] })
    await admin.disconnect()
    await expect.poll(() => setUpTopics(settings).catch(String), { timeout: 30_000 }).toMatch(/has 13 partitions instead of 12/)
  })

  describe('schemas', () => {
    const [first] = publishedSchemas().filter(({ name }) => name === 'WorkflowRenamed')
    if (first === undefined) throw new Error('WorkflowRenamed was never shipped')
    const second = (type: unknown) => ({
      ...first,
      version: 2,
      schema: {
        ...first.schema,
        version: 2,
        fields: [...(first.schema.fields ?? []), { name: 'reason', type, default: null, doc: 'Why.' } as never],
      },
    })

    test('evolve: old and new events of one topic are read with either', async () => {
      const encoderOf = await registerSchemas(settings.registryUrl, topicSchemas(settings.topicPrefix, [first, second(['null', 'string'])]))
      const registry = new SchemaRegistry({ host: settings.registryUrl })
      const old = encoderOf('WorkflowRenamed', 1)({ name: 'old' })
      const recent = encoderOf('WorkflowRenamed', 2)({ name: 'new', reason: 'better' })
      expect(old.readUInt32BE(1)).not.toBe(recent.readUInt32BE(1))
      expect([await registry.decode(old), await registry.decode(recent)]).toEqual([{ name: 'old' }, { name: 'new', reason: 'better' }])
    })

    test('that are not compatible are refused, by the name of what to change', async () => {
      await registerSchemas(settings.registryUrl, topicSchemas(settings.topicPrefix, [first]))
      const broken = {
        ...first,
        version: 2,
        schema: { ...first.schema, fields: [...(first.schema.fields ?? []), { name: 'reason', type: 'string' }] },
      }
      await expect(registerSchemas(settings.registryUrl, topicSchemas(settings.topicPrefix, [broken]))).rejects.toThrow(
        /schema registry \(SCHEMA_REGISTRY_URL\) refuses WorkflowRenamed/,
      )
    })
  })

  test.each([
    ['an unreachable broker', { brokers: unreachable }, /KAFKA_BROKERS=127.0.0.1:1: no Kafka broker answers .*Start it/],
    ['what is no list of brokers', { brokers: 'kafka://x' }, /KAFKA_BROKERS must be host:port/],
    ['an unreachable registry', { registryUrl: `http://${unreachable}` }, /SCHEMA_REGISTRY_URL=http:\/\/127.0.0.1:1: nobody answers/],
    ['what is no URL', { registryUrl: 'registry' }, /SCHEMA_REGISTRY_URL must be the URL/],
  ])('%s is named at the start', async (_, wrong, message) => {
    await expect(checkEngines({ ...settings, ...wrong })).rejects.toThrow(message)
  })
})
