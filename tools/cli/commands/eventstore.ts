import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { WeConnectError } from '@weconnect/contracts/errors'
import { lockDataFolder } from '@weconnect/eventstore/data-folder'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { type EventStoreServer, type EventStoreServerOptions, startEventStoreServer } from '@weconnect/eventstore/server'
import { UsageError } from '../arguments.ts'
import { dataFolderOf } from '../instance.ts'
import { servedFolderFile } from '../served-folder.ts'
import { stopRequested } from '../stop-requested.ts'

const defaultPort = 2113

const options = {
  data: { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: String(defaultPort) },
  insecure: { type: 'boolean', default: false },
  cert: { type: 'string' },
  key: { type: 'string' },
} as const
type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

const portOf = (text: string): number => {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new UsageError(`--port must be a number from 0 to 65535, not "${text}"`)
}

const readPem = (path: string, option: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new WeConnectError('CONFIG_INVALID', `--${option}: the file ${path} cannot be read`, { cause: error })
  }
}

const tlsOf = ({ insecure, cert, key }: Values): EventStoreServerOptions['tls'] => {
  if (insecure && (cert !== undefined || key !== undefined)) throw new UsageError('Either --insecure, or --cert and --key')
  if (insecure) return undefined
  if (cert === undefined || key === undefined)
    throw new UsageError('Name the certificate with --cert FILE and its key with --key FILE, or say --insecure')
  const adminPassword = process.env['EVENTSTORE_ADMIN_PASSWORD'] ?? randomBytes(18).toString('base64url')
  return { certificate: readPem(cert, 'cert'), key: readPem(key, 'key'), adminPassword }
}

/** A folder is either a WeConnect instance's or an event store's: the log of an instance is shown, never written, by this door. */
const isInstanceFolder = (folder: string): boolean => existsSync(join(folder, 'keys.json'))

const claim = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!existsSync(servedFolderFile(folder)))
    writeFileSync(servedFolderFile(folder), '{"servedBy":"weconnect eventstore serve"}\n', { mode: 0o600 })
}

/** `eventstore serve`: the EventStoreDB protocol over an embedded log, in the foreground. */
export const eventstore = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  if (positionals.length !== 1 || positionals[0] !== 'serve') throw new UsageError('The call is: eventstore serve')
  const tls = tlsOf(values)
  const port = portOf(values.port)
  const folder = values.data === undefined ? join(dataFolderOf({}), 'eventstore') : resolve(values.data)
  const readOnly = isInstanceFolder(folder)
  if (!readOnly) claim(folder)
  const lock = lockDataFolder(folder)
  const store = openEmbeddedEventStore({ folder })
  try {
    const server = await startEventStoreServer({ store, host: values.host, port, readOnly, now: Date.now, ...(tls && { tls }) })
    console.log(welcome(server, values, folder, readOnly, tls))
    await stopRequested()
    await server.close()
    return 0
  } finally {
    await store.close()
    lock.release()
  }
}

const welcome = (
  { port, accountsMade }: EventStoreServer,
  { host }: Values,
  folder: string,
  readOnly: boolean,
  tls: EventStoreServerOptions['tls'],
): string => {
  const shownPassword = process.env['EVENTSTORE_ADMIN_PASSWORD'] === undefined && (accountsMade || readOnly)
  // Certificates are for names.
  const name = tls && host === '127.0.0.1' ? 'localhost' : host
  const lines = [
    `Event store ready: esdb://${name}:${port}?tls=${tls ? 'true' : 'false'}`,
    `  Data        ${folder}${readOnly ? '  (a WeConnect instance: it can be read, not written)' : ''}`,
    tls
      ? `  Accounts    admin${readOnly ? '' : ', ops'}${shownPassword ? `  password ${tls.adminPassword}  (shown only now)` : ''}`
      : '  No TLS, no accounts: everybody who can connect may do everything',
    ...(readOnly
      ? []
      : [
          `  WeConnect   EVENTSTORE_URL=${tls ? 'esdb://USER:PASSWORD@' : 'esdb://'}${name}:${port}${tls ? '' : '?tls=false'} ./weconnect up`,
        ]),
    '\nCtrl-C stops.',
  ]
  return lines.join('\n')
}
