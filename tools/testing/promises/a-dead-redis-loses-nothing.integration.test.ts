import { setTimeout as sleep } from 'node:timers/promises'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { openRedis } from '@weconnect/redis/connect'
import { missingEngines, type OwnEngine, ownEngine } from '@weconnect/testing/engines'
import { type Instance, runCommand, startInstance } from '@weconnect/testing/instance'
import { sendDeliveries } from '@weconnect/testing/promises/deliveries'
import { type Ledger, openLedger } from '@weconnect/testing/promises/ledger'
import { deliveryOf, executionsIn, openExecutionsIn, type RecordedEvent, readLog } from '@weconnect/testing/promises/recorded-log'
import { effects, hello, later } from '@weconnect/testing/promises/workflows'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/*
 * The product with its queues in a real Redis, which is killed with -9 (it keeps nothing, so it comes back empty) and emptied by FLUSHALL, under load.
 */
const patience = { timeout: 90_000, interval: 100 }
const blows = process.env['WECONNECT_LONG'] === '1' ? 40 : 6

interface QueueCounts {
  readonly name: string
  readonly waiting: number
  readonly active: number
  readonly delayed: number
  readonly completed: number
  readonly failed: number
}

/** What is recorded more than once although it is done once: beginnings, ends, outcomes of steps. */
const doneTwice = (events: readonly RecordedEvent[]): readonly string[] => {
  const once = events.flatMap(({ type, data }) => {
    if (type === 'StepCompleted') return [`${type} ${data.step}`]
    return ['ExecutionRequested', 'ExecutionStarted', 'ExecutionCompleted', 'ExecutionFailed'].includes(type) ? [type] : []
  })
  return once.filter((what, index) => once.indexOf(what) !== index)
}

describe.skipIf(await missingEngines('redis'))('with the queues in Redis', () => {
  let redis: OwnEngine
  let ledger: Ledger
  let instance: Instance
  beforeAll(async () => {
    redis = await ownEngine('redis')
    ledger = await openLedger(() => Math.random() * 40)
    instance = await startInstance({ env: { ...redis.variables, WECONNECT_EGRESS_ALLOW: '127.0.0.1/32' } })
  })
  afterAll(async () => {
    await instance?.remove()
    await ledger?.close()
    await redis?.remove()
  })

  const flushAll = async (): Promise<void> => {
    const link = await openRedis({ url: redis.variables['REDIS_URL'] ?? '', prefix: 'x' })
    await link.commands.flushall()
    await link.close()
  }
  const killAndStart = async (): Promise<void> => {
    await redis.kill9()
    await sleep(Math.random() * 1_500)
    await redis.start()
  }
  const counts = async (): Promise<Readonly<Record<string, QueueCounts>>> => {
    const { queues } = await instance.graphql<{ queues: QueueCounts[] }>('{ queues { name waiting active delayed completed failed } }')
    return Object.fromEntries(queues.map((queue) => [queue.name, queue]))
  }
  const ready = async () => (await (await fetch(`${instance.url()}/ready`)).json()) as { ready: boolean; redis: { state: string } }
  const untilAllEnded = async (): Promise<void> => {
    const store = openEmbeddedEventStore({ folder: instance.dataFolder, readOnly: true })
    try {
      await expect.poll(() => openExecutionsIn(store), patience).toEqual([])
    } finally {
      await store.close()
    }
  }

  test('deliveries that are answered at once are run by way of a queue', async () => {
    await instance.activate(later.file)
    for (let n = 0; n < 20; n += 1) expect((await instance.deliver(later.path, { delivery: `first-${n}`, n })).status).toBe(200)
    await untilAllEnded()
    await expect.poll(async () => (await counts())['webhook-processing']?.completed, patience).toBeGreaterThanOrEqual(20)
  })

  test(`killed with -9 and emptied ${blows} times under load, no delivery is lost and nothing is done twice`, async () => {
    const workflows = [hello, effects('effects', ledger.url, 'onReceived'), effects('effects-answered', ledger.url, 'responseNode')]
    for (const { file } of workflows) await instance.activate(file)
    const paths = [later.path, ...workflows.map(({ path }) => path)]
    const sender = sendDeliveries(instance, { paths, connections: 12, pauseMs: 5 })
    for (let blow = 0; blow < blows; blow += 1) {
      await sleep(200 + Math.random() * 600)
      await (blow % 2 === 0 ? flushAll() : killAndStart())
    }
    await sender.stop()
    await untilAllEnded()
    await expect.poll(ready, patience).toMatchObject({ ready: true, redis: { state: 'up' } })

    const executions = executionsIn(await readLog(instance.dataFolder))
    const byDelivery = Map.groupBy([...executions.values()], deliveryOf)
    console.log(`${sender.sent.length} deliveries, ${executions.size} executions, ${ledger.entries.length} calls`)
    // Redis has no part in taking a delivery: none was refused.
    expect(sender.sent.filter(({ status }) => status === undefined || status < 200 || status > 299)).toEqual([])
    expect(sender.sent.filter(({ id }) => byDelivery.get(id)?.length !== 1).map(({ id }) => id)).toEqual([])
    expect([...executions].filter(([, events]) => doneTwice(events).length > 0).map(([id]) => id)).toEqual([])
    const calls = Map.groupBy(ledger.entries, ({ step, delivery }) => `${delivery} ${step}`)
    expect([...calls].filter(([, entries]) => entries.length > 1).map(([call]) => call)).toEqual([])
    expect(await instance.command('verify')).toMatchObject({ code: 0, stderr: '' })
  })

  test('while it is away all goes on in the process, readiness shows it, and afterwards the queues are used again', async () => {
    await redis.kill9()
    await expect.poll(ready, patience).toMatchObject({ ready: true, redis: { state: 'down' } })
    for (let n = 0; n < 10; n += 1) expect((await instance.deliver(later.path, { delivery: `away-${n}`, n })).status).toBe(200)
    await untilAllEnded()
    expect(await instance.command('queues')).toMatchObject({ code: 1, stderr: expect.stringContaining('UNAVAILABLE') })
    await redis.start()
    await expect.poll(ready, patience).toMatchObject({ ready: true, redis: { state: 'up' } })
    const before = (await counts())['webhook-processing']?.completed ?? 0
    expect((await instance.deliver(later.path, { delivery: 'back', n: 1 })).status).toBe(200)
    await expect.poll(async () => (await counts())['webhook-processing']?.completed, patience).toBeGreaterThan(before)
    await untilAllEnded()
  })

  test('a wrong address ends the start and says which variable, what failed and what to do', async () => {
    const words = ['up', '--port', '0', '--data', `${instance.dataFolder}-wrong`]
    const { code, stderr } = await runCommand(words, { REDIS_URL: 'redis://127.0.0.1:1' })
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^UNAVAILABLE: REDIS_URL=redis:\/\/127\.0\.0\.1:1: no Redis .*Start it/)])
  })
})
