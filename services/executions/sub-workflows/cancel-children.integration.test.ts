import type { JsonObject } from '@weconnect/contracts/json'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, workflowFile } from '@weconnect/testing/n8n-workflow'
import { testNode } from '@weconnect/testing/test-nodes'
import { afterEach, beforeEach, expect, test } from 'vitest'

const trigger = { type: 'n8n-nodes-base.executeWorkflowTrigger', version: 1 }
let aborted = 0
const endless = testNode('test.endless', 'external', async (context) => {
  await new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }))
  aborted += 1
  throw new Error('stopped')
})
let fixture: EngineFixture
beforeEach(async () => {
  aborted = 0
  fixture = await openEngineFixture({ nodes: [endless] })
})
afterEach(() => fixture.close())

const add = async (file: JsonObject): Promise<string> => (await fixture.workflows.importWorkflows(file, fixture.context))[0]!.workflowId
const calls = (workflowId: string, options: JsonObject = {}, mode = 'once') => ({
  type: 'n8n-nodes-base.executeWorkflow',
  version: 1.2,
  parameters: { workflowId: { __rl: true, mode: 'id', value: workflowId }, mode, options },
})
const wait = { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { amount: 1, unit: 'days' } }
const family = async () => {
  const child = await add(workflowFile('child', { Start: trigger, Endless: { type: 'test.endless' } }, ['Start -> Endless']))
  const middle = await add(workflowFile('middle', { Start: trigger, Call: calls(child) }, ['Start -> Call']))
  return add(workflowFile('parent', { Start: manual, Call: calls(middle) }, ['Start -> Call']))
}
const run = async (workflowId: string, items = 1): Promise<string> =>
  (await fixture.executions.run({ workflowId, input: Array.from({ length: items }, (_, n) => ({ json: { n } })) }, fixture.context))
    .executionId
const executions = async (): Promise<readonly string[]> => {
  const events = await fixture.journal.readAll({ limit: 1000 })
  return events.filter(({ type }) => type === 'ExecutionRequested').map(({ stream }) => stream.slice('execution-'.length))
}
const statuses = async () =>
  Promise.all((await executions()).map(async (id) => (await fixture.executions.view(id, fixture.context.organisationId)).status))

test('the end of an execution that was cancelled is that of all it waits for, and of their running steps', async () => {
  const id = await run(await family())
  await expect.poll(executions, { timeout: 60_000 }).toHaveLength(3)
  await fixture.executions.cancel(id, 'enough', fixture.context)
  await expect.poll(statuses, { timeout: 60_000 }).toEqual(['cancelled', 'cancelled', 'cancelled'])
  expect(aborted).toBe(1)
})

test('so it is with one that ran into its time limit, and with one whose child waits', async () => {
  const child = await add(workflowFile('child', { Start: trigger, Wait: wait }, ['Start -> Wait']))
  const settings = { executionOrder: 'v1', executionTimeout: 1 }
  const id = await run(await add(workflowFile('parent', { Start: manual, Call: calls(child) }, ['Start -> Call'], settings)))
  await expect.poll(statuses, { timeout: 60_000 }).toEqual(['timeout', 'cancelled'])
  expect((await fixture.executions.view(id, fixture.context.organisationId)).status).toBe('timeout')
})

test('of several calls the one that runs is stopped; what is not waited for goes on by itself', async () => {
  const alone = await add(workflowFile('alone', { Start: trigger, Wait: wait }, ['Start -> Wait']))
  const child = await add(
    workflowFile(
      'each',
      {
        Start: trigger,
        If: {
          type: 'n8n-nodes-base.filter',
          version: 2,
          parameters: {
            conditions: {
              combinator: 'and',
              conditions: [{ leftValue: '={{ $json.n }}', rightValue: 1, operator: { type: 'number', operation: 'gte' } }],
              options: {},
            },
            options: {},
          },
        },
        Wait: wait,
      },
      ['Start -> If', 'If -> Wait'],
    ),
  )
  const parent = await add(
    workflowFile('parent', { Start: manual, Alone: calls(alone, { waitForSubWorkflow: false }), Each: calls(child, {}, 'each') }, [
      'Start -> Alone',
      'Alone -> Each',
    ]),
  )
  const id = await run(parent, 3)
  await expect.poll(statuses, { timeout: 60_000 }).toEqual(['running', 'waiting', 'completed', 'waiting'])
  await fixture.executions.cancel(id, undefined, fixture.context)
  await expect.poll(statuses, { timeout: 60_000 }).toEqual(['cancelled', 'waiting', 'completed', 'cancelled'])
})
