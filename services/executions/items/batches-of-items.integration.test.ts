import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { afterEach, beforeEach, expect, test } from 'vitest'

let fixture: EngineFixture
beforeEach(async () => {
  fixture = await openEngineFixture()
})
afterEach(() => fixture.close())

const trigger = { type: 'n8n-nodes-base.executeWorkflowTrigger', version: 1.1, parameters: { inputSource: 'passthrough' } }
const child = { id: 'n8n-child', ...workflowFile('Child', { Called: trigger, Set: setFields({ seen: 'yes' }) }, ['Called -> Set']) }
const call = {
  type: 'n8n-nodes-base.executeWorkflow',
  version: 1.2,
  parameters: { workflowId: { __rl: true, mode: 'list', value: 'n8n-child' }, options: { batchSize: 2 } },
}
const parent = { id: 'n8n-parent', ...workflowFile('Parent', { Start: manual, Call: call }, ['Start -> Call']) }

test('a workflow and the one that it calls are imported and run as they are: a call for every two items, each an execution', async () => {
  const { workflows, executions, engine, context } = fixture
  const [{ workflowId } = { workflowId: '' }] = await workflows.importWorkflows(parent, context)
  const [{ workflowId: childId } = { workflowId: '' }] = await workflows.importWorkflows(child, context)
  const input = [1, 2, 3, 4, 5].map((n) => ({ json: { n } }))
  const { executionId } = await executions.run({ workflowId, input }, context)
  await engine.endOf(executionId, AbortSignal.timeout(60_000))
  const view = await executions.view(executionId, context.organisationId)
  expect((await view.output())[0]!.map(({ json }) => json)).toEqual([1, 2, 3, 4, 5].map((n) => ({ n, seen: 'yes' })))
  const requested = (await fixture.journal.readAll({ limit: 1_000 })).flatMap((event) =>
    event.type === 'ExecutionRequested' && event.data.workflowId === childId ? [event.data] : [],
  )
  expect(requested.map((data) => [data.parentExecutionId, (data.input as unknown[][])[0]!.length])).toEqual([
    [executionId, 2],
    [executionId, 2],
    [executionId, 1],
  ])
  expect(await executions.replay(executionId, context.organisationId)).toMatchObject({ equal: true, differences: [] })
})
