import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Admin, openAdmin } from '@weconnect/admin/admin'
import { type KeptWhere, openKept } from '@weconnect/blobs/kept'
import type { Blobs } from '@weconnect/blobs/port'
import { type Credentials, openCredentials } from '@weconnect/connectors/credentials'
import { isWeConnectError } from '@weconnect/contracts/errors'
import type { Mailer } from '@weconnect/contracts/mail'
import type { Journal } from '@weconnect/eventstore/journal'
import { openJournal } from '@weconnect/eventstore/open-journal'
import type { EventStore } from '@weconnect/eventstore/port'
import { parseEgressAllow } from '@weconnect/http/address-guard'
import { type Egress, openEgress } from '@weconnect/http/egress'
import { openSmtp } from '@weconnect/mail/smtp'
import { builtInNodes } from '@weconnect/nodes/built-in/all'
import { parseExpression } from '@weconnect/nodes/expressions/expression'
import { openNodeRegistry } from '@weconnect/nodes/registry'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import { openWork } from '@weconnect/open-work/open-work'
import { openScheduleRegistrar, type ScheduleRegistrar } from '@weconnect/scheduler/registrar'
import type { Keyring } from '@weconnect/secrets/port'
import { masterKeysFromVault } from '@weconnect/secrets/vault'
import { openTelemetry, type Telemetry } from '@weconnect/telemetry/telemetry'
import { type ListeningRegistrar, openListeningRegistrar } from '@weconnect/triggers/registrar'
import { openRegistrations, type WebhookRegistrations } from '@weconnect/webhooks/registrar'
import { allRegistrars, type Workflows } from '@weconnect/workflows/face'
import { openWorkflows } from '@weconnect/workflows/open-workflows'
import { keyFile } from '../instance.ts'
import { newId } from '../owner/chance.ts'
import { clock } from '../owner/clock.ts'
import { openEventLog } from '../owner/event-log.ts'
import { postgresError } from '../owner/read-models-server.ts'
import type { Settings } from '../owner/settings.ts'
import type { Closing } from './closing.ts'

/** What every role stands on: the log, the keys, and the services whose state is in the log alone. */
export interface Foundation {
  readonly settings: Settings
  readonly say: (message: string) => void
  readonly closing: Closing
  readonly telemetry: Telemetry
  /** For threads that open keys and blobs themselves. */
  readonly kept: KeptWhere
  readonly keyring: Keyring
  readonly store: EventStore
  readonly blobs: Blobs
  readonly journal: Journal
  readonly registry: NodeRegistry
  readonly registrations: WebhookRegistrations
  readonly credentials: Credentials
  readonly schedules: ScheduleRegistrar
  readonly listening: ListeningRegistrar
  readonly workflows: Workflows
  readonly admin: Admin
  readonly egress: Egress
  readonly mailer: Mailer
  readonly report: (error: unknown, what: string) => void
}

/**
 * In the data folder, where several processes reach them, or where the variables say.
 * @throws WeConnectError UNAVAILABLE naming the variable
 */
const keptWhere = async (settings: Settings): Promise<KeptWhere> => {
  const { dataFolder, postgresUrl, isShared, s3 } = settings
  const here = isShared ? { database: postgresUrl ?? '' } : { folder: join(dataFolder, 'blobs') }
  if (s3 !== undefined) await (await import('@weconnect/blobs/s3-connect')).checkS3(s3)
  return { keys: await keysWhere(settings), blobs: s3 === undefined ? here : { s3, earlier: here } }
}

const keysWhere = async ({ dataFolder, masterKey, vault, isShared }: Settings): Promise<KeptWhere['keys']> => {
  const file = keyFile(dataFolder)
  const masters = [vault && (await masterKeysFromVault(vault)), masterKey].filter((key) => key !== undefined)
  if (masters.length === 0) return { keyFile: file }
  return { masterKey: masters.join(','), ...(!isShared && existsSync(file) && { earlierKeyFile: file }) }
}

/** @throws WeConnectError CONFIG_INVALID, STORAGE_FAILED */
export const openFoundation = async (settings: Settings, say: (message: string) => void, closing: Closing): Promise<Foundation> => {
  const telemetry = openTelemetry({ level: settings.logLevel, service: 'weconnect' })
  const kept = await keptWhere(settings)
  const { keyring, blobs, close } = await openKept(kept).catch((error: unknown) => {
    throw isWeConnectError(error) ? error : postgresError(error)
  })
  closing.add(close)
  const store = await openEventLog(settings, openWork, say)
  closing.add(() => store.close())
  const journal = openJournal({ store, keyring, blobs, now: () => new Date().toISOString(), newId })
  const registry = openNodeRegistry(builtInNodes)
  const report = (error: unknown, what: string): void => telemetry.log.error({ err: error, what }, 'something went wrong in the background')
  const registrations = openRegistrations(journal, store, registry, (error) => report(error, 'webhook routes'))
  closing.add(() => registrations.close())
  const credentials = openCredentials({ journal, store, keyring, newId, onError: (error) => report(error, 'names of credentials') })
  closing.add(() => credentials.close())
  const schedules = openScheduleRegistrar({ journal, registry, defaultTimezone: settings.timezone, now: clock.now })
  const listening = openListeningRegistrar({ journal, store, registry, defaultTimezone: settings.timezone, now: clock.now })
  const triggers = allRegistrars(registrations, schedules, listening)
  const workflows = openWorkflows({ journal, registry, triggers, credentials, parseExpression, newId })
  const admin = openAdmin({ journal, keyring, newId, now: clock.now, random: randomBytes })
  const allow = parseEgressAllow(settings.egressAllow)
  const egress = openEgress({ allow })
  const mailer = openSmtp({ allow })
  return {
    ...{ settings, say, closing, telemetry, kept, keyring, store, blobs, journal, registry, registrations },
    ...{ credentials, schedules, listening, workflows, admin, egress, mailer, report },
  }
}
