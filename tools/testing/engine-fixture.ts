import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openBinaries } from '@weconnect/blobs/binaries'
import { openFileBlobs } from '@weconnect/blobs/files'
import { type Credentials, openCredentials } from '@weconnect/connectors/credentials'
import type { Context } from '@weconnect/contracts/envelope'
import type { Files } from '@weconnect/contracts/files'
import type { Mailer } from '@weconnect/contracts/mail'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import type { Journal } from '@weconnect/eventstore/journal'
import { openJournal } from '@weconnect/eventstore/open-journal'
import type { EventStore } from '@weconnect/eventstore/port'
import type { Engine } from '@weconnect/executions/engine'
import type { Executions } from '@weconnect/executions/face'
import { openEngine } from '@weconnect/executions/open-engine'
import type { Clock, Timer } from '@weconnect/executions/parts'
import type { Egress } from '@weconnect/http/egress'
import { builtInNodes } from '@weconnect/nodes/built-in/all'
import { openCodeRunners } from '@weconnect/nodes/code/runners'
import { parseExpression } from '@weconnect/nodes/expressions/expression'
import { openNodeRegistry } from '@weconnect/nodes/registry'
import type { NodeType } from '@weconnect/nodes/sdk/node'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import { openWork } from '@weconnect/open-work/open-work'
import { openScheduleRegistrar, type ScheduleRegistrar } from '@weconnect/scheduler/registrar'
import { Scheduler } from '@weconnect/scheduler/scheduler'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { type ListeningRegistrar, openListeningRegistrar } from '@weconnect/triggers/registrar'
import { openCallStatistics } from '@weconnect/webhooks/call-statistics'
import { type Door, type Ingress, openIngress } from '@weconnect/webhooks/ingress'
import { type KeptListeners, openKeptListeners } from '@weconnect/webhooks/kept-listeners'
import { openRegistrations, type WebhookRegistrations } from '@weconnect/webhooks/registrar'
import { openResumeSignatures, resumeUrlOf } from '@weconnect/webhooks/resume-signature'
import { openWaitingDoor } from '@weconnect/webhooks/waiting'
import { allRegistrars, type Workflows } from '@weconnect/workflows/face'
import { openWorkflows } from '@weconnect/workflows/open-workflows'

export interface EngineFixture {
  readonly folder: string
  readonly store: EventStore
  readonly journal: Journal
  readonly workflows: Workflows
  readonly credentials: Credentials
  readonly engine: Engine
  readonly executions: Executions
  readonly registrations: WebhookRegistrations
  /** What went wrong in the background; closing throws the first that is left here. */
  readonly problems: unknown[]
  readonly registry: NodeRegistry
  readonly registrar: ScheduleRegistrar
  readonly listening: ListeningRegistrar
  readonly scheduler: Scheduler
  readonly ingress: Ingress
  readonly waiting: Door
  readonly context: Context
  /** Lets go of everything but the folder, as a stop of the process would. */
  stop(): Promise<void>
  close(): Promise<void>
}

export interface FixtureOptions {
  /** Goes on with the log of an earlier fixture. */
  readonly folder?: string
  /** What stands between the engine and the log. */
  readonly store?: (store: EventStore) => EventStore
  readonly nodes?: readonly NodeType[]
  readonly egress?: Pick<Egress, 'request'>
  readonly mailer?: Mailer
  readonly files?: Files
  readonly timezone?: string
  /** Executions at a time; 16 unless given. */
  readonly concurrency?: number
  /** Milliseconds that steps which must not be cut off have at the end; none unless given, so that an end is as good as a crash. */
  readonly drainMs?: number
  /** Milliseconds since the epoch, for what expires. */
  readonly now?: () => number
  /** Who waits for calls of drafts; nobody can unless given. */
  readonly listeners?: KeptListeners
  /** Of the schedules; the real one when absent. */
  readonly time?: { readonly clock: Clock; readonly timer: Timer }
}

const organisationId = '5c0b2f5e-0000-4000-8000-000000000001'

