import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, noOp, workflowFile } from '@weconnect/testing/n8n-workflow'
import { afterAll, beforeAll, expect, test } from 'vitest'

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
})
afterAll(() => fixture?.close())

const many = 100_000

test('100,000 items pass through steps: references too many for one event are kept like items', async () => {
  const split = { type: 'n8n-nodes-base.splitOut', version: 1, parameters: { fieldToSplitOut: 'list', options: {} } }
  const file = workflowFile('many', { Start: manual, Split: split, Pass: noOp, Again: noOp }, [
    'Start -> Split',
    'Split -> Pass',
    'Pass -> Again',
  ])
  const { workflowId } = (await fixture.workflows.importWorkflows(file, fixture.context))[0]!
  const list = Array.from({ length: many }, (_, index) => index)
  const { executionId } = await fixture.executions.run({ workflowId, input: [{ json: { list } }] }, fixture.context)
  await fixture.engine.endOf(executionId, AbortSignal.timeout(100_000))
  const view = await fixture.executions.view(executionId, fixture.context.organisationId)
  expect(view.status).toBe('completed')
  const items = (await view.output())[0] ?? []
  expect([items.length, items[0]?.json, items.at(-1)?.json]).toEqual([many, { list: 0 }, { list: many - 1 }])
})
