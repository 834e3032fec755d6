import { type Cluster, startCluster } from '@weconnect/testing/cluster'
import { webhookFile } from '@weconnect/testing/live-webhook'
import { openClusterLog } from '@weconnect/testing/promises/cluster-log'
import { allEvents, executionsIn } from '@weconnect/testing/promises/recorded-log'
import type { RoleProcess } from '@weconnect/testing/role-process'
import { afterAll, beforeAll, expect, test } from 'vitest'

/* A gateway at which somebody listens, two processes with webhooks that are called, and an engine. */
const startLimitMs = 300_000
const limitMs = 60_000

let cluster: Cluster
let gateway: RoleProcess
let doors: readonly RoleProcess[]
beforeAll(async () => {
  cluster = await startCluster()
  gateway = await cluster.start('gateway')
  doors = await Promise.all([cluster.start('webhooks'), cluster.start('webhooks'), cluster.start('engine')]).then((all) => all.slice(0, 2))
}, startLimitMs)
afterAll(() => cluster?.remove())

const importIt = async (path: string): Promise<string> => {
  const mutation = 'mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } } } }'
  const json = webhookFile(path)
  const { importWorkflow } = await cluster.graphql<{ importWorkflow: { workflows: { workflow: { id: string } }[] } }>(mutation, { json })
  return importWorkflow.workflows[0]?.workflow.id ?? ''
}
const listen = (id: string, forSeconds = 120): Promise<unknown> =>
  cluster.graphql(
    'mutation ($id: ID!, $forSeconds: Int) { listenForTestWebhook(workflowId: $id, forSeconds: $forSeconds) { expiresAt } }',
    {
      ...{ id, forSeconds },
    },
  )
const call = async ({ url }: RoleProcess, path: string): Promise<number> => {
  const answer = await fetch(`${url}/webhook-test/${path}`, { method: 'POST', signal: AbortSignal.timeout(limitMs) })
  await answer.text()
  return answer.status
}
const executions = async (): Promise<number> => {
  const log = await openClusterLog(cluster)
  try {
    return executionsIn(await allEvents(log.journal)).size
  } finally {
    await log.close()
  }
}

test('of calls that come to all processes at once, one is taken', async () => {
  const id = await importIt('at-once')
  expect(await call(doors[0] as RoleProcess, 'at-once')).toBe(404)
  const before = await executions()
  for (let round = 0; round < 5; round += 1) {
    await listen(id)
    const callers = [...doors, gateway].flatMap((door) => [door, door, door])
    const statuses = await Promise.all(callers.map((door) => call(door, 'at-once')))
    expect(statuses.sort()).toEqual([200, 404, 404, 404, 404, 404, 404, 404, 404])
  }
  expect((await executions()) - before).toBe(5)
}, 180_000)

test('a path that one workflow listens at is refused to another', async () => {
  const [one, other] = [await importIt('shared'), await importIt('shared')]
  await listen(one)
  await expect(listen(other)).rejects.toThrow(/Another workflow listens/)
  expect(await call(doors[1] as RoleProcess, 'shared')).toBe(200)
  await listen(other)
}, 60_000)

test('when the gateway is killed, a call is still answered, and nobody listens when the time is over', async () => {
  const [heard, unheard] = [await importIt('heard'), await importIt('unheard')]
  const other = await importIt('unheard')
  await listen(heard)
  await listen(unheard, 2)
  await gateway.kill9()
  expect(await call(doors[0] as RoleProcess, 'heard')).toBe(200)
  expect(await call(doors[1] as RoleProcess, 'heard')).toBe(404)
  // Another method, so that it is not taken by who looks.
  await expect
    .poll(async () => (await fetch(`${doors[1]?.url}/webhook-test/unheard`)).status, { timeout: limitMs, interval: 200 })
    .toBe(404)
  expect(await call(doors[0] as RoleProcess, 'unheard')).toBe(404)
  await gateway.restart()
  await listen(other)
  expect(await call(doors[0] as RoleProcess, 'unheard')).toBe(200)
}, 180_000)
