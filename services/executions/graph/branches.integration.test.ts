import type { JsonObject } from '@weconnect/contracts/json'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, noOp, workflowFile } from '@weconnect/testing/n8n-workflow'
import { testNode } from '@weconnect/testing/test-nodes'
import { afterEach, beforeEach, expect, test } from 'vitest'

let gate = Promise.withResolvers<void>()
let [running, most] = [0, 0]
const slow = testNode('test.slow', 'external', async (context) => {
  running += 1
  most = Math.max(most, running)
  await Promise.race([gate.promise, new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }))])
  running -= 1
  return [await context.items()]
})
let fixture: EngineFixture
beforeEach(async () => {
  ;[running, most, gate] = [0, 0, Promise.withResolvers()]
  fixture = await openEngineFixture({ nodes: [slow] })
})
afterEach(async () => {
  gate.resolve()
  await fixture.close()
})

const begin = async (file: JsonObject): Promise<string> => {
  const [report] = await fixture.workflows.importWorkflows(file, fixture.context)
  return (await fixture.executions.run({ workflowId: report!.workflowId, input: [{ json: {} }] }, fixture.context)).executionId
}
const view = (id: string) => fixture.executions.view(id, fixture.context.organisationId)
const ended = async (id: string) => (await fixture.engine.endOf(id, AbortSignal.timeout(60_000))).state
const completedNodes = async (id: string) =>
  (await view(id)).steps.filter(({ status }) => status === 'completed').map(({ nodeName }) => nodeName)

test.each([
  [{ maxParallel: 2 }, 2],
  [{}, 6],
])('with settings %j at most %i of six branches run at the same time, and all of them run', async (settings, limit) => {
  const names = Array.from({ length: 6 }, (_, index) => `Branch ${index}`)
  const nodes = Object.fromEntries(names.map((name) => [name, { type: 'test.slow' }]))
  const file = workflowFile(
    'wide',
    { Start: manual, ...nodes },
    names.map((name) => `Start -> ${name}`),
    { executionOrder: 'parallel', ...settings },
  )
  const id = await begin(file)
  await expect.poll(() => running, { timeout: 60_000 }).toBe(limit)
  gate.resolve()
  expect((await ended(id)).steps).toHaveLength(7)
  expect(most).toBe(limit)
})

test('parallel: an incident of one branch keeps no other back, also over a restart; resolved, the execution comes to its end', async () => {
  const file = workflowFile(
    'doubt',
    {
      Start: manual,
      Doubt: { type: 'test.slow', options: { afterCrash: 'incident' } },
      'After doubt': noOp,
      Wait: { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { amount: 2, unit: 'seconds' } },
      'After wait': noOp,
    },
    ['Start -> Doubt', 'Doubt -> After doubt', 'Start -> Wait', 'Wait -> After wait'],
    { executionOrder: 'parallel' },
  )
  const id = await begin(file)
  await expect.poll(() => running, { timeout: 60_000 }).toBe(1)
  const { folder } = fixture
  await fixture.stop()
  fixture = await openEngineFixture({ folder, nodes: [slow] })
  await expect.poll(async () => (await view(id)).status, { timeout: 60_000 }).toBe('incident')
  await expect.poll(() => completedNodes(id), { timeout: 60_000 }).toContain('After wait')
  expect(await view(id)).toMatchObject({ status: 'incident' })
  const step = (await view(id)).incidents[0]!.step
  await fixture.executions.resolveIncident(
    { executionId: id, step, resolution: 'skip', outputs: [[{ json: { by: 'hand' } }]] },
    fixture.context,
  )
  expect((await ended(id)).status).toBe('completed')
  expect(await completedNodes(id)).toContain('After doubt')
})
