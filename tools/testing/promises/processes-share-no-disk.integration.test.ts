import { type Cluster, startCluster } from '@weconnect/testing/cluster'
import { ifTrue, manual, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { type Ledger, openLedger } from '@weconnect/testing/promises/ledger'
import { graphqlSubscriber, type SeenEvent, socketSubscriber } from '@weconnect/testing/promises/subscribers'
import { everySecond, hello, later, post } from '@weconnect/testing/promises/workflows'
import type { RoleProcess } from '@weconnect/testing/role-process'
import { afterAll, beforeAll, expect, test } from 'vitest'

/*
 * Every role as a process of its own: they meet in the log, in PostgreSQL, and nowhere else.
 */
const patience = { timeout: 60_000, interval: 100 }
const startLimitMs = 300_000

let ledger: Ledger
let cluster: Cluster
let gateway: RoleProcess
let realtime: RoleProcess
beforeAll(async () => {
  ledger = await openLedger(() => 100)
  cluster = await startCluster({ WECONNECT_EGRESS_ALLOW: '127.0.0.1/32' })
  const others = ['webhooks', 'engine', 'projections', 'scheduler'].map((role) => cluster.start(role))
  const [first, second] = await Promise.all([cluster.start('gateway'), cluster.start('realtime'), ...others])
  gateway = first
  realtime = second
}, startLimitMs)
afterAll(async () => {
  await cluster?.remove()
  await ledger?.close()
})

interface Row {
  readonly status: string
  readonly triggerType: string
}
const executions = async (): Promise<readonly Row[]> => {
  const query = '{ executions(first: 100) { edges { node { status triggerType } } } }'
  const { executions } = await cluster.graphql<{ executions: { edges: readonly { node: Row }[] } }>(query)
  return executions.edges.map(({ node }) => node)
}

test('a caller is answered by the process that took the call with what another process computed', async () => {
  await cluster.activate(hello.file)
  await cluster.activate(later.file)
  await expect.poll(async () => (await cluster.deliver(hello.path, { n: 7 })).status, patience).toBe(200)
  const answer = await cluster.deliver(hello.path, { n: 8 })
  expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ greeting: 'Hello 8' })])
  await expect.poll(async () => (await cluster.deliver(later.path, { n: 1 })).status, patience).toBe(200)
  await expect.poll(async () => (await executions()).map(({ status }) => status), patience).toEqual(['completed', 'completed', 'completed'])
})

/** Slow enough to be watched: a call to the outside in every round. */
const watchable = () =>
  workflowFile(
    'To be watched',
    {
      Start: manual,
      Call: post(`${ledger.url}/call`, '={{ { "delivery": "round" } }}'),
      Count: setFields({ n: '={{ $runIndex + 1 }}' }),
      More: ifTrue('={{ Number($json.n) < 40 }}'),
    },
    ['Start -> Call', 'Call -> Count', 'Count -> More', 'More -> Call'],
    { executionOrder: 'v1' },
  )

const follow = (seen: readonly SeenEvent[]): readonly number[] => seen.map(({ revision }) => revision)

test('what one process runs is seen live through two others, whole and in order', async () => {
  const { importWorkflow } = await cluster.graphql<{
    importWorkflow: { workflows: readonly { workflow: { id: string } }[]; position: string }
  }>('mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } } position } }', { json: watchable() })
  const { runWorkflow } = await cluster.graphql<{ runWorkflow: { execution: { id: string } } }>(
    'mutation ($input: RunWorkflowInput!) { runWorkflow(input: $input) { execution { id } } }',
    { input: { workflowId: importWorkflow.workflows[0]?.workflow.id ?? '' } },
  )
  const { id } = runWorkflow.execution
  const { token } = cluster
  const overGraphql = graphqlSubscriber({ url: () => gateway.url, token }, id, importWorkflow.position)
  const overSocket = socketSubscriber({ url: () => realtime.url, token }, id)
  await Promise.all([overSocket.connect(), overGraphql.connect()])
  try {
    const newest = () => [overGraphql, overSocket].map(({ seen }) => seen.at(-1)?.type)
    await expect.poll(newest, patience).toEqual(['ExecutionCompleted', 'ExecutionCompleted'])
    const all = follow(overGraphql.seen)
    expect(all).toEqual(all.map((_, index) => index))
    // Of a socket what comes from now on.
    expect(follow(overSocket.seen)).toEqual(all.slice(-overSocket.seen.length))
  } finally {
    await Promise.all([overSocket.disconnect(), overGraphql.disconnect()])
  }
})

test('what is activated at one process is fired by another, and ends when it is deactivated', async () => {
  const id = await cluster.activate(everySecond('one'))
  const scheduled = async (): Promise<number> => (await executions()).filter(({ triggerType }) => triggerType === 'schedule').length
  await expect.poll(scheduled, patience).toBeGreaterThanOrEqual(2)
  await cluster.graphql('mutation ($id: ID!) { deactivateWorkflow(workflowId: $id) { version } }', { id })
  await expect.poll(async () => (await executions()).every(({ status }) => status === 'completed'), patience).toBe(true)
})
