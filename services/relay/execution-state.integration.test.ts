import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, noOp, workflowFile } from '@weconnect/testing/n8n-workflow'
import { testNode } from '@weconnect/testing/test-nodes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ExecutionState, foldExecution } from './execution-state.ts'
import { recordedEvent } from './recorded-event.ts'

/** Its first run never ends by itself, so that the next process does not know what it did. */
let isCutOff = true
const pay = testNode('test.pay', 'external', async (context) => {
  if (isCutOff) await new Promise(() => undefined)
  return [await context.items()]
})
const approval = { type: 'weconnect.approval', parameters: {} }

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture({ nodes: [pay] })
})
afterAll(() => fixture?.close())

/** What the topic says of an execution when everything up to now is in it. */
const published = async (executionId: string): Promise<ExecutionState> => {
  let state: ExecutionState | undefined
  for await (const event of fixture.store.read(`execution-${executionId}`)) state = foldExecution(state, recordedEvent(event))
  return state!
}

/** Waits until it is so for readers of the log, and then holds the topic against it. */
const becomes = async (executionId: string, status: string): Promise<ExecutionState> => {
  const { organisationId } = fixture.context
  await expect.poll(async () => (await fixture.executions.view(executionId, organisationId)).status, { timeout: 60_000 }).toBe(status)
  const state = await published(executionId)
  expect(state.status).toBe(status)
  return state
}

test('the topic of newest states knows what people hold up: an incident, a pause in it, an approval, a pause, and the end', async () => {
  const file = workflowFile(
    'pays',
    { Start: manual, Pay: { type: 'test.pay', options: { afterCrash: 'incident' } }, Ask: approval, End: noOp },
    ['Start -> Pay', 'Pay -> Ask', 'Ask -> End'],
  )
  const [{ workflowId } = { workflowId: '' }] = await fixture.workflows.importWorkflows(file, fixture.context)
  const { executionId } = await fixture.executions.run({ workflowId }, fixture.context)
  await expect
    .poll(async () => (await fixture.executions.view(executionId, fixture.context.organisationId)).steps.length, { timeout: 60_000 })
    .toBe(2)
  await becomes(executionId, 'running')

  const { folder } = fixture
  await fixture.stop()
  isCutOff = false
  fixture = await openEngineFixture({ folder, nodes: [pay] })
  await becomes(executionId, 'incident')
  await fixture.executions.pause(executionId, 'look first', fixture.context)
  await becomes(executionId, 'incident')
  await fixture.executions.resolveIncident({ executionId, step: 1, resolution: 'retry' }, fixture.context)
  await becomes(executionId, 'paused')
  await fixture.executions.resume(executionId, undefined, fixture.context)
  expect(await becomes(executionId, 'waiting')).toMatchObject({ waitFor: 'approval' })
  await fixture.executions.pause(executionId, undefined, fixture.context)
  await becomes(executionId, 'paused')
  await fixture.executions.decideApproval({ executionId, approved: true, role: 'owner' }, fixture.context)
  await becomes(executionId, 'paused')
  await fixture.executions.resume(executionId, undefined, fixture.context)
  expect(await becomes(executionId, 'completed')).toMatchObject({ stepsCompleted: 4, endedAt: expect.any(String) })
})
