import { randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Owner as OwnerUser, openAdmin } from '@weconnect/admin/admin'
import { openBinaries } from '@weconnect/blobs/binaries'
import { openFileBlobs } from '@weconnect/blobs/files'
import { openCredentials } from '@weconnect/connectors/credentials'
import { credentialWork } from '@weconnect/connectors/open-work'
import { openCredentialTest } from '@weconnect/connectors/test-credential'
import { WeConnectError } from '@weconnect/contracts/errors'
import { lockDataFolder } from '@weconnect/eventstore/data-folder'
import { openJournal } from '@weconnect/eventstore/open-journal'
import { startEventStoreServer } from '@weconnect/eventstore/server'
import { openEngine } from '@weconnect/executions/open-engine'
import { executionWork } from '@weconnect/executions/open-work'
import { openFolderFiles, parseFolders } from '@weconnect/files/folder-files'
import type { Gateway } from '@weconnect/gateway/face'
import { startGateway } from '@weconnect/gateway/gateway'
import { parseEgressAllow } from '@weconnect/http/address-guard'
import { openEgress } from '@weconnect/http/egress'
import { openSmtp } from '@weconnect/mail/smtp'
import { builtInNodes } from '@weconnect/nodes/built-in/all'
import { openCodeRunners } from '@weconnect/nodes/code/runners'
import { parseExpression } from '@weconnect/nodes/expressions/expression'
import { registerNodes } from '@weconnect/nodes/register-nodes'
import { openNodeRegistry } from '@weconnect/nodes/registry'
import { openPool } from '@weconnect/postgres/pool'
import { startProjectorThread } from '@weconnect/projections/runner/client'
import { startRealtime } from '@weconnect/realtime/realtime'
import { startRelayThread } from '@weconnect/relay/relay-thread'
import { scheduleWork } from '@weconnect/scheduler/open-work'
import { openScheduleRegistrar } from '@weconnect/scheduler/registrar'
import { Scheduler } from '@weconnect/scheduler/scheduler'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { openTelemetry } from '@weconnect/telemetry/telemetry'
import { openIngress } from '@weconnect/webhooks/ingress'
import { webhookWork } from '@weconnect/webhooks/open-webhooks'
import { webhookRoutes } from '@weconnect/webhooks/plugin'
import { openRegistrations } from '@weconnect/webhooks/registrar'
import { openResumeSignatures, resumeUrlOf } from '@weconnect/webhooks/resume-signature'
import { openWaitingDoor } from '@weconnect/webhooks/waiting'
import { allRegistrars } from '@weconnect/workflows/face'
import { openWorkflows } from '@weconnect/workflows/open-workflows'
import { type InstanceFile, instanceFile, keyFile } from '../instance.ts'
import { newId, newSeed } from './chance.ts'
import { after, clock, timer } from './clock.ts'
import { openEventLog, refuseServedFolder } from './event-log.ts'
import { readModelsServer } from './read-models-server.ts'
import type { Settings } from './settings.ts'

export interface Owner {
  readonly gateway: Gateway
  readonly user: OwnerUser
  readonly dataFolder: string
  close(): Promise<void>
}

const openWork = (stream: string, events: Parameters<typeof executionWork>[1]) =>
  executionWork(stream, events) ?? webhookWork(stream, events) ?? scheduleWork(stream, events) ?? credentialWork(stream, events)

/**
 * The whole product in one process (and PostgreSQL, a projector thread and code runners beside it). What is started here is closed in reverse.
 * @throws WeConnectError DATA_FOLDER_IN_USE, CONFIG_INVALID, STORAGE_FAILED
 */