/** The engine on a real embedded log in a folder of its own, with the built-in nodes and webhooks; no HTTP, no read models. */
export const openEngineFixture = async (options: FixtureOptions = {}): Promise<EngineFixture> => {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'weconnect-engine-'))
  const log = openEmbeddedEventStore({ folder, workOf: openWork.of })
  const store = options.store?.(log) ?? log
  const keyring = openKeyFile(join(folder, 'keys.json'))
  const blobs = openFileBlobs({ folder: join(folder, 'blobs'), addressKey: (id) => keyring.derive(`blobs/${id}`) })
  const journal = openJournal({ store, keyring, blobs, now: () => new Date().toISOString(), newId: randomUUID })
  const registry = openNodeRegistry([...builtInNodes, ...(options.nodes ?? [])])
  const problems: unknown[] = []
  const registrations = openRegistrations(journal, store, registry, (error) => problems.push(error))
  await registrations.start()
  const time = options.time ?? {
    clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
    timer: { wait: pause, limit: pause },
  }
  const defaultTimezone = options.timezone ?? 'America/New_York'
  const registrar = openScheduleRegistrar({ journal, registry, defaultTimezone, now: time.clock.now })
  const listening = openListeningRegistrar({ journal, store, registry, defaultTimezone, now: time.clock.now })
  const triggers = allRegistrars(registrations, registrar, listening)
  const credentials = openCredentials({ journal, store, keyring, newId: randomUUID, onError: (error) => problems.push(error) })
  await credentials.start()
  const workflows = openWorkflows({ journal, registry, triggers, credentials, parseExpression, newId: randomUUID })
  const codeRunners = openCodeRunners({ after: timerAfter, now: () => performance.now() })
  const signatures = openResumeSignatures(keyring.derive('resume'))
  const { engine, operations, executions } = openEngine({
    maxCrashes: 3,
    journal,
    store,
    workflows,
    registry,
    codeRunners,
    credentials,
    binaries: openBinaries({ blobs, keyring }),
    mailer: options.mailer,
    egress: options.egress ?? { request: async () => Promise.reject(new Error('no network in this test')) },
    ...(options.files && { files: options.files }),
    clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
    timer: { wait: pause, limit: pause },
    worker: randomUUID(),
    newId: randomUUID,
    newSeed: () => randomBytes(16).toString('hex'),
    defaultTimezone,
    concurrency: options.concurrency ?? 16,
    drainMs: options.drainMs ?? 0,
    executionUrl: (executionId) => `http://localhost/execution/${executionId}`,
    resumeUrl: (executionId) => resumeUrlOf('http://localhost:4000', executionId, signatures),
    onError: (error) => problems.push(error),
  })
  await engine.start()
  for (const operation of operations) await operation.start()
  const scheduler = new Scheduler({
    ...time,
    registrar,
    store,
    workflows,
    registry,
    engine,
    executions,
    onError: (error) => problems.push(error),
  })
  await scheduler.start()
  const now = options.now ?? Date.now
  const statistics = openCallStatistics({ write: registrations.count, after: timerAfter, onError: (error) => problems.push(error) })
  const ingress = openIngress({
    routes: registrations.routes,
    workflows,
    registry,
    engine,
    credentials,
    newId: randomUUID,
    now,
    after: timerAfter,
    journal,
    statistics,
    listeners: options.listeners ?? openKeptListeners({ query: async () => Promise.reject(new Error('no database in this test')) }),
  })
  const waiting = openWaitingDoor({ journal, workflows, registry, engine, signatures, credentials, now })
  const stop = async (): Promise<void> => {
    await statistics.close()
    await scheduler.close()
    for (const operation of operations) await operation.close()
    await engine.close()
    await registrations.close()
    await credentials.close()
    codeRunners.close()
    await store.close()
    if (problems.length > 0) throw problems[0]
  }
  return {
    folder,
    store,
    journal,
    workflows,
    credentials,
    engine,
    executions,
    registrations,
    problems,
    registry,
    registrar,
    listening,
    scheduler,
    ingress,
    waiting,
    context: { actor: 'user:test', organisationId, correlationId: randomUUID(), causationId: randomUUID() },
    stop,
    close: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await wait(ms, undefined, { signal }).catch(() => undefined)
}

export const timerAfter = (ms: number, call: () => void): (() => void) => {
  const timer = setTimeout(call, ms)
  return () => clearTimeout(timer)
}
