import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProduceAcks, Producer } from '@platformatic/kafka'
import { engines } from '@weconnect/engines/catalogue'
import { forgetEngine, startEngine } from '@weconnect/engines/running'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { startRelayThread } from '@weconnect/relay/relay-thread'
import { Kafka } from 'kafkajs'

export interface W5 {
  readonly events: number
  /** Log to topics: read, encoded, headers, state topics, transactions. */
  readonly relayEventsPerSecond: number
  /** The bare client: records of the same size in batches of the same size, idempotent, all replicas. */
  readonly kafkajsRecordsPerSecond: number
  readonly platformaticRecordsPerSecond: number
}

const eventsPerStream = 10
const perAppend = 500
const valueBytes = 450
const batchRecords = 1_000
const topic = 'bench'

const stepOf = (stream: string, step: number) => ({
  id: randomUUID(),
  type: 'StepCompleted',
  data: Buffer.from(
    JSON.stringify({
      step,
      nodeId: randomUUID(),
      nodeName: 'Edit Fields',
      nodeType: 'n8n-nodes-base.set',
      runIndex: 0,
      attempt: 1,
      inputs: [{ input: 0, step: step - 1, output: 0 }],
      startedAt: '2026-01-31T12:00:00.000Z',
      durationMs: 1.5,
      outputCounts: [1],
      outputs: { keyId: 'k', sealed: Buffer.alloc(200, step).toString('base64') },
    }),
  ),
  metadata: Buffer.from(
    JSON.stringify({
      eventId: randomUUID(),
      type: 'StepCompleted',
      schemaVersion: 1,
      time: '2026-01-31T12:00:00.000Z',
      actor: 'engine:bench',
      organisationId: stream.slice('execution-'.length),
      correlationId: randomUUID(),
      causationId: randomUUID(),
      hash: 'A'.repeat(43),
    }),
  ),
})

/** A log of executions with ten steps each. */
const fill = async (folder: string, events: number): Promise<void> => {
  const store = openEmbeddedEventStore({ folder })
  for (let done = 0; done < events; done += perAppend) {
    const streams = Array.from({ length: perAppend / eventsPerStream }, () => `execution-${randomUUID()}`)
    await Promise.all(
      streams.map((stream) =>
        store.append(
          stream,
          'none',
          Array.from({ length: eventsPerStream }, (_, step) => stepOf(stream, step)),
        ),
      ),
    )
  }
  await store.close()
}

const rate = async (count: number, work: () => Promise<void>): Promise<number> => {
  const began = performance.now()
  await work()
  return (count / (performance.now() - began)) * 1000
}

/** W5: how fast the relay empties a full log, beside what two clients can do at most. Starts a broker and a registry of its own. */
export const measureW5 = async (events: number, say: (text: string) => void): Promise<W5> => {
  const folder = mkdtempSync(join(tmpdir(), 'weconnect-bench-relay-'))
  try {
    const kafka = await startEngine(engines.kafka, join(folder, 'kafka'), say)
    const registry = await startEngine(engines.registry, join(folder, 'registry'), say)
    const brokers = kafka.variables['KAFKA_BROKERS'] ?? ''
    say(`W5, a log of ${events} events`)
    await fill(join(folder, 'log'), events)
    say('W5, the relay')
    const relayEventsPerSecond = await relayRate(join(folder, 'log'), brokers, registry.variables['SCHEMA_REGISTRY_URL'] ?? '', events)
    say('W5, kafkajs and @platformatic/kafka alone')
    return {
      events,
      relayEventsPerSecond,
      kafkajsRecordsPerSecond: await kafkajsRate(brokers, events),
      platformaticRecordsPerSecond: await platformaticRate(brokers, events),
    }
  } finally {
    await forgetEngine(join(folder, 'kafka'))
    await forgetEngine(join(folder, 'registry'))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The relay as the product runs it, in a thread of its own. */
const relayRate = async (folder: string, brokers: string, registryUrl: string, events: number): Promise<number> => {
  const relay = await startRelayThread({
    dataFolder: folder,
    kafka: { brokers, registryUrl, topicPrefix: '', replication: -1 },
    relayId: randomUUID(),
    after: () => () => {},
  })
  const result = await rate(events, async () => {
    while ((await relay.status()).eventsPublished < events) await sleep(5)
  })
  await relay.close()
  return result
}

const value = Buffer.alloc(valueBytes, 7)
const keys = Array.from({ length: batchRecords }, (_, index) => `execution-${index}`)

const kafkajsRate = async (brokers: string, events: number): Promise<number> => {
  const kafka = new Kafka({ clientId: 'bench', brokers: brokers.split(',') })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 12 }], waitForLeaders: true })
  await admin.disconnect()
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const messages = keys.map((key) => ({ key, value }))
  const result = await rate(events, async () => {
    for (let sent = 0; sent < events; sent += batchRecords) await producer.send({ topic, messages })
  })
  await producer.disconnect()
  return result
}

const platformaticRate = async (brokers: string, events: number): Promise<number> => {
  const producer = new Producer({ clientId: 'bench', bootstrapBrokers: brokers.split(','), idempotent: true })
  const messages = keys.map((key) => ({ topic, key: Buffer.from(key), value }))
  const result = await rate(events, async () => {
    for (let sent = 0; sent < events; sent += batchRecords) await producer.send({ messages, acks: ProduceAcks.ALL })
  })
  await producer.close()
  return result
}
