import { openBinaries } from '@weconnect/blobs/binaries'
import type { Blobs } from '@weconnect/blobs/port'
import { openCredentials } from '@weconnect/connectors/credentials'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import { openJournal } from '@weconnect/eventstore/open-journal'
import type { EventStore } from '@weconnect/eventstore/port'
import type { Engine } from '@weconnect/executions/engine'
import type { Executions } from '@weconnect/executions/face'
import { openEngine } from '@weconnect/executions/open-engine'
import { builtInNodes } from '@weconnect/nodes/built-in/all'
import { parseExpression } from '@weconnect/nodes/expressions/expression'
import { openNodeRegistry } from '@weconnect/nodes/registry'
import { openScheduleRegistrar } from '@weconnect/scheduler/registrar'
import type { Keyring } from '@weconnect/secrets/port'
import { openRegistrations } from '@weconnect/webhooks/registrar'
import { allRegistrars, type Workflows } from '@weconnect/workflows/face'
import { openWorkflows } from '@weconnect/workflows/open-workflows'
import type { Chance } from './chance.ts'
import type { ProcessTime } from './world-clock.ts'

/** The services of one process that take part in a simulation. */
export interface SimulatedProcess {
  readonly store: EventStore
  readonly workflows: Workflows
  readonly engine: Engine
  readonly executions: Executions
  readonly problems: readonly unknown[]
}

export interface ProcessOptions {
  readonly store: EventStore
  readonly keyring: Keyring
  readonly blobs: Blobs
  readonly time: ProcessTime
  readonly chance: Chance
  readonly request: (request: HttpRequest, signal?: AbortSignal) => Promise<HttpResponse>
  /** Executions at a time. */
  readonly concurrency?: number
  /** Whether operations on many executions are gone on with here. */
  readonly isOperated?: boolean | undefined
}

const registry = openNodeRegistry(builtInNodes)
const codeRunners = {
  run: () => Promise.reject(new WeConnectError('CODE_FAILED', 'no code runs in a simulation')),
  close: () => undefined,
}

/** Ready when it resolves: the engine has looked for work that an earlier process left. */
export const startProcess = async ({
  store,
  keyring,
  blobs,
  time,
  chance,
  request,
  concurrency,
  isOperated,
}: ProcessOptions): Promise<SimulatedProcess> => {
  const { clock, timer } = time
  const newId = chance.id
  const problems: unknown[] = []
  const onError = (error: unknown): void => void problems.push(error)
  const journal = openJournal({ store, keyring, blobs, now: () => new Date(clock.now()).toISOString(), newId })
  const registrations = openRegistrations(journal, store, registry, onError)
  await registrations.start()
  const schedules = openScheduleRegistrar({ journal, registry, defaultTimezone: 'UTC', now: clock.now })
  const credentials = openCredentials({ journal, store, keyring, newId, onError })
  await credentials.start()
  const triggers = allRegistrars(registrations, schedules)
  const workflows = openWorkflows({ journal, registry, triggers, credentials, parseExpression, newId })
  const { engine, executions, operations } = openEngine({
    ...{ journal, store, workflows, registry, codeRunners, credentials, clock, timer, newId, onError },
    binaries: openBinaries({ blobs, keyring }),
    egress: { request },
    worker: newId(),
    newSeed: () => newId().replaceAll('-', ''),
    defaultTimezone: 'UTC',
    concurrency: concurrency ?? chance.between(1, 8),
    maxCrashes: 3,
    drainMs: 0,
    executionUrl: (executionId) => `http://localhost/execution/${executionId}`,
    resumeUrl: (executionId) => `http://localhost/webhook-waiting/${executionId}`,
  })
  await engine.start()
  if (isOperated) for (const operation of operations) await operation.start()
  return { store, workflows, engine, executions, problems }
}
