import type { JsonObject } from '@weconnect/contracts/json'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { ifTrue, manual, noOp, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { testNode } from '@weconnect/testing/test-nodes'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let fixture: EngineFixture
/** What the outside was asked, in order. */
let calls: string[] = []
let outsideIsDown = false
beforeEach(async () => {
  calls = []
  outsideIsDown = false
  const outside = testNode('test.outside', 'external', async (context) => {
    calls.push(context.node.name)
    if (outsideIsDown) throw new Error('the outside is down')
    return [
      (await context.items()).map(({ json }, index) => ({
        json: { ...json, [context.node.name]: calls.length },
        pairedItem: { item: index },
      })),
    ]
  })
  fixture = await openEngineFixture({ nodes: [outside] })
})
afterEach(async () => fixture.close())

const outside = { type: 'test.outside' }
const chain = workflowFile(
  'chain',
  { Start: manual, Charge: outside, Greet: setFields({ text: '=Hello {{ $json.name }}' }), Ship: outside, Done: noOp },
  ['Start -> Charge', 'Charge -> Greet', 'Greet -> Ship', 'Ship -> Done'],
)

const add = async (file: JsonObject): Promise<string> => (await fixture.workflows.importWorkflows(file, fixture.context))[0]!.workflowId
const end = (executionId: string) => fixture.engine.endOf(executionId, AbortSignal.timeout(60_000))
const run = async (workflowId: string, json: JsonObject): Promise<string> => {
  const { executionId } = await fixture.executions.run({ workflowId, input: [{ json }] }, fixture.context)
  await end(executionId)
  return executionId
}
type Request = Parameters<typeof fixture.executions.fork>[1]
const forked = async (executionId: string, request: Request) => {
  const fork = await fixture.executions.fork(executionId, request, fixture.context)
  await end(fork.executionId)
  const view = await fixture.executions.view(fork.executionId, fixture.context.organisationId)
  return { view, items: ((await view.output())[0] ?? []).map(({ json }) => json) }
}
const replayed = (executionId: string) => fixture.executions.replay(executionId, fixture.context.organisationId)

describe('a fork', () => {
  test('from a node takes over what came before it, and asks the outside for nothing that it did before', async () => {
    const first = await run(await add(chain), { name: 'Ada' })
    expect(calls).toEqual(['Charge', 'Ship'])
    const { view, items } = await forked(first, { from: { node: 'Ship' } })
    expect(calls).toEqual(['Charge', 'Ship', 'Ship'])
    expect(items).toEqual([{ name: 'Ada', text: 'Hello Ada', Charge: 1, Ship: 3 }])
    expect(view).toMatchObject({ status: 'completed', forkedFrom: { executionId: first, step: 3 } })
    expect(view.steps.map(({ nodeName, status }) => [nodeName, status])).toEqual([
      ['Start', 'completed'],
      ['Charge', 'completed'],
      ['Greet', 'completed'],
      ['Ship', 'completed'],
      ['Done', 'completed'],
    ])
    expect((await view.steps[1]!.output())[0]![0]!.json).toEqual({ name: 'Ada', Charge: 1 })
    expect((await fixture.executions.view(first, fixture.context.organisationId)).status).toBe('completed')
  })

  test('from the beginning may be given other items', async () => {
    const first = await run(await add(chain), { name: 'Ada' })
    const { items } = await forked(first, { from: {}, items: [{ json: { name: 'Bob' } }] })
    expect(items).toEqual([{ name: 'Bob', text: 'Hello Bob', Charge: 3, Ship: 4 }])
    await expect(fixture.executions.fork(first, { from: { step: 2 }, items: [] }, fixture.context)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })

  test('n8n #365: of a failed execution goes on from the step that failed', async () => {
    outsideIsDown = true
    const first = await run(await add(chain), { name: 'Ada' })
    outsideIsDown = false
    const { view, items } = await forked(first, { from: 'failedStep' })
    expect(view).toMatchObject({ status: 'completed', forkedFrom: { executionId: first, step: 1 } })
    expect(items).toEqual([{ name: 'Ada', text: 'Hello Ada', Charge: 2, Ship: 3 }])
    await expect(fixture.executions.fork(view.executionId, { from: 'failedStep' }, fixture.context)).rejects.toMatchObject({
      code: 'INVALID_STATE',
    })
  })

  test('can be forked again, and its replay is equal', async () => {
    const file = workflowFile(
      'choice',
      {
        Start: manual,
        Check: ifTrue('={{ $json.n > 1 }}'),
        Lucky: setFields({ lucky: '={{ Math.floor(Math.random() * 1e9) }}' }),
        Last: noOp,
      },
      ['Start -> Check', 'Check -> Lucky', 'Lucky -> Last'],
    )
    const first = await run(await add(file), { n: 2 })
    const second = await forked(first, { from: { node: 'Check' } })
    const third = await forked(second.view.executionId, { from: { node: 'Last' } })
    const before = await fixture.executions.view(first, fixture.context.organisationId)
    expect(third.items).toEqual((await before.output())[0]!.map(({ json }) => json))
    expect(second.items).toEqual(third.items)
    for (const { view } of [second, third])
      expect(await replayed(view.executionId)).toMatchObject({ equal: true, foldEqual: true, steps: 4 })
  })

  test('n8n #12957: with the newest version keeps the recorded steps and runs the others as they are now', async () => {
    const workflowId = await add(chain)
    const first = await run(workflowId, { name: 'Ada' })
    const { workflow } = await fixture.workflows.load(workflowId, fixture.context.organisationId)
    const nodeId = [...workflow.nodes.values()].find(({ name }) => name === 'Greet')!.nodeId
    const target = { workflowId, organisationId: fixture.context.organisationId }
    const parameters = setFields({ text: '=Good day {{ $json.name }}' }).parameters as JsonObject
    await fixture.workflows.handle({ type: 'ConfigureNode', ...target, nodeId, parameters }, fixture.context)
    const after = await forked(first, { from: { node: 'Ship' }, version: 'newest' })
    expect(after.items).toEqual([{ name: 'Ada', text: 'Hello Ada', Charge: 1, Ship: 3 }])
    // What was taken over is given to a replay; only the node of this test, which records no calls, counts on.
    expect((await replayed(after.view.executionId)).differences.map(({ nodeName }) => nodeName)).toEqual(['Ship'])
    expect((await forked(first, { from: { node: 'Greet' }, version: 'newest' })).items[0]).toMatchObject({ text: 'Good day Ada' })

    const charge = [...workflow.nodes.values()].find(({ name }) => name === 'Charge')!.nodeId
    await fixture.workflows.handle({ type: 'RemoveNode', ...target, nodeId: charge }, fixture.context)
    await expect(fixture.executions.fork(first, { from: { node: 'Ship' }, version: 'newest' }, fixture.context)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('step 1 ("Charge")'),
    })
  })

  test('that is asked for twice under one id is begun once', async () => {
    const first = await run(await add(chain), { name: 'Ada' })
    const executionId = '5c0b2f5e-0000-4000-8000-00000000f0f0'
    const { view } = await forked(first, { from: { node: 'Ship' }, executionId })
    expect(view).toMatchObject({ executionId, forkedFrom: { executionId: first, step: 3 } })
    await expect(fixture.executions.fork(first, { from: {}, executionId }, fixture.context)).rejects.toMatchObject({
      code: 'REVISION_CONFLICT',
    })
    expect(calls).toEqual(['Charge', 'Ship', 'Ship'])
    expect((await fixture.executions.view(executionId, fixture.context.organisationId)).revision).toBe(view.revision)
  })

  test('is refused where it cannot be', async () => {
    const first = await run(await add(chain), { name: 'Ada' })
    const refused = async (request: Request, code: string, context = fixture.context) =>
      expect(fixture.executions.fork(first, request, context)).rejects.toMatchObject({ code })
    await refused({ from: { step: 5 } }, 'INVALID_INPUT')
    await refused({ from: { node: 'Nobody' } }, 'INVALID_INPUT')
    await refused({ from: {}, version: 7 }, 'NOT_FOUND')
    await refused({ from: {} }, 'NOT_FOUND', { ...fixture.context, organisationId: '5c0b2f5e-0000-4000-8000-000000000002' })
  })
})

test('an explanation says what an execution waits for, and how one ended', async () => {
  const wait = { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { resume: 'timeInterval', amount: 1, unit: 'days' } }
  const waiting = await add(workflowFile('waits', { Start: manual, Wait: wait }, ['Start -> Wait']))
  const { executionId } = await fixture.executions.run({ workflowId: waiting }, fixture.context)
  const explain = (id: string) => fixture.executions.explain(id, fixture.context.organisationId)
  await expect.poll(async () => (await explain(executionId)).kind, { timeout: 20_000 }).toBe('waiting')
  expect(await explain(executionId)).toMatchObject({ status: 'waiting', nodeName: 'Wait', step: 1, until: expect.stringMatching(/Z$/) })
  outsideIsDown = true
  const failed = await run(await add(chain), { name: 'Ada' })
  expect(await explain(failed)).toMatchObject({ kind: 'ended', nodeName: 'Charge', message: expect.stringContaining('failed') })
  await expect(explain('00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
