import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingEngines, testEngine } from '../engines.ts'
import { type JournalFixture, openJournalFixture } from '../journal-fixture.ts'
import { appendExecutions } from '../log-of-executions.ts'
import { type RelayProcess, startRelayProcess } from '../relay-process.ts'
import { readByStream, readTopics, type TopicReader, wholeLog, writtenByStream } from '../topic-reader.ts'

const kills = process.env['WECONNECT_LONG'] === '1' ? 60 : 4
const needed = ['kafka', 'registry'] as const

describe.skipIf(await missingEngines(...needed))('events in topics', () => {
  let env: Record<string, string> = {}
  let log: JournalFixture
  let events: TopicReader
  let states: TopicReader
  const prefix = `${randomUUID()}.`
  const relays: RelayProcess[] = []
  const startRelay = (): RelayProcess => {
    const relay = startRelayProcess(log.folder, env)
    relays.push(relay)
    return relay
  }

  beforeAll(async () => {
    for (const name of needed) env = { ...env, ...(await testEngine(name)).variables }
    env['KAFKA_TOPIC_PREFIX'] = prefix
    log = openJournalFixture()
    const first = startRelay()
    await first.untilState('running')
    await first.kill9()
    events = await readTopics(env['KAFKA_BROKERS'] ?? '', [`${prefix}weconnect.execution.v1`])
    states = await readTopics(env['KAFKA_BROKERS'] ?? '', [`${prefix}weconnect.execution-state.v1`])
  })
  afterAll(async () => {
    for (const relay of relays) await relay.kill9()
    await events?.close()
    await states?.close()
    await log?.close()
  })

  const everythingOnce = async (): Promise<void> => {
    const wanted = (await wholeLog(log.store)).filter(({ stream }) => stream.startsWith('execution-'))
    await events.until((records) => records.length >= wanted.length)
    expect(readByStream(events.records)).toEqual(writtenByStream(wanted))
  }

  test(`are there exactly once and in order, also when the relay is killed -9 at ${kills} random instants`, async () => {
    for (let kill = 0; kill < kills; kill += 1) {
      const relay = startRelay()
      await relay.untilState('running')
      const appending = appendExecutions(log, 100)
      await sleep(randomInt(0, 250))
      await relay.kill9()
      await appending
    }
    const last = startRelay()
    await last.untilState('running')
    await everythingOnce()
    await last.stop()
  }, 1_800_000)

  test('a relay that was taken over from stands by, and stays so when the other is gone', async () => {
    const [old, other] = [startRelay(), startRelay()]
    await Promise.any([old.untilState('running'), other.untilState('running')])
    await Promise.allSettled([old.untilState('running'), other.untilState('running')])
    await appendExecutions(log, 5)
    await Promise.any([old.untilState('standby'), other.untilState('standby')])
    const [standby, active] = old.states().includes('standby') ? [old, other] : [other, old]
    await everythingOnce()
    expect(active.states().at(-1)).toBe('running')
    await active.kill9()
    await appendExecutions(log, 5)
    const third = startRelay()
    await third.untilState('running')
    await everythingOnce()
    expect(standby.states().at(-1)).toBe('standby')
    expect(third.states()).toEqual(['running'])
    await standby.stop()
    await third.stop()
  }, 600_000)

  test('strangers decode every event by the registry alone; payloads stay sealed', async () => {
    const registry = new SchemaRegistry({ host: env['SCHEMA_REGISTRY_URL'] ?? '' })
    const decoded = await Promise.all(events.records.slice(0, 200).map(({ value }) => registry.decode(value)))
    const step = decoded[events.records.findIndex(({ headers }) => headers['type'] === 'StepCompleted')]
    expect(step).toMatchObject({ nodeName: expect.stringContaining('ä€😀'), outputs: { sealed: expect.any(Buffer) }, error: null })
    expect(events.records.every(({ value }) => !value.includes('sealed"'))).toBe(true)
    expect(events.records[0]?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  })

  test('the companion topic ends with the newest state of every stream', async () => {
    const streams = new Set(events.records.map(({ key }) => key))
    const newest = () => new Map(states.records.map((record) => [record.key, record]))
    await states.until(() => newest().size === streams.size && [...newest().values()].every(({ headers }) => headers['revision'] === '7'))
    const registry = new SchemaRegistry({ host: env['SCHEMA_REGISTRY_URL'] ?? '' })
    for (const record of [...newest().values()].slice(0, 50))
      expect(await registry.decode(record.value)).toMatchObject({
        status: 'completed',
        trigger: 'webhook',
        stepsCompleted: 6,
        stepsFailed: 0,
        executionId: record.key.slice('execution-'.length),
      })
  })
})
