import { WeConnectError } from '@weconnect/contracts/errors'
import { Redis, type RedisOptions } from 'ioredis'

/** Where Redis or Valkey is, as the environment says it. */
export interface RedisSettings {
  /** redis:// or rediss:// (TLS), with user, password and number of the database where they are needed. */
  readonly url: string
  /** In front of every key: for several installations on one server. */
  readonly prefix: string
}

export type RedisState = { readonly state: 'up' } | { readonly state: 'down'; readonly problem: string }

/** Connections to one Redis, which come back by themselves when it does. */
export interface RedisLink {
  readonly prefix: string
  /** Shared by all that ask and want an answer at once: refused while there is no connection, given up after two seconds. */
  readonly commands: Redis
  /** A connection of its own that waits for nothing, as `commands` does. Closed with the link. */
  eager(): Redis
  /** A connection of its own that waits as long as it takes: for who blocks, or has time. Closed with the link. */
  patient(): Redis
  status(): RedisState
  /** Told of every change: `up` also means that what was in Redis may be gone. */
  onChange(listener: (state: RedisState) => void): void
  close(): Promise<void>
}

const connectLimitMs = 5_000
const answerLimitMs = 2_000
/** Exclusive ranges of streams came with it; Valkey says that it is 7.2. */
const oldestVersion = [6, 2] as const

const reconnectAfterMs = (attempt: number): number => Math.min(1_000, 50 * attempt)

export const withoutPassword = (address: string): string => address.replace(/\/\/[^@/]*@/, '//***@')

const optionsOf = ({ url }: RedisSettings): RedisOptions => {
  const wrong = (why: string) =>
    new WeConnectError(
      'CONFIG_INVALID',
      `REDIS_URL must be the address of a Redis or Valkey, such as redis://localhost:6379, not "${withoutPassword(url)}": ${why}`,
    )
  if (!URL.canParse(url)) throw wrong('it is no URL')
  const { protocol, hostname, port, username, password, pathname } = new URL(url)
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw wrong('it begins with neither redis:// nor rediss://')
  if (hostname === '') throw wrong('it names no host')
  if (!/^\/?\d*$/.test(pathname)) throw wrong('what follows the host is the number of a database')
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 6379),
    db: Number(pathname.slice(1) || 0),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' && { tls: {} }),
    connectTimeout: connectLimitMs,
    retryStrategy: reconnectAfterMs,
  }
}

/**
 * Asks once, before anything is built on it, then keeps the connection.
 * @throws WeConnectError CONFIG_INVALID or UNAVAILABLE: which variable is wrong, what failed, what to do
 */
export const openRedis = async (settings: RedisSettings): Promise<RedisLink> => {
  const options = optionsOf(settings)
  await check(settings, options)
  const waitsForNothing = { ...options, enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: answerLimitMs }
  const commands = new Redis(waitsForNothing)
  const listeners = new Set<(state: RedisState) => void>()
  let status: RedisState = { state: 'up' }
  const become = (next: RedisState): void => {
    if (next.state === 'down' && status.state === 'down') return
    status = next
    for (const listener of listeners) listener(next)
  }
  let problem = 'the connection was lost'
  commands.on('error', (error: Error) => {
    problem = error.message || problem
  })
  await new Promise<void>((resolve) => commands.once('ready', resolve))
  commands.on('ready', () => become({ state: 'up' }))
  commands.on('close', () => become({ state: 'down', problem }))
  const others = new Set<Redis>()
  const another = (of: RedisOptions): Redis => {
    const connection = new Redis(of)
    // The link tells of it once; each connection would again.
    connection.on('error', () => undefined)
    others.add(connection)
    connection.once('end', () => others.delete(connection))
    return connection
  }
  return {
    prefix: settings.prefix,
    commands,
    eager: () => another(waitsForNothing),
    patient: () => another({ ...options, maxRetriesPerRequest: null }),
    status: () => status,
    onChange: (listener) => void listeners.add(listener),
    close: async () => {
      listeners.clear()
      for (const connection of [commands, ...others]) connection.disconnect()
    },
  }
}

const check = async (settings: RedisSettings, options: RedisOptions): Promise<void> => {
  const probe = new Redis({
    ...options,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: connectLimitMs,
    retryStrategy: () => null,
  })
  let reason = 'no answer'
  probe.on('error', (error: Error) => {
    reason = error.message
  })
  try {
    await within(connectLimitMs, probe.connect())
    const info = await probe.info('server')
    refuseOld(settings, info)
    await probe.eval('return 1', 0)
  } catch (error) {
    if (error instanceof WeConnectError) throw error
    throw unreachable(settings, reasonOf(error, reason), error)
  } finally {
    probe.disconnect()
  }
}

const reasonOf = (error: unknown, known: string): string => {
  const message = error instanceof Error ? error.message : String(error)
  return message.startsWith('Connection is closed') ? known : message
}

const unreachable = (settings: RedisSettings, reason: string, cause: unknown): WeConnectError => {
  const isRefused = /NOAUTH|WRONGPASS|NOPERM|invalid password|no password is set/i.test(reason)
  const what = isRefused ? `it refuses to serve us (${reason})` : `no Redis or Valkey answers (${reason})`
  const todo = isRefused
    ? 'Put the user and the password into the address: redis://USER:PASSWORD@HOST:PORT'
    : 'Start it (`./weconnect engines up redis` starts one for tests), correct the variable, or unset it: then queues, limits and sockets stay within each process'
  return new WeConnectError('UNAVAILABLE', `REDIS_URL=${withoutPassword(settings.url)}: ${what}. ${todo}.`, { cause })
}

const refuseOld = (settings: RedisSettings, info: string): void => {
  const version = /^redis_version:(\d+)\.(\d+)\S*/m.exec(info)
  if (version === null) throw unreachable(settings, 'what answers does not tell its version', undefined)
  const [major, minor] = [Number(version[1]), Number(version[2])]
  if (major > oldestVersion[0] || (major === oldestVersion[0] && minor >= oldestVersion[1])) return
  throw new WeConnectError(
    'UNAVAILABLE',
    `REDIS_URL=${withoutPassword(settings.url)}: it is Redis ${major}.${minor}, and ${oldestVersion.join('.')} or later is needed. Update it.`,
  )
}

const within = async <Result>(limitMs: number, work: Promise<Result>): Promise<Result> => {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${limitMs / 1000} s`)), limitMs)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
