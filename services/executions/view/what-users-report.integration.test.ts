import { randomUUID } from 'node:crypto'
import type { JsonObject } from '@weconnect/contracts/json'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, noOp, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { killed } from '@weconnect/testing/promises/crash'
import type { CrashPoint } from '@weconnect/testing/promises/dying-log'
import { testNode } from '@weconnect/testing/test-nodes'
import { afterEach, beforeEach, expect, test } from 'vitest'

/* Failures that users of other systems report, by the numbers of their issues: here they do not happen. */

/** What the outside was asked, in order. */
let calls: string[]
let hangs: boolean
let fixture: EngineFixture
const act = testNode('test.act', 'external', async (context) => {
  calls.push(context.node.name)
  if (hangs) await new Promise(() => undefined)
  return [await context.items()]
})
const open = (folder?: string) => openEngineFixture({ nodes: [act], ...(folder !== undefined && { folder }) })
beforeEach(async () => {
  ;[calls, hangs] = [[], false]
  fixture = await open()
})
afterEach(() => fixture.close())

const restart = async (): Promise<void> => {
  await fixture.stop()
  fixture = await open(fixture.folder)
}
const add = async (file: JsonObject): Promise<string> => (await fixture.workflows.importWorkflows(file, fixture.context))[0]!.workflowId
const view = (id: string) => fixture.executions.view(id, fixture.context.organisationId)
const becomes = (id: string, status: string) => expect.poll(async () => (await view(id)).status, { timeout: 60_000 }).toBe(status)
const begin = async (workflowId: string, json: JsonObject = {}): Promise<string> =>
  (await fixture.executions.run({ workflowId, input: [{ json }] }, fixture.context)).executionId
const run = async (workflowId: string, json?: JsonObject): Promise<string> => {
  const id = await begin(workflowId, json)
  await fixture.engine.endOf(id, AbortSignal.timeout(60_000))
  return id
}
const forked = async (id: string, request: Parameters<EngineFixture['executions']['fork']>[1]) => {
  const { executionId } = await fixture.executions.fork(id, request, fixture.context)
  await fixture.engine.endOf(executionId, AbortSignal.timeout(60_000))
  return view(executionId)
}
const lastItems = async (id: string) => ((await (await view(id)).output())[0] ?? []).map(({ json }) => json)

const plain = workflowFile('plain', { Start: manual, Mark: setFields({ seen: 'yes' }) }, ['Start -> Mark'])

/** A process with the engine begins executions and is killed at the point; the fixture goes on with its log. */
const killedAt = async (workflowId: string, point: CrashPoint): Promise<readonly string[]> => {
  const deliveries = Array.from({ length: 3 }, () => ({ executionId: randomUUID(), delivery: randomUUID() }))
  await fixture.stop()
  await killed('crash-process.ts', { folder: fixture.folder, workflowId, begin: deliveries, point })
  fixture = await open(fixture.folder)
  return deliveries.map(({ executionId }) => executionId)
}
const kept = async (ids: readonly string[]): Promise<readonly string[]> => {
  const views = await Promise.all(ids.map((id) => view(id).catch(() => undefined)))
  return views.flatMap((found) => (found === undefined ? [] : [found.executionId]))
}

test('n8n #22281, #23675, #25080, #13071, #13220, #35552, #37792: what was only queued when the process died is begun by the next', async () => {
  const ids = await kept(await killedAt(await add(plain), { when: 'after', type: 'ExecutionRequested', nth: 1 }))
  expect(ids.length).toBeGreaterThan(0)
  for (const id of ids) await becomes(id, 'completed')
  expect(await fixture.store.openWork()).toEqual([])
})

test('n8n #37186: killed when all its nodes had succeeded, an execution completes, and its workflow stays as it is', async () => {
  const workflowId = await add(plain)
  const before = (await fixture.workflows.load(workflowId, fixture.context.organisationId)).workflow.status
  const ids = await kept(await killedAt(workflowId, { when: 'before', type: 'ExecutionCompleted', nth: 1 }))
  expect(ids.length).toBeGreaterThan(0)
  for (const id of ids) await becomes(id, 'completed')
  expect((await fixture.workflows.load(workflowId, fixture.context.organisationId)).workflow.status).toBe(before)
})

