import type { JsonObject } from '@weconnect/contracts/json'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, type NodeSketch, noOp, workflowFile } from '@weconnect/testing/n8n-workflow'
import { afterEach, beforeEach, expect, test } from 'vitest'

let fixture: EngineFixture
beforeEach(async () => {
  fixture = await openEngineFixture()
})
afterEach(() => fixture.close())

const node = (parameters: JsonObject): NodeSketch => ({ type: 'n8n-nodes-base.removeDuplicates', version: 2, parameters })
const seen = (options: JsonObject = {}) =>
  node({ operation: 'removeItemsSeenInPreviousExecutions', dedupeValue: '={{ $json.id }}', options })

const imported = async (nodes: Readonly<Record<string, NodeSketch>>, edges: readonly string[]): Promise<string> => {
  const [{ workflowId } = { workflowId: '' }] = await fixture.workflows.importWorkflows(
    workflowFile('memory', { Start: manual, ...nodes }, edges),
    fixture.context,
  )
  return workflowId
}

/** Ids that each output of a node gave. */
const run = async (workflowId: string, ids: readonly number[], nodeName = 'Seen') => {
  const input = ids.map((id) => ({ json: { id } }))
  const { executionId } = await fixture.executions.run({ workflowId, input }, fixture.context)
  await fixture.engine.endOf(executionId, AbortSignal.timeout(60_000))
  const view = await fixture.executions.view(executionId, fixture.context.organisationId)
  expect(view.status).toBe('completed')
  const step = view.steps.find((each) => each.nodeName === nodeName)!
  return { executionId, ids: (await step.output()).map((items) => (items ?? []).map(({ json }) => json['id'])) }
}

test('the next execution takes only what is new; a replay of the one before says what it said then', async () => {
  const workflowId = await imported({ Seen: seen(), New: noOp, Old: noOp }, ['Start -> Seen', 'Seen:0 -> New', 'Seen:1 -> Old'])
  const first = await run(workflowId, [1, 2])
  const second = await run(workflowId, [2, 3])
  expect([first.ids, second.ids]).toEqual([
    [[1, 2], []],
    [[3], [2]],
  ])
  for (const { executionId } of [first, second])
    expect(await fixture.executions.replay(executionId, fixture.context.organisationId)).toMatchObject({ equal: true, differences: [] })
  expect((await run(workflowId, [1, 2, 3, 4])).ids).toEqual([[4], [1, 2, 3]])
})

test('two nodes share the memory of their workflow when they say so; clearing it forgets', async () => {
  const shared = { scope: 'workflow' }
  const nodes = { Seen: seen(shared), Again: seen(shared), Clear: node({ operation: 'clearDeduplicationHistory', options: shared }) }
  const workflowId = await imported(nodes, ['Start -> Seen', 'Seen:0 -> Again', 'Again:1 -> Clear'])
  expect((await run(workflowId, [1, 2], 'Again')).ids).toEqual([[], [1, 2]])
  expect((await run(workflowId, [1])).ids).toEqual([[1], []])
})

test('another run of the node in the same execution is compared with the one before', async () => {
  const workflowId = await imported({ Left: noOp, Right: noOp, Seen: seen() }, [
    'Start -> Left',
    'Start -> Right',
    'Left -> Seen',
    'Right -> Seen',
  ])
  const { executionId } = await run(workflowId, [1])
  const { steps } = await fixture.executions.view(executionId, fixture.context.organisationId)
  expect(steps.filter(({ nodeName }) => nodeName === 'Seen').map(({ outputCounts }) => outputCounts)).toEqual([
    [1, 0],
    [0, 1],
  ])
})
