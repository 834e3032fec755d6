import { randomUUID } from 'node:crypto'
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { someEvents, someStream } from '@weconnect/testing/contracts/event-store/samples'
import { serveLog } from '@weconnect/testing/event-store-server'
import { missing } from '@weconnect/testing/requires'
import { hasOpenssl, testCertificate } from '@weconnect/testing/test-certificate'
import { expect, test } from 'vitest'
import { openEmbeddedEventStore } from '../embedded.ts'
import type { EventBytes, StoredEvent } from '../port.ts'
import { verifyLog } from '../verify/verify.ts'
import { openConnection } from './connection.ts'
import { openEsdbEventStore } from './open-esdb.ts'

/*
 * What the contract of event stores does not ask: an event store that goes away and comes back, other programs in it, and how events look to them.
 */
const ids = (events: readonly EventBytes[]): string[] => events.map(({ id }) => id)
const eventually = <Value>(get: () => Value) => expect.poll(get, { timeout: 30_000 })

test('a subscription goes on by itself after the server was killed, without gap or duplicate', async () => {
  const served = await serveLog()
  const store = await openEsdbEventStore({ url: served.url })
  const seen: StoredEvent[] = []
  const stop = new AbortController()
  const following = (async () => {
    for await (const events of store.subscribe({ after: 'start', signal: stop.signal })) seen.push(...events)
  })()
  const written: EventBytes[] = []
  const append = async (count: number): Promise<void> => {
    const events = someEvents(count)
    await store.append(someStream(), 'none', events)
    written.push(...events)
  }
  for (const count of [1, 3, 2]) await append(count)
  await eventually(() => ids(seen)).toEqual(ids(written))
  for (let round = 0; round < 2; round += 1) {
    await served.kill()
    await expect(store.append(someStream(), 'none', someEvents(1))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(store.head()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await served.start()
    await eventually(() => store.head().catch(() => undefined)).toBeDefined()
    for (const count of [2, 1]) await append(count)
    await eventually(() => ids(seen)).toEqual(ids(written))
  }
  stop.abort()
  await following
  await store.close()
  await served.close()
})

test('a read under way when the connection is given up is whole all the same', async () => {
  const served = await serveLog()
  const store = await openEsdbEventStore({ url: served.url })
  const stream = someStream()
  for (let from = 0; from < 1_000; from += 200) await store.append(stream, from === 0 ? 'none' : from - 1, someEvents(200, 500))
  const connection = openConnection(served.url)
  let attempts = 0
  const read = await connection.use(async (client) => {
    attempts += 1
    const events: unknown[] = []
    for await (const event of client.readStream(stream)) {
      events.push(event)
      // As another call does that hears of the loss first.
      if (events.length === 1 && attempts === 1) connection.lost(client)
    }
    return events
  })
  expect([read.length, attempts]).toEqual([1_000, 2])
  await connection.close()
  await store.close()
  await served.close()
})

test('an append that was under way when the server was killed is there once or not at all', async () => {
  const served = await serveLog()
  const store = await openEsdbEventStore({ url: served.url })
  const stream = someStream()
  const events = someEvents(3, 5_000)
  const outcomes = Promise.allSettled(
    Array.from({ length: 300 }, (_, index) =>
      store.append(
        index === 0 ? stream : someStream(),
        'none',
        events.map((event) => ({ ...event, id: randomUUID() })),
      ),
    ),
  )
  await served.kill()
  await served.start()
  for (const outcome of await outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'UNAVAILABLE' })
  await eventually(() =>
    store
      .append(someStream(), 'none', someEvents(1))
      .then(() => 'written')
      .catch(() => 'not yet'),
  ).toBe('written')
  expect([0, 3]).toContain((await Array.fromAsync(store.read(stream))).length)
  await store.close()
  await served.close()
})

test('other programs keep streams of their own in the same event store; neither sees what it does not want', async () => {
  const served = await serveLog()
  const other = EventStoreDBClient.connectionString(served.url)
  const store = await openEsdbEventStore({ url: served.url })
  const subscription = store.subscribe({ after: 'end' })
  const foreign = () =>
    other.appendToStream(
      `orders-${randomUUID()}`,
      [1, 2, 3].map((number) => jsonEvent({ type: 'OrderPlaced', data: { number } })),
    )
  const stream = someStream()
  const ours: EventBytes = {
    id: randomUUID(),
    type: 'ExecutionRequested',
    data: Buffer.from('{"workflowId":"w","1":2}'),
    metadata: Buffer.from('{"actor":"user:ann"}'),
  }
  for (let index = 0; index < 40; index += 1) await foreign()
  await store.append(stream, 'none', [ours])
  await foreign()
  const exact: EventBytes = { ...ours, id: randomUUID(), data: Buffer.from('{"b":1,"a":[]}') }
  await store.append(stream, 0, [exact])
  expect(ids(await store.readAll({ limit: 10 }))).toEqual([ours.id, exact.id])
  expect(ids(await store.readAll({ limit: 10, direction: 'backwards' }))).toEqual([exact.id, ours.id])
  const seen: string[] = []
  for await (const events of subscription) {
    seen.push(...ids(events))
    if (seen.length === 2) break
  }
  expect(seen).toEqual([ours.id, exact.id])
  const stored = await Array.fromAsync(store.read(stream))
  expect(stored.map(({ data, metadata }) => [data.toString(), metadata.toString()])).toEqual(
    [ours, exact].map(({ data, metadata }) => [data.toString(), metadata.toString()]),
  )
  // To the others our events are JSON, as far as they are written in the one way that any program writes them.
  const shown = (await Array.fromAsync(other.readStream(stream))).map(({ event }) => event)
  expect(shown.map((event) => event?.isJson)).toEqual([false, true])
  expect(shown[1]).toMatchObject({ data: { a: [], b: 1 }, metadata: { actor: 'user:ann' } })
  await other.dispose()
  await store.close()
  await served.kill()
  const log = openEmbeddedEventStore({ folder: served.folder, readOnly: true })
  const report = await verifyLog({ store: log })
  expect(new Set(report.problems.map((problem) => problem.stream))).toEqual(new Set([stream]))
  await log.close()
  await served.close()
})

test.skipIf(missing('openssl', hasOpenssl()))('over TLS with an account; a wrong password is told at the start', async () => {
  const tls = testCertificate()
  const served = await serveLog({ tls: { ...tls, adminPassword: 'correct-horse' } })
  const url = (password: string): string => `kurrentdb://admin:${password}@localhost:${served.port}?tlsCAFile=${tls.authorityFile}`
  const store = await openEsdbEventStore({ url: url('correct-horse') })
  const events = someEvents(2)
  const stream = someStream()
  await store.append(stream, 'none', events)
  expect(ids(await Array.fromAsync(store.read(stream)))).toEqual(ids(events))
  await store.close()
  const refused = openEsdbEventStore({ url: url('battery-staple') })
  await expect(refused).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/EVENTSTORE_URL .*refuses this user/),
  })
  await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('battery') })
  await served.close()
  tls.remove()
})