export const startOwner = async (settings: Settings, say: (message: string) => void): Promise<Owner> => {
  const { dataFolder } = settings
  prepareFolder(dataFolder)
  const closers: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    return await start(settings, say, closers, close)
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Whatever is written from here on is readable for this user alone. The folder itself may be passed through, since PostgreSQL, which refuses to
 * run as root, has its own folder in it.
 */
const prepareFolder = (dataFolder: string): void => {
  refuseServedFolder(dataFolder)
  process.umask(0o077)
  if (mkdirSync(dataFolder, { recursive: true }) !== undefined) chmodSync(dataFolder, 0o711)
  if (existsSync(join(dataFolder, 'log.db')) && !existsSync(keyFile(dataFolder))) {
    throw new WeConnectError(
      'CONFIG_INVALID',
      `${dataFolder} holds an event log but not its keys (keys.json): bring the key file back, or nothing in the log can be read`,
    )
  }
}

const start = async (
  settings: Settings,
  say: (message: string) => void,
  closers: (() => unknown)[],
  close: () => Promise<void>,
): Promise<Owner> => {
  const { dataFolder } = settings
  const lock = lockDataFolder(dataFolder)
  closers.push(() => lock.release())
  const telemetry = openTelemetry({ level: settings.logLevel, service: 'weconnect' })
  const keyring = openKeyFile(keyFile(dataFolder))
  const store = await openEventLog(settings, openWork, say)
  closers.push(() => store.close())
  const server = readModelsServer(settings, say)
  const blobs = openFileBlobs({ folder: join(dataFolder, 'blobs'), addressKey: (id) => keyring.derive(`blobs/${id}`) })
  const journal = openJournal({ store, keyring, blobs, now: () => new Date().toISOString(), newId })
  const registry = openNodeRegistry(builtInNodes)
  const report = (error: unknown, what: string): void => telemetry.log.error({ err: error, what }, 'something went wrong in the background')
  const registrations = openRegistrations(journal, store, registry, (error) => report(error, 'webhook routes'))
  closers.push(() => registrations.close())
  const credentials = openCredentials({ journal, store, keyring, newId, onError: (error) => report(error, 'names of credentials') })
  closers.push(() => credentials.close())
  const schedules = openScheduleRegistrar({ journal, registry, defaultTimezone: settings.timezone, now: clock.now })
  const triggers = allRegistrars(registrations, schedules)
  const workflows = openWorkflows({ journal, registry, triggers, credentials, parseExpression, newId })
  const codeRunners = openCodeRunners({ after })
  closers.push(() => codeRunners.close())
  const allow = parseEgressAllow(settings.egressAllow)
  const egress = openEgress({ allow })
  const mailer = openSmtp({ allow })
  let address = settings.publicUrl ?? `http://${settings.host}:${settings.port}`
  const signatures = openResumeSignatures(keyring.derive('resume'))
  const { engine, executions } = openEngine({
    journal,
    store,
    workflows,
    registry,
    codeRunners,
    egress,
    credentials,
    binaries: openBinaries({ blobs, keyring }),
    mailer,
    files: openFolderFiles({ folders: parseFolders(settings.filesFolder) }),
    clock,
    timer,
    worker: randomUUID(),
    newId,
    newSeed,
    defaultTimezone: settings.timezone,
    concurrency: settings.concurrency,
    resumeUrl: (executionId) => resumeUrlOf(address, executionId, signatures),
    executionUrl: (executionId) => `${address}/execution/${executionId}`,
    onError: (error, executionId) => report(error, `execution ${executionId}`),
  })
  const admin = openAdmin({ journal, keyring, newId, now: clock.now, random: randomBytes })
  const user = await admin.ensureOwner({
    email: settings.ownerEmail,
    ...(settings.ownerPassword !== undefined && { password: settings.ownerPassword }),
  })
  await registerNodes(journal, registry, user.organisationId)
  await registrations.start()
  await credentials.start()
  const postgres = await server
  closers.push(() => postgres.stop())
  const projector = startProjectorThread({
    dataFolder,
    ...(settings.eventStoreUrl !== undefined && { eventStoreUrl: settings.eventStoreUrl }),
    keyFile: keyFile(dataFolder),
    blobFolder: join(dataFolder, 'blobs'),
    database: postgres.connection,
    timers: { now: clock.now, after },
    onStatus: (change) =>
      telemetry.log[change.state === 'running' || change.state === 'rebuilding' ? 'info' : 'error'](
        { change },
        'a read model changed its state',
      ),
    onError: (error) => report(error, 'projector thread'),
  })
  closers.push(() => projector.close())
  const relay =
    settings.kafka &&
    (await startRelayThread({
      dataFolder,
      kafka: settings.kafka,
      relayId: randomUUID(),
      after,
      onState: (status) => telemetry.log[status.state === 'running' ? 'info' : 'error']({ relay: status }, 'the relay changed its state'),
      onError: (error) => report(error, 'relay thread'),
    }))
  closers.push(() => relay?.close())
  const pool = openPool(postgres.connection, 6)
  closers.push(() => pool.close())
  await engine.start()
  closers.push(() => engine.close())
  const scheduler = new Scheduler({
    registrar: schedules,
    store,
    workflows,
    registry,
    engine,
    executions,
    clock,
    timer,
    onError: (error, scheduleId) => report(error, `schedule ${scheduleId}`),
  })
  await scheduler.start()
  closers.push(() => scheduler.close())
  const ingress = openIngress({ routes: registrations.routes, workflows, registry, engine, credentials, newId, now: clock.now, after })
  const waiting = openWaitingDoor({ journal, workflows, registry, engine, signatures })
  const gateway = await startGateway(
    {
      admin,
      workflows,
      executions,
      journal,
      store,
      projector,
      sql: pool,
      registry,
      telemetry,
      testWebhooks: ingress,
      schedules: scheduler.schedules,
      ...(relay && { relay }),
      credentials,
      testCredential: openCredentialTest(egress, mailer, { credentials, now: clock.now, newNonce: newSeed }),
      checks: { engine: async () => (engine.status().ready ? undefined : 'recovering') },
      newId,
      now: clock.now,
    },
    {
      host: settings.host,
      port: settings.port,
      frontendUrls: settings.frontendUrls,
      plugins: [async (app) => void (await app.register(webhookRoutes, { ingress, waiting, after }))],
      attach: [
        (httpServer) =>
          startRealtime({
            httpServer,
            admin,
            journal,
            frontendUrls: settings.frontendUrls,
            now: clock.now,
            report: (error) => report(error, 'realtime'),
          }),
      ],
    },
  )
  closers.push(() => gateway.close())
  address = settings.publicUrl ?? gateway.url
  if (settings.eventStorePort !== undefined) {
    const door = await startEventStoreServer({ store, host: '127.0.0.1', port: settings.eventStorePort, readOnly: true, now: clock.now })
    closers.push(() => door.close())
  }
  announce(dataFolder, {
    url: gateway.url,
    pid: process.pid,
    owner: { userId: user.userId, organisationId: user.organisationId, email: user.email },
  })
  closers.push(() => rmSync(instanceFile(dataFolder), { force: true }))
  return { gateway, user, dataFolder, close }
}

/** Tells the command line where this instance is. */
const announce = (dataFolder: string, instance: InstanceFile): void =>
  writeFileSync(instanceFile(dataFolder), `${JSON.stringify(instance, null, 2)}\n`, { mode: 0o600 })