test('n8n #23807, Kestra #8334, #7986: what has completed is not run again by any later process, stays completed, and leaves nothing to look through', async () => {
  const workflowId = await add(workflowFile('acts', { Start: manual, Act: { type: 'test.act' } }, ['Start -> Act']))
  const ids = await Promise.all(Array.from({ length: 20 }, () => run(workflowId)))
  const head = await fixture.store.head()
  for (let number = 0; number < 3; number += 1) {
    await restart()
    expect(await fixture.store.openWork()).toEqual([])
  }
  expect(await fixture.store.head()).toBe(head)
  expect(calls).toHaveLength(20)
  for (const id of ids) expect((await view(id)).status).toBe('completed')
})

test('n8n PR #7435: who was taken for stalled and was not, cannot write over the result of who took over', async () => {
  hangs = true
  const workflowId = await add(
    workflowFile('acts', { Start: manual, Act: { type: 'test.act' }, End: noOp }, ['Start -> Act', 'Act -> End']),
  )
  const id = await begin(workflowId)
  await expect.poll(() => calls.length, { timeout: 60_000 }).toBe(1)
  const stream = `execution-${id}`
  const { revision } = await view(id)
  hangs = false
  await restart()
  await becomes(id, 'completed')
  const failed = { type: 'ExecutionFailed', data: { code: 'INTERNAL', error: {}, steps: 1, durationMs: 1 } } as const
  let head: Parameters<typeof fixture.journal.append>[1] | undefined
  for await (const event of fixture.journal.read(stream)) if (event.revision === revision) head = event
  await expect(fixture.journal.append(stream, head!, [failed], fixture.context)).rejects.toMatchObject({ code: 'REVISION_CONFLICT' })
  expect((await view(id)).status).toBe('completed')
})

test('n8n PR #13168: a wait that a call ends is gone on with behind the wait, never from the start, also by another process', async () => {
  const wait = { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { resume: 'webhook' } }
  const file = workflowFile('waits', { Start: manual, Before: { type: 'test.act' }, Wait: wait, After: { type: 'test.act' } }, [
    'Start -> Before',
    'Before -> Wait',
    'Wait -> After',
  ])
  const id = await begin(await add(file))
  await becomes(id, 'waiting')
  await restart()
  await fixture.executions.resume(id, [{ json: { called: true } }], fixture.context)
  await becomes(id, 'completed')
  expect(calls).toEqual(['Before', 'After'])
})

test('n8n #36175: of several webhooks with answers of their own in one workflow, each caller has that of its own', async () => {
  const names = ['One', 'Two', 'Three']
  const nodes = Object.fromEntries(
    names.flatMap((name) => [
      [name, { type: 'n8n-nodes-base.webhook', version: 2, parameters: { path: name, httpMethod: 'POST', responseMode: 'responseNode' } }],
      [
        `Answer ${name}`,
        { type: 'n8n-nodes-base.respondToWebhook', version: 1.1, parameters: { respondWith: 'text', responseBody: name } },
      ],
    ]),
  )
  const file = workflowFile(
    'several',
    nodes,
    names.map((name) => `${name} -> Answer ${name}`),
  )
  const workflowId = await add(file)
  const { revision } = await fixture.workflows.load(workflowId, fixture.context.organisationId)
  const called = Array.from({ length: 12 }, (_, index) => names[index % names.length]!)
  const answers = await Promise.all(
    called.map((triggerNode) => {
      const request = { workflowId, workflowVersion: 0, workflowRevision: revision, trigger: 'webhook', triggerNode } as const
      const { context } = fixture
      return fixture.engine.execute({ ...request, executionId: randomUUID(), input: [[{ json: {} }]], answer: 'responseNode', context })
        .answered
    }),
  )
  expect(answers.map((answer) => answer?.body)).toEqual(called)
})

