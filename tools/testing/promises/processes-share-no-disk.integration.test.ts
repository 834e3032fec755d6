import { type Cluster, startCluster } from '@weconnect/testing/cluster'
import { hello, later } from '@weconnect/testing/promises/workflows'
import { afterAll, beforeAll, expect, test } from 'vitest'

/*
 * Every role as a process of its own: they meet in the log, in PostgreSQL, and nowhere else.
 */
const patience = { timeout: 60_000, interval: 100 }
const startLimitMs = 180_000

let cluster: Cluster
beforeAll(async () => {
  cluster = await startCluster()
  await Promise.all([cluster.start('gateway'), cluster.start('webhooks'), cluster.start('engine'), cluster.start('projections')])
  await cluster.activate(hello.file)
  await cluster.activate(later.file)
}, startLimitMs)
afterAll(async () => {
  await cluster?.remove()
})

const statuses = async (): Promise<readonly string[]> => {
  const query = '{ executions(first: 100) { edges { node { status } } } }'
  const { executions } = await cluster.graphql<{ executions: { edges: readonly { node: { status: string } }[] } }>(query)
  return executions.edges.map(({ node }) => node.status)
}

test('a caller is answered by the process that took the call with what another process computed', async () => {
  await expect.poll(async () => (await cluster.deliver(hello.path, { n: 7 })).status, patience).toBe(200)
  const answer = await cluster.deliver(hello.path, { n: 8 })
  expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ greeting: 'Hello 8' })])
  await expect.poll(async () => (await cluster.deliver(later.path, { n: 1 })).status, patience).toBe(200)
  await expect.poll(statuses, patience).toEqual(['completed', 'completed', 'completed'])
})
