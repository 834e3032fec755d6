import { type Cluster, startCluster } from '@weconnect/testing/cluster'
import { workflowFile } from '@weconnect/testing/n8n-workflow'
import { openClusterLog } from '@weconnect/testing/promises/cluster-log'
import { type Ledger, openLedger } from '@weconnect/testing/promises/ledger'
import { allEvents, endingsOf, executionsIn, openExecutionsIn } from '@weconnect/testing/promises/recorded-log'
import { post, webhook } from '@weconnect/testing/promises/workflows'
import { recountSlots } from '@weconnect/testing/recount-slots'
import type { RoleProcess } from '@weconnect/testing/role-process'
import { afterAll, beforeAll, expect, test } from 'vitest'

/*
 * Two engines on one log, a limit of two at a time for each customer; the engine that dies leaves its slots to who takes its executions over.
 */
const patience = { timeout: 120_000, interval: 100 }
const customers = 4
const calls = 24
const limited = workflowFile(
  'Limited',
  { Webhook: webhook('limited', 'onReceived'), Slow: post('LEDGER/slow', '={{ { "delivery": String($json.body.n) } }}') },
  ['Webhook -> Slow'],
  { executionOrder: 'v1', flowControl: { concurrency: { limit: 2, key: '={{ $json.body.customer }}' } } },
)

let ledger: Ledger
let cluster: Cluster
let engines: readonly RoleProcess[]
beforeAll(async () => {
  ledger = await openLedger(() => 500)
  cluster = await startCluster({ WECONNECT_EGRESS_ALLOW: '127.0.0.1/32' })
  const [, , ...both] = await Promise.all([
    cluster.start('gateway', 'projections'),
    ...['webhooks', 'engine', 'engine'].map((role) => cluster.start(role)),
  ])
  engines = both
}, 300_000)
afterAll(async () => {
  await cluster?.remove()
  await ledger?.close()
})

test('one of two engines killed -9: never more than the limit at once, and all of them finish', async () => {
  await cluster.activate(JSON.parse(JSON.stringify(limited).replaceAll('LEDGER', ledger.url)))
  const deliver = async (n: number): Promise<number> => (await cluster.deliver('limited', { n, customer: `c${n % customers}` })).status
  await expect.poll(() => deliver(0), patience).toBe(200)
  await Promise.all(Array.from({ length: calls - 1 }, async (_, index) => expect(await deliver(index + 1)).toBe(200)))
  await expect.poll(() => ledger.entries.length, patience).toBeGreaterThanOrEqual(customers)
  await engines[0]?.kill9()

  const log = await openClusterLog(cluster)
  try {
    await expect.poll(() => openExecutionsIn(log.store), patience).toEqual([])
    const held = async () => [...(await recountSlots(log.journal)).held.values()].flat()
    await expect.poll(held, patience).toEqual([])
    const count = await recountSlots(log.journal)
    expect(count.problems).toEqual([])
    expect([...count.most.values()]).toEqual(Array.from({ length: customers }, () => 2))
    const executions = [...executionsIn(await allEvents(log.journal)).values()]
    expect(executions.map(endingsOf)).toEqual(Array.from({ length: calls }, () => ['ExecutionCompleted']))
    expect(executions.some((events) => events.some(({ type }) => type === 'ExecutionClaimed'))).toBe(true)
  } finally {
    await log.close()
  }
}, 300_000)