test('n8n #25735, #32131: an execution that a Stop and Error node ended is run again from its trigger, as the workflow is now', async () => {
  const stop = { type: 'n8n-nodes-base.stopAndError', parameters: { errorType: 'errorMessage', errorMessage: 'not yet' } }
  const workflowId = await add(
    workflowFile('stops', { Start: manual, Act: { type: 'test.act' }, Stop: stop }, ['Start -> Act', 'Act -> Stop']),
  )
  const id = await run(workflowId, { order: 7 })
  expect((await view(id)).status).toBe('failed')
  const { workflow } = await fixture.workflows.load(workflowId, fixture.context.organisationId)
  const target = { workflowId, organisationId: fixture.context.organisationId }
  const { nodeId } = [...workflow.nodes.values()].find(({ name }) => name === 'Stop')!
  await fixture.workflows.handle({ type: 'RemoveNode', ...target, nodeId }, fixture.context)
  const again = await forked(id, { from: {}, version: 'newest' })
  expect(again.status).toBe('completed')
  expect(await lastItems(again.executionId)).toEqual([{ order: 7 }])
  expect(calls).toEqual(['Act', 'Act'])
})

test('Windmill #7072: what ran inside a step of another workflow can be run again from any of its own steps', async () => {
  const trigger = { type: 'n8n-nodes-base.executeWorkflowTrigger', version: 1.1, parameters: { inputSource: 'passthrough' } }
  const inner = await add(
    workflowFile('inner', { In: trigger, First: { type: 'test.act' }, Second: { type: 'test.act' } }, ['In -> First', 'First -> Second']),
  )
  const parameters = { workflowId: { __rl: true, mode: 'id', value: inner }, options: {} }
  const call = { type: 'n8n-nodes-base.executeWorkflow', version: 1.2, parameters }
  const parent = await run(await add(workflowFile('outer', { Start: manual, Call: call }, ['Start -> Call'])), { n: 1 })
  const requests = (await fixture.journal.readAll({ limit: 1_000 })).filter(({ type }) => type === 'ExecutionRequested')
  const child = requests.flatMap((event) =>
    event.type === 'ExecutionRequested' && event.data.parentExecutionId === parent ? [event.data.executionId] : [],
  )[0]!
  const again = await forked(child, { from: { node: 'Second' } })
  expect(again.status).toBe('completed')
  expect(calls).toEqual(['First', 'Second', 'Second'])
})

test('Kestra #4260: what stands still since its process died can be ended by a person, and then goes on from there', async () => {
  hangs = true
  const file = workflowFile('stuck', { Start: manual, Act: { type: 'test.act', options: { afterCrash: 'incident' } }, End: noOp }, [
    'Start -> Act',
    'Act -> End',
  ])
  const id = await begin(await add(file))
  await expect.poll(() => calls.length, { timeout: 60_000 }).toBe(1)
  hangs = false
  await restart()
  await becomes(id, 'incident')
  await fixture.executions.resolveIncident({ executionId: id, step: 1, resolution: 'fail' }, fixture.context)
  await becomes(id, 'failed')
  expect((await forked(id, { from: 'failedStep' })).status).toBe('completed')
})

test('n8n #7391: 7,000 items pass through code that runs for each of them', async () => {
  const code = (parameters: JsonObject) => ({ type: 'n8n-nodes-base.code', version: 2, parameters })
  const make = 'return Array.from({ length: 7000 }, (_, index) => ({ json: { index } }))'
  const file = workflowFile(
    'many',
    { Start: manual, Make: code({ jsCode: make }), Each: code({ mode: 'runOnceForEachItem', jsCode: 'return item' }) },
    ['Start -> Make', 'Make -> Each'],
  )
  const items = await lastItems(await run(await add(file)))
  expect([items.length, items[0], items.at(-1)]).toEqual([7_000, { index: 0 }, { index: 6_999 }])
})
