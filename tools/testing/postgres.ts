import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@weconnect/postgres/embedded'
import { type Connection, openPool, type Pool } from '@weconnect/postgres/pool'

export interface TestDatabase {
  readonly connection: Connection
  readonly pool: Pool
  /** Call it after all tests of the file. */
  close(): Promise<void>
}

let databases = 0

/** An empty database for one test file, on the PostgreSQL of the test run; without that (no global setup) on a server of its own. */
export const testDatabase = async (): Promise<TestDatabase> => {
  const shared = process.env['WECONNECT_TEST_POSTGRES']
  const folder = shared ?? mkdtempSync(join(tmpdir(), 'weconnect-test-'))
  const server = await oneAtATime(folder, () => startEmbeddedPostgres({ folder, log: () => {} }))
  const connection = { ...server.connection, database: `test_${process.pid}_${databases++}` }
  await administer(server, `create database ${connection.database}`)
  const pool = openPool(connection, 8)
  return {
    connection,
    pool,
    close: async () => {
      await pool.close()
      await administer(server, `drop database if exists ${connection.database} with (force)`)
      if (shared !== undefined) return
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const administer = async ({ connection }: EmbeddedPostgres, statement: string): Promise<void> => {
  const pool = openPool({ ...connection, database: 'postgres' }, 1)
  await pool.query(statement)
  await pool.close()
}

/** Test files run in processes of their own: the first starts the server, the others adopt it. */
const oneAtATime = async <Result>(folder: string, work: () => Promise<Result>): Promise<Result> => {
  const lock = join(folder, 'starting')
  while (!taken(lock)) await sleep(20)
  try {
    return await work()
  } finally {
    rmdirSync(lock)
  }
}

const taken = (lock: string): boolean => {
  try {
    mkdirSync(lock)
    return true
  } catch {
    return false
  }
}
