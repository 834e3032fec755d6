import { spawn } from 'node:child_process'
import { chownSync, closeSync, fstatSync, ftruncateSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WeConnectError } from '@weconnect/contracts/errors'
import pg from 'pg'
import { type Account, serverAccount } from './account.ts'
import { reachableBinaries } from './binaries.ts'
import { ensureCluster, serverEnvironment, superuser } from './cluster.ts'
import { choosePlaces } from './places.ts'
import type { Connection } from './pool.ts'
import { clearRemains, endPostmaster, isAlive, runningPostmaster } from './postmaster.ts'
import { serverArguments } from './settings.ts'

export interface EmbeddedPostgres {
  readonly connection: Connection
  readonly pid: number
  /** Where its files are: not always in the folder that was asked for (see places.ts). */
  readonly folder: string
  /** Whether it is a server that an earlier process left behind. */
  readonly adopted: boolean
  /** Ends all sessions, then the server. */
  stop(): Promise<void>
}

const port = 5432
const major = '18'
const database = 'weconnect'

/**
 * Starts PostgreSQL for one data folder, or adopts the server that a killed process left running there. Listens on a unix socket only.
 * The caller holds the lock of the data folder.
 * @param options.log told in a sentence what happens
 * @throws WeConnectError CONFIG_INVALID, STORAGE_FAILED with the end of the server's own log
 */
export const startEmbeddedPostgres = async (options: { folder: string; log: (message: string) => void }): Promise<EmbeddedPostgres> => {
  const account = serverAccount()
  const places = choosePlaces(resolve(options.folder), account)
  const data = join(places.folder, 'data')
  const connection = { host: places.socket, port, user: superuser, database }
  const adopted = await adopt(data, connection, options.log)
  const pid = adopted ?? (await launch(data, places, connection, account, options.log))
  await ensureDatabase(connection)
  return { connection, pid, folder: places.folder, adopted: adopted !== undefined, stop: () => endPostmaster(pid) }
}

/** @returns the pid of an orphan that answers; one that does not is ended. */
const adopt = async (data: string, connection: Connection, log: (message: string) => void): Promise<number | undefined> => {
  const orphan = runningPostmaster(data)
  if (orphan === undefined) return undefined
  const sameSocket = orphan.socket === connection.host && orphan.port === connection.port
  if (sameSocket && (await answers(connection, () => isAlive(orphan.pid), 1_000))) {
    log(`adopted the PostgreSQL that an earlier process left running (pid ${orphan.pid})`)
    return orphan.pid
  }
  log(`ending a PostgreSQL that does not answer (pid ${orphan.pid})`)
  await endPostmaster(orphan.pid, 'immediate')
  return undefined
}

const launch = async (
  data: string,
  places: ReturnType<typeof choosePlaces>,
  connection: Connection,
  account: Account,
  log: (message: string) => void,
) => {
  const binaries = reachableBinaries(account, places.programs)
  if ((await ensureCluster(data, binaries, account, major)) === 'made') log(`made a PostgreSQL cluster in ${data}`)
  clearRemains(data, connection)
  const logFile = join(places.folder, 'postgres.log')
  const pid = spawnServer(binaries.postgres, serverArguments(data, connection.host, port), logFile, account)
  if (await answers(connection, () => isAlive(pid), 60_000)) return pid
  throw new WeConnectError('STORAGE_FAILED', `PostgreSQL did not start: ${readFileSync(logFile, 'utf8').slice(-1_000).trim()}`)
}

/**
 * In a process group of its own, or Ctrl-C in the terminal would end it before what uses it; and writing to a file, for a pipe breaks when its
 * reader is killed.
 */
const spawnServer = (program: string, args: readonly string[], logFile: string, account: Account): number => {
  const output = openSync(logFile, 'a', 0o600)
  if (fstatSync(output).size > 4 * 1024 * 1024) ftruncateSync(output)
  if (account.uid !== undefined) chownSync(logFile, account.uid, account.gid ?? account.uid)
  const child = spawn(program, args, { ...account, cwd: '/', env: serverEnvironment, detached: true, stdio: ['ignore', output, output] })
  closeSync(output)
  child.on('error', () => {})
  child.unref()
  if (child.pid === undefined) throw new WeConnectError('STORAGE_FAILED', `could not start ${program}`)
  return child.pid
}

/** Whether it takes sessions within the time; gives up at once when it has ended. */
const answers = async (connection: Connection, alive: () => boolean, withinMs: number): Promise<boolean> => {
  const deadline = performance.now() + withinMs
  do {
    if (await connects(connection)) return true
    await sleep(20)
  } while (alive() && performance.now() < deadline)
  return false
}

const connects = async (connection: Connection): Promise<boolean> => {
  const client = new pg.Client({ ...connection, database: 'postgres', connectionTimeoutMillis: 500 })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await ended(client)
  }
}

/** Of a server that dies meanwhile the client may wait for a last word for ever. */
const ended = async (client: pg.Client): Promise<void> => {
  await Promise.race([client.end().catch(() => {}), sleep(1_000, undefined, { ref: false })])
}

const ensureDatabase = async (connection: Connection): Promise<void> => {
  const client = new pg.Client({ ...connection, database: 'postgres', connectionTimeoutMillis: 10_000, query_timeout: 60_000 })
  // The query fails as well; without a listener the process would end.
  client.on('error', () => {})
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [connection.database])
    if (found.rowCount === 0) await client.query(`create database ${connection.database}`)
  } finally {
    await ended(client)
  }
}

/** Ends the server of a data folder, if one runs, and removes what it kept elsewhere: for tests, that start servers in many processes. */
export const removeEmbeddedPostgres = async (folder: string): Promise<void> => {
  const { folder: chosen } = choosePlaces(resolve(folder), serverAccount())
  const running = runningPostmaster(join(chosen, 'data'))
  if (running !== undefined) await endPostmaster(running.pid)
  if (chosen !== resolve(folder)) rmSync(chosen, { recursive: true, force: true })
}
