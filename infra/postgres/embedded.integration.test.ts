import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EmbeddedPostgres, removeEmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts'
import { openPool } from './pool.ts'
import { isAlive } from './postmaster.ts'

let folder: string
let said: string[]
const log = (message: string): void => {
  said.push(message)
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weconnect-postgres-'))
  said = []
})
afterEach(async () => {
  await removeEmbeddedPostgres(folder)
  rmSync(folder, { recursive: true, force: true })
})

const answer = async (server: EmbeddedPostgres, statement: string): Promise<unknown> => {
  const pool = openPool(server.connection, 1)
  try {
    return (await pool.query<{ answer: unknown }>(statement))[0]?.answer
  } finally {
    await pool.close()
  }
}

test('what was committed is there after a clean stop and another start', async () => {
  const first = await startEmbeddedPostgres({ folder, log })
  await answer(first, 'create table kept as select 7 as n')
  await first.stop()
  expect(isAlive(first.pid)).toBe(false)
  const second = await startEmbeddedPostgres({ folder, log })
  expect(second.adopted).toBe(false)
  expect(await answer(second, 'select n as answer from kept')).toBe(7)
  await second.stop()
  expect(said).toHaveLength(1)
})

const owner = `
  import { startEmbeddedPostgres } from ${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)}
  const server = await startEmbeddedPostgres({ folder: process.argv[1], log: () => {} })
  process.send(server.pid)
  setInterval(() => {}, 1000)`

/** Starts a server in a process that is then killed with -9. */
const orphan = async (): Promise<number> => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', owner, folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const pid = await new Promise<number>((resolve) => child.once('message', (message) => resolve(Number(message))))
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
  return pid
}

test('the server of a killed process is adopted, and stopped by who adopted it', async () => {
  const pid = await orphan()
  expect(isAlive(pid)).toBe(true)
  const server = await startEmbeddedPostgres({ folder, log })
  expect(server).toMatchObject({ pid, adopted: true })
  expect(await answer(server, 'select 1 as answer')).toBe(1)
  await server.stop()
  expect(isAlive(pid)).toBe(false)
})

test('an orphan that does not answer is ended and another one started', async () => {
  const pid = await orphan()
  process.kill(pid, 'SIGSTOP')
  const server = await startEmbeddedPostgres({ folder, log })
  expect(server.adopted).toBe(false)
  expect(isAlive(pid)).toBe(false)
  expect(await answer(server, 'select 1 as answer')).toBe(1)
  await server.stop()
})

test('a pid file that names a process of somebody else harms nobody', async () => {
  const first = await startEmbeddedPostgres({ folder, log })
  const pidFile = join(first.folder, 'data', 'postmaster.pid')
  const content = readFileSync(pidFile, 'utf8')
  await first.stop()
  writeFileSync(pidFile, content.replace(String(first.pid), String(process.pid)))
  const second = await startEmbeddedPostgres({ folder, log })
  expect(second.adopted).toBe(false)
  expect(await answer(second, 'select 1 as answer')).toBe(1)
  await second.stop()
})

test('a cluster whose making was cut short is made anew', async () => {
  const { folder: chosen, stop } = await startEmbeddedPostgres({ folder, log })
  await stop()
  rmSync(join(chosen, 'data'), { recursive: true })
  mkdirSync(join(chosen, 'data.part', 'base'), { recursive: true })
  const server = await startEmbeddedPostgres({ folder, log })
  expect(await answer(server, 'select 1 as answer')).toBe(1)
  await server.stop()
})

test('a deep folder and a private home are no obstacle', async () => {
  const deep = join(folder, 'a'.repeat(60), 'b'.repeat(60))
  mkdirSync(deep, { recursive: true, mode: 0o700 })
  const server = await startEmbeddedPostgres({ folder: deep, log })
  expect(Buffer.byteLength(server.connection.host)).toBeLessThan(100)
  expect(await answer(server, 'select 1 as answer')).toBe(1)
  await removeEmbeddedPostgres(deep)
  expect(isAlive(server.pid)).toBe(false)
  expect(existsSync(join(server.folder, 'data', 'postmaster.pid'))).toBe(false)
})

test('it speaks UTF-8, knows letters beyond ASCII, and has what search needs', async () => {
  const server = await startEmbeddedPostgres({ folder, log })
  await answer(server, 'create extension pg_trgm')
  await answer(server, 'create extension unaccent')
  expect(await answer(server, `select unaccent('Ärger') || similarity('äöü', 'äöü') as answer`)).toBe('Arger1')
  expect(await answer(server, `select '2026-01-02 03:04:05.6+02'::timestamptz as answer`)).toBe('2026-01-02T01:04:05.600Z')
  expect(await answer(server, 'select 9007199254740991::bigint as answer')).toBe(9007199254740991)
  expect(await answer(server, `select current_setting('fsync') as answer`)).toBe('on')
  await server.stop()
})
