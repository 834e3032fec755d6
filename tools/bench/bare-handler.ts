/**
 * The machine's limit, to compare with: a fastify handler that answers when six rows of 350 bytes are on disk, all requests that wait together
 * sharing one durable transaction. Started as a process of its own with a folder as its argument; sends its port over IPC.
 */
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import Fastify from 'fastify'

const rowsPerRequest = 6
const row = Buffer.alloc(350, 'x')

const database = new Database(join(process.argv[2] ?? '.', 'bare.sqlite'))
database.pragma('journal_mode = WAL')
database.pragma('synchronous = FULL')
database.exec('create table rows (id integer primary key, data blob not null)')
const insert = database.prepare('insert into rows (data) values (?)')

let waiting: ((error?: unknown) => void)[] = []
const insertAll = database.transaction((requests: number) => {
  for (let index = 0; index < requests * rowsPerRequest; index += 1) insert.run(row)
})
const commit = (): void => {
  const batch = waiting
  waiting = []
  try {
    insertAll(batch.length)
    for (const done of batch) done()
  } catch (error) {
    for (const done of batch) done(error)
  }
}
const durably = (): Promise<void> =>
  new Promise((resolve, reject) => {
    if (waiting.length === 0) setImmediate(commit)
    waiting.push((error) => (error === undefined ? resolve() : reject(error)))
  })

const app = Fastify()
app.post('/webhook/bare', async () => {
  await durably()
  return { stored: rowsPerRequest }
})
await app.listen({ port: 0, host: '127.0.0.1' })
process.send?.({ port: (app.server.address() as AddressInfo).port })
process.once('disconnect', () => process.exit())
