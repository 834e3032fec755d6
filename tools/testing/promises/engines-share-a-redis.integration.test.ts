import { openRedis } from '@weconnect/redis/connect'
import { type Cluster, startCluster } from '@weconnect/testing/cluster'
import { missingEngines, type OwnEngine, ownEngine } from '@weconnect/testing/engines'
import { later } from '@weconnect/testing/promises/workflows'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/* Two engines beside each other with their queues in a real Redis: they share the work, and neither a dead engine nor an emptied Redis loses any of it. */
const patience = { timeout: 100_000, interval: 200 }
const startLimitMs = 240_000

interface Page {
  readonly edges: readonly { readonly node: { readonly status: string } }[]
}

describe.skipIf(await missingEngines('redis'))('two engines with their queues in Redis', () => {
  let redis: OwnEngine
  let cluster: Cluster
  beforeAll(async () => {
    redis = await ownEngine('redis')
    cluster = await startCluster(redis.variables)
    await Promise.all([
      cluster.start('gateway'),
      cluster.start('webhooks'),
      cluster.start('engine'),
      cluster.start('engine'),
      cluster.start('projections'),
    ])
    await cluster.activate(later.file)
  }, startLimitMs)
  afterAll(async () => {
    await cluster?.remove()
    await redis?.remove()
  })

  const deliverAll = async (count: number, between: (n: number) => Promise<void> = async () => undefined): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      await expect.poll(async () => (await cluster.deliver(later.path, { n })).status, patience).toBe(200)
      await between(n)
    }
  }
  const statuses = async (): Promise<readonly string[]> => {
    const { executions } = await cluster.graphql<{ executions: Page }>('{ executions(first: 100) { edges { node { status } } } }')
    return executions.edges.map(({ node }) => node.status)
  }
  const begun = async (): Promise<readonly { readonly worker: string }[]> => {
    const query = '{ events(types: ["ExecutionStarted"], first: 100) { edges { node { data } } } }'
    const { events } = await cluster.graphql<{ events: { edges: readonly { node: { data: { worker: string } } }[] } }>(query)
    return events.edges.map(({ node }) => node.data)
  }
  const emptyRedis = async (): Promise<void> => {
    const link = await openRedis({ url: redis.variables['REDIS_URL'] ?? '', prefix: 'x' })
    await link.commands.flushall()
    await link.close()
  }

  test(
    'they share the work; with one killed and Redis emptied in the middle all of it is done, once',
    async () => {
      await deliverAll(20)
      await expect.poll(statuses, patience).toEqual(Array(20).fill('completed'))
      expect(new Set((await begun()).map(({ worker }) => worker)).size).toBe(2)
      const [engine] = cluster.processes.filter(({ name }) => name === 'engine')
      await deliverAll(30, async (n) => {
        if (n === 10) await emptyRedis()
        if (n === 20) await engine?.kill9()
        if (n === 25) await emptyRedis()
      })
      await expect.poll(statuses, patience).toEqual(Array(50).fill('completed'))
      expect(await begun()).toHaveLength(50)
    },
    startLimitMs,
  )
})
