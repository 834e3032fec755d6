import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Owner as OwnerUser } from '@weconnect/admin/admin'
import { WeConnectError } from '@weconnect/contracts/errors'
import { lockDataFolder } from '@weconnect/eventstore/data-folder'
import type { Gateway } from '@weconnect/gateway/face'
import { type InstanceFile, instanceFile, keyFile } from '../instance.ts'
import { type Closing, openClosing } from '../roles/closing.ts'
import { openFoundation } from '../roles/foundation.ts'
import { roles } from '../roles/roles.ts'
import { startRoles } from '../roles/start-roles.ts'
import { clock } from './clock.ts'
import { refuseServedFolder } from './event-log.ts'
import { readModelsServer } from './read-models-server.ts'
import type { Settings } from './settings.ts'

export interface Owner {
  readonly gateway: Gateway
  readonly user: OwnerUser
  readonly dataFolder: string
  close(): Promise<void>
}

/**
 * The whole product in one process (and PostgreSQL, a projector thread and code runners beside it). What is started here is closed in reverse.
 * @throws WeConnectError DATA_FOLDER_IN_USE, CONFIG_INVALID, STORAGE_FAILED
 */
export const startOwner = async (settings: Settings, say: (message: string) => void): Promise<Owner> => {
  prepareFolder(settings)
  const closing = openClosing()
  try {
    return await start(settings, say, closing)
  } catch (error) {
    await closing.close()
    throw error
  }
}

/**
 * Whatever is written from here on is readable for this user alone. The folder itself may be passed through, since PostgreSQL, which refuses to
 * run as root, has its own folder in it.
 */
const prepareFolder = ({ dataFolder, vault }: Settings): void => {
  refuseServedFolder(dataFolder)
  process.umask(0o077)
  if (mkdirSync(dataFolder, { recursive: true }) !== undefined) chmodSync(dataFolder, 0o711)
  if (existsSync(join(dataFolder, 'log.db')) && !existsSync(keyFile(dataFolder)) && vault === undefined) {
    throw new WeConnectError(
      'CONFIG_INVALID',
      `${dataFolder} holds an event log but not its keys (keys.json): bring the key file back, or set VAULT_ADDR again if its keys were there, or nothing in the log can be read`,
    )
  }
}

const start = async (settings: Settings, say: (message: string) => void, closing: Closing): Promise<Owner> => {
  const { dataFolder } = settings
  const lock = lockDataFolder(dataFolder)
  closing.add(() => lock.release())
  const foundation = await openFoundation(settings, say, closing)
  const server = readModelsServer(settings, say)
  closing.add(() =>
    server.then(
      (running) => running.stop(),
      () => undefined,
    ),
  )
  // Its failure is told where it is waited for.
  server.catch(() => undefined)
  const all = roles.filter((role) => role !== 'relay' || settings.kafka)
  const database = server.then(({ connection }) => connection)
  database.catch(() => undefined)
  const { http: gateway, user } = await startRoles(foundation, new Set(all), database)
  if (!user) throw new Error('the API makes the owner')
  const { store } = foundation
  if (settings.eventStorePort !== undefined) {
    const { startEventStoreServer } = await import('@weconnect/eventstore/server')
    const door = await startEventStoreServer({ store, host: '127.0.0.1', port: settings.eventStorePort, readOnly: true, now: clock.now })
    closing.add(() => door.close())
  }
  announce(dataFolder, {
    url: gateway.url,
    pid: process.pid,
    owner: { userId: user.userId, organisationId: user.organisationId, email: user.email },
  })
  closing.add(() => rmSync(instanceFile(dataFolder), { force: true }))
  return { gateway, user, dataFolder, close: closing.close }
}

/** Tells the command line where this instance is. */
const announce = (dataFolder: string, instance: InstanceFile): void =>
  writeFileSync(instanceFile(dataFolder), `${JSON.stringify(instance, null, 2)}\n`, { mode: 0o600 })
