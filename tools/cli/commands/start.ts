import { mkdirSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { WeConnectError } from '@weconnect/contracts/errors'
import { UsageError } from '../arguments.ts'
import { refuseServedFolder } from '../owner/event-log.ts'
import { parseSettings } from '../owner/settings.ts'
import { portOf } from '../port-option.ts'
import { openClosing } from '../roles/closing.ts'
import { openFoundation } from '../roles/foundation.ts'
import { isRole, type Role, roles } from '../roles/roles.ts'
import { startRoles } from '../roles/start-roles.ts'
import { stopRequested } from '../stop-requested.ts'

const needed = ['EVENTSTORE_URL', 'POSTGRES_URL', 'WECONNECT_MASTER_KEY'] as const
const why: Readonly<Record<(typeof needed)[number], string>> = {
  EVENTSTORE_URL: 'the log that the processes share: esdb://HOST:PORT (./weconnect eventstore serve, or KurrentDB)',
  POSTGRES_URL: 'the database of the read models: postgres://USER:PASSWORD@HOST:PORT/DATABASE',
  WECONNECT_MASTER_KEY: 'what all keys are made of, the same for all processes: `openssl rand -base64 32`; or VAULT_ADDR and VAULT_TOKEN',
}

const checkEnvironment = (env: NodeJS.ProcessEnv): void => {
  const missing = needed.filter((name) => !env[name] && !(name === 'WECONNECT_MASTER_KEY' && env['VAULT_ADDR']))
  if (missing.length === 0) return
  const lines = missing.map((name) => `  ${name}  ${why[name]}`)
  throw new WeConnectError('CONFIG_INVALID', `Processes of their own share no disk, so these variables must be set:\n${lines.join('\n')}`)
}

const rolesOf = (words: readonly string[]): ReadonlySet<Role> => {
  const unknown = words.filter((word) => !isRole(word))
  if (words.length > 0 && unknown.length === 0) return new Set(words.filter(isRole))
  throw new UsageError(`${unknown.length > 0 ? `There is no role "${unknown.join('", "')}". ` : ''}Name one or more of: ${roles.join(' ')}`)
}

/** The folder only remembers what was folded from the log; without one, PostgreSQL does. */
const folderOf = (data: string | undefined): string => {
  if (data === undefined) return ''
  const folder = resolve(data)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  refuseServedFolder(folder)
  return folder
}

/** `start ROLE ...`: some roles of the product as a process of its own, in the foreground; any number of each. */
export const start = async (args: readonly string[]): Promise<number> => {
  const options = { port: { type: 'string' }, data: { type: 'string' } } as const
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const wanted = rolesOf(positionals)
  checkEnvironment(process.env)
  const settings = parseSettings(process.env, { dataFolder: folderOf(values.data), port: portOf(values.port), isShared: true })
  const closing = openClosing()
  try {
    const foundation = await openFoundation(settings, (message) => console.log(message), closing)
    const { http } = await startRoles(foundation, wanted, Promise.resolve(settings.postgresUrl ?? ''))
    console.log(`WeConnect ${[...wanted].join(', ')} ready: ${http.url}`)
    flushCompileCache()
    await stopRequested()
    console.log('stopping ...')
  } finally {
    await closing.close()
  }
  return 0
}
