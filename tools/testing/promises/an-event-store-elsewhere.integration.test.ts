import { fileURLToPath } from 'node:url'
import { EventStoreDBClient, jsonEvent, streamNameFilter } from '@eventstore/db-client'
import { freePorts } from '@weconnect/engines/ports'
import { type EventStoreProcess, startEventStoreProcess } from '@weconnect/testing/event-store-process'
import { type Instance, runCommand, startInstance } from '@weconnect/testing/instance'
import { hello, later } from '@weconnect/testing/promises/workflows'
import { afterAll, beforeAll, expect, test } from 'vitest'

/*
 * The product with its log behind EVENTSTORE_URL: `weconnect eventstore serve` in a process of its own, reached by the official client over a socket.
 */
const triage = fileURLToPath(new URL('../../../examples/workflows/order-triage.json', import.meta.url))
const patience = { timeout: 60_000, interval: 100 }

let eventStore: EventStoreProcess
let instance: Instance
beforeAll(async () => {
  eventStore = await startEventStoreProcess()
  instance = await startInstance({ env: { EVENTSTORE_URL: eventStore.url } })
})
afterAll(async () => {
  await instance?.remove()
  await eventStore?.remove()
})

const executions = async (): Promise<readonly { id: string; status: string }[]> => {
  const { code, stdout, stderr } = await instance.command('executions', '--limit', '100', '--json')
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as { id: string; status: string }[]
}
const statuses = async (): Promise<ReadonlySet<string>> => new Set((await executions()).map(({ status }) => status))
const ready = async () => (await (await fetch(`${instance.url()}/ready`)).json()) as { ready: boolean; checks: Record<string, string> }

test('import, activate, webhook, events, replay, verify', async () => {
  expect(await instance.command('import', triage)).toMatchObject({ code: 0 })
  await instance.activate(hello.file)
  expect((await instance.deliver(hello.path, { n: 7 })).status).toBe(200)
  expect(await (await instance.deliver(hello.path, { n: 8 })).json()).toMatchObject({ greeting: 'Hello 8' })
  await expect.poll(async () => (await executions()).length, patience).toBe(2)
  const [{ id } = { id: '' }] = await executions()
  const events = await instance.command('events', id)
  expect(events.stdout).toContain('ExecutionCompleted')
  const replay = await instance.command('replay', id)
  expect([replay.code, replay.stdout]).toEqual([0, expect.stringContaining('equal')])
  const verify = await instance.command('verify')
  expect([verify.code, verify.stdout]).toEqual([0, expect.stringMatching(/^ok: [0-9]+ events/)])
})

test('while the event store is away writing is refused as something to try again, reading goes on, and all comes back by itself', async () => {
  await instance.activate(later.file)
  expect((await instance.deliver(later.path, { n: 1 })).status).toBe(200)
  await expect.poll(statuses, patience).toEqual(new Set(['completed']))
  const before = (await executions()).length

  await eventStore.kill9()
  const refused = await instance.deliver(hello.path, { n: 1 })
  expect([refused.status, await refused.json()]).toEqual([503, { error: expect.objectContaining({ code: 'UNAVAILABLE' }) }])
  await expect.poll(ready, patience).toMatchObject({ ready: false, checks: { log: 'down', postgres: 'up' } })
  expect(await executions()).toHaveLength(before)
  const { stdout } = await instance.command('workflows')
  expect(stdout).toContain('Answered at once')

  await eventStore.restart()
  await expect.poll(ready, patience).toMatchObject({ ready: true })
  await expect.poll(async () => (await instance.deliver(hello.path, { n: 2 })).status, patience).toBe(200)
  expect((await instance.deliver(later.path, { n: 2 })).status).toBe(200)
  await expect.poll(async () => (await executions()).length, patience).toBeGreaterThanOrEqual(before + 2)
  await expect.poll(statuses, patience).toEqual(new Set(['completed']))
})

test('killed in the middle of a load it takes up what was open, and no delivery that was acknowledged is lost', async () => {
  const known = (await executions()).length
  const acknowledged = { count: 0 }
  const deliveries = Array.from({ length: 40 }, async (_, n) => {
    const { status } = await instance.deliver(later.path, { n }).catch(() => ({ status: 0 }))
    if (status !== 200) return
    acknowledged.count += 1
    if (acknowledged.count === 15) await instance.kill9()
  })
  await Promise.all(deliveries)
  await instance.restart()
  await expect.poll(statuses, patience).toEqual(new Set(['completed']))
  await expect.poll(async () => (await executions()).length, patience).toBeGreaterThanOrEqual(known + acknowledged.count)
  expect(await instance.command('verify')).toMatchObject({ code: 0 })
})

test('stopped and started again it goes on', async () => {
  expect(await instance.stop()).toBe(0)
  await instance.restart()
  expect((await instance.deliver(hello.path, { n: 9 })).status).toBe(200)
  expect((await instance.command('verify')).code).toBe(0)
})

test.each([
  ['no address', async () => 'http://127.0.0.1:2113', /EVENTSTORE_URL is no address of an event store/],
  [
    'nobody there',
    async () => `esdb://ann:secret@127.0.0.1:${(await freePorts(1))[0]}?tls=false`,
    /EVENTSTORE_URL \(esdb:\/\/\*\*\*@127.*eventstore serve/,
  ],
  ['TLS where there is none', async () => eventStore.url.replace('tls=false', 'tls=true'), /EVENTSTORE_URL .*tls=false/],
])('a wrong address (%s) is told at the start: which variable, what failed, what to do', async (_, address, message) => {
  const url = await address()
  const { code, stderr } = await runCommand(['up', '--port', '0', '--data', `${eventStore.folder}-${_.replaceAll(' ', '-')}`], {
    EVENTSTORE_URL: url,
  })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^CONFIG_INVALID/)
  expect(stderr).toMatch(message)
  expect(stderr).not.toContain('secret')
})

test('an instance with its own log shows it by the same protocol, and lets nobody write', async () => {
  const [port = 0] = await freePorts(1)
  const shown = await startInstance({ env: { WECONNECT_EVENTSTORE_PORT: String(port) } })
  await shown.activate(hello.file)
  const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${port}?tls=false`)
  const subscription = client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['execution-'] }) })
  const seen: string[] = []
  subscription.on('data', ({ event }) => seen.push(event?.type ?? ''))
  await new Promise((resolve) => subscription.once('caughtUp', resolve))
  expect((await shown.deliver(hello.path, { n: 1 })).status).toBe(200)
  await expect.poll(() => seen, patience).toEqual(expect.arrayContaining(['ExecutionRequested', 'StepCompleted', 'ExecutionCompleted']))
  const event = jsonEvent({ type: 'Noted', data: {} })
  for (const stream of ['notes-1', 'execution-1']) {
    await expect(client.appendToStream(stream, event)).rejects.toMatchObject({ type: 'access-denied' })
    await expect(client.deleteStream(stream)).rejects.toMatchObject({ type: 'access-denied' })
    await expect(client.tombstoneStream(stream)).rejects.toMatchObject({ type: 'access-denied' })
    await expect(client.setStreamMetadata(stream, { truncateBefore: 1 })).rejects.toMatchObject({ type: 'access-denied' })
  }
  await subscription.unsubscribe()
  await client.dispose()
  await shown.remove()
})
