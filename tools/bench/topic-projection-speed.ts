import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openFileBlobs } from '@weconnect/blobs/files'
import type { DomainEvent } from '@weconnect/contracts/envelope'
import { engines } from '@weconnect/engines/catalogue'
import { forgetEngine, startEngine } from '@weconnect/engines/running'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { type Journal, noStream } from '@weconnect/eventstore/journal'
import { openJournal } from '@weconnect/eventstore/open-journal'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import { startEmbeddedPostgres } from '@weconnect/postgres/embedded'
import { openPool, type Pool } from '@weconnect/postgres/pool'
import { readModels } from '@weconnect/projections/read-models'
import type { Projector } from '@weconnect/projections/runner/face'
import { setPaused } from '@weconnect/projections/runner/parked-streams'
import { runProjectionsFromKafka } from '@weconnect/projections/runner/topic-runners'
import { startRelayThread } from '@weconnect/relay/relay-thread'
import { openKeyFile } from '@weconnect/secrets/key-file'

export interface W8 {
  readonly events: number
  /** One read model, alone: from its first fetch until it has reached the end of the log. Fetched, decoded, opened, folded, written with its places. */
  readonly executionListEventsPerSecond: number
  readonly runLogsEventsPerSecond: number
}

const stepsEach = 8
const eventsEach = stepsEach + 2
const atOnce = 100
/** One: each has a key of its own, and making keys is not what is measured. */
const organisationId = randomUUID()

const step = (number: number): DomainEvent => ({
  type: 'StepCompleted',
  data: {
    ...{ step: number, nodeId: randomUUID(), nodeName: 'Edit Fields', nodeType: 'n8n-nodes-base.set', runIndex: 0, attempt: 1 },
    ...{ inputs: [{ input: 0, step: number - 1, output: 0 }], startedAt: '2026-01-31T12:00:00.000Z', durationMs: 1.5, outputCounts: [1] },
    outputs: [[{ json: { number, text: 'x'.repeat(150) } }]],
  },
})

const appendExecution = async (journal: Journal): Promise<void> => {
  const executionId = randomUUID()
  const facts = { executionId, workflowId: randomUUID(), workflowVersion: 1, workflowRevision: 1, trigger: 'webhook' as const }
  const events: DomainEvent[] = [
    { type: 'ExecutionRequested', data: { ...facts, input: [[{ json: { a: 1 } }]] } },
    ...Array.from({ length: stepsEach }, (_, number) => step(number)),
    { type: 'ExecutionCompleted', data: { lastStep: stepsEach - 1, steps: stepsEach, durationMs: 12.5 } },
  ]
  const someone = { actor: 'system', organisationId, correlationId: executionId, causationId: executionId } as const
  await journal.append(`execution-${executionId}`, noStream, events, someone)
}

const timers = {
  now: Date.now,
  after: (ms: number, call: () => void) => {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}

/** W8: how fast one read model is filled from topics. Starts a broker, a registry and a PostgreSQL of its own. */
export const measureW8 = async (events: number, say: (text: string) => void): Promise<W8> => {
  const folder = mkdtempSync(join(tmpdir(), 'weconnect-bench-topics-'))
  const store = openEmbeddedEventStore({ folder: join(folder, 'log') })
  const keyring = openKeyFile(join(folder, 'keys.json'))
  const blobs = openFileBlobs({ folder: join(folder, 'blobs'), addressKey: (organisationId) => keyring.derive(organisationId) })
  const journal = openJournal({ store, keyring, blobs, now: () => new Date().toISOString(), newId: randomUUID })
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), log: () => {} })
  const pool = openPool(postgres.connection, 6)
  try {
    const kafka = await publish(folder, journal, events, say)
    const measure = (name: string): Promise<number> => fillRate({ journal, pool, kafka, name, events, say })
    return {
      events,
      executionListEventsPerSecond: await measure('execution-list'),
      runLogsEventsPerSecond: await measure('run-logs'),
    }
  } finally {
    await pool.close()
    await postgres.stop()
    await store.close()
    await forgetEngine(join(folder, 'kafka'))
    await forgetEngine(join(folder, 'registry'))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A log of executions, all of it in topics. */
const publish = async (folder: string, journal: Journal, events: number, say: (text: string) => void): Promise<KafkaSettings> => {
  const broker = await startEngine(engines.kafka, join(folder, 'kafka'), say)
  const registry = await startEngine(engines.registry, join(folder, 'registry'), say)
  say(`W8, ${events} events in topics`)
  for (let done = 0; done < events; done += eventsEach * atOnce)
    await Promise.all(Array.from({ length: atOnce }, () => appendExecution(journal)))
  const kafka: KafkaSettings = {
    ...{ brokers: broker.variables['KAFKA_BROKERS'] ?? '', registryUrl: registry.variables['SCHEMA_REGISTRY_URL'] ?? '' },
    ...{ topicPrefix: '', replication: -1 },
  }
  const relay = await startRelayThread({ dataFolder: join(folder, 'log'), kafka, relayId: randomUUID(), after: () => () => {} })
  while ((await relay.status()).eventsPublished < events) await sleep(50)
  await relay.close()
  return kafka
}

interface Filling {
  readonly journal: Journal
  readonly pool: Pool
  readonly kafka: KafkaSettings
  readonly name: string
  readonly events: number
  readonly say: (text: string) => void
}

/** Joins its group while it is paused, so that joining is not measured. */
const fillRate = async ({ journal, pool, kafka, name, events, say }: Filling): Promise<number> => {
  say(`W8, ${name}`)
  const projections = readModels.filter((each) => each.name === name)
  await pool.query('create table if not exists public.projection_pauses (projection text primary key)')
  await pool.query('insert into public.projection_pauses values ($1)', [name])
  const projector: Projector = await runProjectionsFromKafka({ journal, pool, kafka, projections, timers })
  while ((await projector.status())[0]?.state !== 'running') await sleep(50)
  const began = performance.now()
  await setPaused(pool, name, false)
  await projector.waitFor((await journal.head()) ?? '', { timeoutMs: 600_000 })
  const perSecond = (events / (performance.now() - began)) * 1_000
  await projector.close()
  return perSecond
}
