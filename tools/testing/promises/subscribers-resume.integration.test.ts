import { setTimeout as sleep } from 'node:timers/promises'
import { type Instance, startInstance } from '@weconnect/testing/instance'
import { ifTrue, manual, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { type Ledger, openLedger } from '@weconnect/testing/promises/ledger'
import { executionsIn, readLog } from '@weconnect/testing/promises/recorded-log'
import { graphqlSubscriber, type SeenEvent, type Subscriber, socketSubscriber } from '@weconnect/testing/promises/subscribers'
import { post } from '@weconnect/testing/promises/workflows'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const kills = process.env['WECONNECT_LONG'] === '1' ? 10 : 2
const rounds = 60 + 40 * kills

let ledger: Ledger
let instance: Instance
beforeAll(async () => {
  ledger = await openLedger(() => 20)
  instance = await startInstance({ env: { WECONNECT_EGRESS_ALLOW: '127.0.0.1/32' } })
})
afterAll(async () => {
  await instance?.remove()
  await ledger?.close()
})

/** Slow enough to be watched: a call to the outside in every round. */
const watchable = () =>
  workflowFile(
    'To be watched',
    {
      Start: manual,
      Call: post(`${ledger.url}/call`, '={{ { "delivery": "round" } }}'),
      Count: setFields({ n: '={{ $runIndex + 1 }}' }),
      More: ifTrue(`={{ Number($json.n) < ${rounds} }}`),
    },
    ['Start -> Call', 'Call -> Count', 'Count -> More', 'More -> Call'],
    { executionOrder: 'v1' },
  )

const startExecution = async (): Promise<{ id: string; position: string }> => {
  const { importWorkflow } = await instance.graphql<{ importWorkflow: { workflows: readonly { workflow: { id: string } }[] } }>(
    'mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } } } }',
    { json: watchable() },
  )
  const { position } = (
    await instance.graphql<{ renameWorkflow: { position: string } }>(
      'mutation ($id: ID!) { renameWorkflow(workflowId: $id, name: "Watched") { position } }',
      { id: importWorkflow.workflows[0]?.workflow.id ?? '' },
    )
  ).renameWorkflow
  const { runWorkflow } = await instance.graphql<{ runWorkflow: { execution: { id: string } } }>(
    'mutation ($input: RunWorkflowInput!) { runWorkflow(input: $input) { execution { id } } }',
    { input: { workflowId: importWorkflow.workflows[0]?.workflow.id ?? '' } },
  )
  return { id: runWorkflow.execution.id, position }
}

const isOver = (seen: readonly SeenEvent[]): boolean => /Execution(Completed|Failed)/.test(seen.at(-1)?.type ?? '')

test('subscribers that connect again with their cursor across kill -9 see every event once and in order', async () => {
  const { id, position } = await startExecution()
  const subscribers: readonly Subscriber[] = [graphqlSubscriber(instance, id, position), socketSubscriber(instance, id)]
  for (const subscriber of subscribers) await subscriber.connect()
  for (let kill = 0; kill < kills; kill += 1) {
    const before = subscribers.map(({ seen }) => seen.length)
    const moved = (): boolean => subscribers.every(({ seen }, index) => seen.length > (before[index] ?? 0) + 3)
    await vi.waitFor(() => expect(moved()).toBe(true), 20_000)
    await sleep(Math.random() * 100)
    await instance.kill9()
    for (const subscriber of subscribers) await subscriber.disconnect()
    await instance.restart()
    for (const subscriber of subscribers) await subscriber.connect()
  }
  await vi.waitFor(() => expect(subscribers.map(({ seen }) => isOver(seen))).toEqual([true, true]), { timeout: 60_000, interval: 50 })

  const recorded = (executionsIn(await readLog(instance.dataFolder)).get(id) ?? []).map(({ eventId, revision, type }) => ({
    id: eventId,
    revision,
    type,
  }))
  console.log(`${recorded.length} events, ${kills} kills`)
  expect(recorded.filter(({ type }) => type === 'ExecutionClaimed')).toHaveLength(kills)
  expect(recorded.at(-1)?.type).toBe('ExecutionCompleted')
  const [graphql, socket] = subscribers.map(({ seen }) => seen)
  expect(graphql).toEqual(recorded)
  // It began without a cursor, somewhere in the middle.
  expect(socket).toEqual(recorded.slice(socket?.[0]?.revision))
})
