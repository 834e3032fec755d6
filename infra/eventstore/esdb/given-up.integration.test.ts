import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { someEvents, someStream } from '@weconnect/testing/contracts/event-store/samples'
import { serveLog } from '@weconnect/testing/event-store-server'
import { expect, test } from 'vitest'
import { openEmbeddedEventStore } from '../embedded.ts'
import type { EventStore } from '../port.ts'
import { startEventStoreServer } from '../server/server.ts'
import { openConnection } from './connection.ts'
import { openEsdbEventStore } from './open-esdb.ts'
import { esdbReader } from './reader.ts'

/* What nobody waits for any more does not happen, and does not go on. */
const patienceMs = 800

test('appends that were given up while the event store did not answer are not done when it answers again', async () => {
  const served = await serveLog()
  const store = await openEsdbEventStore({ url: served.url, patienceMs })
  await store.append(someStream(), 'none', someEvents(1))
  served.pause()
  // More than are sent at a time.
  const streams = Array.from({ length: 40 }, () => someStream())
  const outcomes = await Promise.allSettled(streams.map((stream) => store.append(stream, 'none', someEvents(2))))
  expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)).toEqual(streams.map(() => 'UNAVAILABLE'))
  served.resume()
  // Goes the same way after them.
  const written = () =>
    store.append(someStream(), 'none', someEvents(1)).then(
      () => true,
      () => false,
    )
  await expect.poll(written, { timeout: 60_000 }).toBe(true)
  for (const stream of streams) expect(await Array.fromAsync(store.read(stream))).toEqual([])
  await store.close()
  await served.close()
}, 120_000)

test('a reading that was given up ends at the event store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weconnect-given-up-'))
  const log = openEmbeddedEventStore({ folder })
  const stream = someStream()
  await log.append(stream, 'none', someEvents(3))
  let [begun, ended] = [0, 0]
  /** Goes on until whoever asked has gone. */
  async function* endless(): ReturnType<EventStore['read']> {
    begun += 1
    try {
      for (;;) {
        yield* log.read(stream, { limit: 1 })
        await wait(200)
      }
    } finally {
      ended += 1
    }
  }
  const store: EventStore = {
    ...log,
    read: (name, options) => (name === stream && options?.direction !== 'backwards' ? endless() : log.read(name, options)),
  }
  const server = await startEventStoreServer({ store, host: '127.0.0.1', port: 0, now: Date.now })
  const connection = openConnection(`esdb://127.0.0.1:${server.port}?tls=false`, patienceMs)
  const reader = esdbReader(connection, log.logId, new Set(['execution']))
  await expect(reader.readPage(stream, 0, true)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(begun).toBeGreaterThan(0)
  await expect.poll(() => ended, { timeout: 60_000 }).toBe(begun)
  await connection.close()
  await server.close()
  await log.close()
  rmSync(folder, { recursive: true, force: true })
}, 120_000)
