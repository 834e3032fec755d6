import type { JsonObject } from '@weconnect/contracts/json'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, workflowFile } from '@weconnect/testing/n8n-workflow'
import { afterAll, beforeAll, expect, test } from 'vitest'

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
})
afterAll(() => fixture?.close())

const sorted = async (code: string, type = 'sort') => {
  const parameters: JsonObject = { type: 'code', code, ...(type === 'itemLists' && { operation: 'sort' }) }
  const node = { type: `n8n-nodes-base.${type}`, version: type === 'sort' ? 1 : 3, parameters }
  const [report] = await fixture.workflows.importWorkflows(
    workflowFile('sorts', { Start: manual, Sort: node }, ['Start -> Sort']),
    fixture.context,
  )
  const input = [3, 1, 2].map((n) => ({ json: { n } }))
  const { executionId } = await fixture.executions.run({ workflowId: report!.workflowId, input }, fixture.context)
  await fixture.engine.endOf(executionId, AbortSignal.timeout(60_000))
  const { status, error, output } = await fixture.executions.view(executionId, fixture.context.organisationId)
  const items = status === 'completed' ? ((await output())[0] ?? []) : []
  return { error: JSON.stringify(error), items: items.map(({ json, pairedItem }) => [json['n'], pairedItem]) }
}

test.each(['sort', 'itemLists'])('%s sorts by the code of the user, and items stay linked', async (type) => {
  const { items } = await sorted('if (a.json.n < b.json.n) return -1\nreturn a.json.n > b.json.n ? 1 : 0', type)
  expect(items).toEqual([
    [1, { item: 1 }],
    [2, { item: 2 }],
    [3, { item: 0 }],
  ])
})

test.each([
  ['a.json.n - b.json.n', "doesn't return"],
  ['return process.exit()', 'process is not defined'],
  ['Array.prototype.toJSON = () => [0, 0, 7]; return 0', 'no order'],
])('%s fails the step', async (code, message) => expect((await sorted(code)).error).toContain(message))
