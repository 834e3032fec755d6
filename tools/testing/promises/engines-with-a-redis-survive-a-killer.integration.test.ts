import { setTimeout as sleep } from 'node:timers/promises'
import { type Cluster, startCluster } from '@weconnect/testing/cluster'
import { missingEngines, type OwnEngine, ownEngine } from '@weconnect/testing/engines'
import { setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { type ClusterLog, openClusterLog } from '@weconnect/testing/promises/cluster-log'
import { isAccepted, sendSteadily } from '@weconnect/testing/promises/deliveries'
import { type KillerOrders, openKillerOrders } from '@weconnect/testing/promises/killer-orders'
import {
  allEvents,
  deliveryOf,
  endingsOf,
  executionsIn,
  openExecutionsIn,
  type RecordedEvent,
} from '@weconnect/testing/promises/recorded-log'
import { webhook } from '@weconnect/testing/promises/workflows'
import type { RoleProcess } from '@weconnect/testing/role-process'
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'

/*
 * Three engines with their queues in a real Redis, started again when they die, under a steady load. One execution kills each engine that takes it. Of a step
 * without effects it takes longer: a queue gives a dead engine's job to another after some seconds, and the log knows the step only at the third engine.
 */
const patience = { timeout: 180_000, interval: 100 }
const startLimitMs = 300_000
const perSecond = 4
const stepMs = 800
const kinds = [
  { effects: 'external', deaths: 3 },
  { effects: 'pure', deaths: 5 },
] as const
const tried = process.env['WECONNECT_LONG'] === '1' ? kinds : kinds.slice(0, 1)

const file = (name: 'killer' | 'bystander') =>
  workflowFile(name, { Webhook: webhook(name, 'onReceived'), Step: { type: `test.${name}` }, After: setFields({ after: 'yes' }) }, [
    'Webhook -> Step',
    'Step -> After',
  ])

/** As whoever supervises processes does. @returns ends it */
const keepAlive = (processes: readonly RoleProcess[]): (() => Promise<unknown>) => {
  let isOver = false
  const watch = async (one: RoleProcess): Promise<void> => {
    while (!isOver) {
      if (!one.alive()) await one.restart()
      await sleep(50)
    }
  }
  const watching = Promise.all(processes.map(watch))
  return () => {
    isOver = true
    return watching
  }
}

/** Who began it and who went on with it, in order. */
const workersOf = (events: readonly RecordedEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'ExecutionStarted' || event.type === 'ExecutionClaimed' ? [event.data.worker] : []))

describe.skipIf(await missingEngines('redis')).each(tried)('with a step ($effects) that kills its engine', ({ effects, deaths }) => {
  let orders: KillerOrders
  let redis: OwnEngine
  let cluster: Cluster
  let engines: readonly RoleProcess[]
  let log: ClusterLog
  beforeAll(async () => {
    orders = await openKillerOrders(effects, stepMs)
    redis = await ownEngine('redis')
    cluster = await startCluster({ ...redis.variables, ...orders.env, WECONNECT_MAX_CRASHES: '3' })
    const roles = ['engine', 'engine', 'engine', 'webhooks']
    const [, ...others] = await Promise.all([cluster.start('gateway', 'projections'), ...roles.map((role) => cluster.start(role))])
    engines = others.slice(0, 3)
    log = await openClusterLog(cluster)
  }, startLimitMs)
  afterAll(async () => {
    await log?.close()
    await cluster?.remove()
    await redis?.remove()
    await orders?.close()
  })

  const killerIs = async (id: string) => {
    const query = 'query ($id: ID!) { execution(id: $id) { status incidents { step nodeName crashes code resolution } } }'
    return (await cluster.graphql<{ execution: { status: string; incidents: readonly { step: number }[] } }>(query, { id })).execution
  }

  test(
    `it is left to a person after ${deaths} engines; all others end, also those that were beside it`,
    async () => {
      onTestFailed(() => console.log(cluster.output()))
      for (const name of ['killer', 'bystander'] as const) await cluster.activate(file(name))
      await expect.poll(async () => (await cluster.deliver('bystander', { delivery: 'first' })).status, patience).toBe(200)
      const stopKeeping = keepAlive(engines)
      const sender = sendSteadily(cluster, { paths: ['bystander'], perSecond })
      const taken = await cluster.deliver('killer', { delivery: 'killer' })
      const { executionId: killer } = (await taken.json()) as { executionId: string }

      await expect.poll(async () => (await killerIs(killer))?.status, patience).toBe('incident')
      const incident = { step: 1, nodeName: 'Step', crashes: 3, code: 'ENGINE_CRASHED', resolution: null }
      expect((await killerIs(killer)).incidents).toEqual([incident])
      await sender.stop()
      await expect.poll(() => openExecutionsIn(log.store), patience).toEqual([killer])
      expect(orders.deaths).toHaveLength(deaths)
      expect(Math.max(...orders.deaths)).toBeGreaterThan(0)

      const { [killer]: killed = [], ...others } = Object.fromEntries(executionsIn(await allEvents(log.journal)))
      const ran = Object.values(others)
      expect(ran.filter((events) => endingsOf(events).join() !== 'ExecutionCompleted')).toEqual([])
      expect(ran.filter((events) => events.some(({ type }) => type === 'IncidentRaised'))).toEqual([])
      const deliveries = ran.map(deliveryOf)
      expect(new Set(deliveries).size).toBe(deliveries.length)
      expect(sender.sent.filter((one) => isAccepted(one) && !deliveries.includes(one.id))).toEqual([])
      const dead = new Set(workersOf(killed).slice(0, -1))
      const beside = ran.filter((events) => workersOf(events).length > 1 && workersOf(events).some((worker) => dead.has(worker)))
      console.log(
        `${effects}: ${orders.deaths.length} engines, beside ${orders.deaths.join(', ')}; ${ran.length} others, ${beside.length} of them died with it`,
      )
      expect(beside.length).toBeGreaterThan(0)

      orders.calm()
      const resolve = 'mutation ($input: ResolveIncidentInput!) { resolveIncident(input: $input) { execution { status } } }'
      await cluster.graphql(resolve, { input: { executionId: killer, step: 1, resolution: 'retry' } })
      await expect.poll(async () => (await killerIs(killer)).status, patience).toBe('completed')
      expect(orders.deaths).toHaveLength(deaths)
      await stopKeeping()
    },
    startLimitMs,
  )
})
