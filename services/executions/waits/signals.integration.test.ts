import { idOf } from '@weconnect/contracts/ids'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { EventStore } from '@weconnect/eventstore/port'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, noOp, workflowFile } from '@weconnect/testing/n8n-workflow'
import { testNode } from '@weconnect/testing/test-nodes'
import { afterEach, beforeEach, expect, test } from 'vitest'

let gate = Promise.withResolvers<void>()
const slow = testNode('test.slow', 'external', async (context) => {
  await gate.promise
  return [await context.items()]
})
let fixture: EngineFixture
let beforeAppend: ((stream: string, types: readonly string[]) => Promise<unknown>) | undefined
const store = (log: EventStore): EventStore => ({
  ...log,
  append: async (stream, expected, events) => {
    await beforeAppend?.(
      stream,
      events.map(({ type }) => type),
    )
    return log.append(stream, expected, events)
  },
})
beforeEach(async () => {
  gate = Promise.withResolvers()
  beforeAppend = undefined
  fixture = await openEngineFixture({ nodes: [slow], store })
})
afterEach(async () => {
  gate.resolve()
  await fixture.close()
})

const signalNode = (name: string, parameters: JsonObject = {}) => ({ type: 'weconnect.waitForSignal', parameters: { name, ...parameters } })
const approvalNode = (parameters: JsonObject = {}) => ({ type: 'weconnect.approval', parameters })
const withSignal = (parameters?: JsonObject) =>
  workflowFile('signal', { Start: manual, Wait: signalNode('paid', parameters), Came: noOp, Late: noOp }, [
    'Start -> Wait',
    'Wait -> Came',
    'Wait:1 -> Late',
  ])
const withApproval = (parameters?: JsonObject) =>
  workflowFile('approval', { Start: manual, Ask: approvalNode(parameters), Yes: noOp, No: noOp, Late: noOp }, [
    'Start -> Ask',
    'Ask -> Yes',
    'Ask:1 -> No',
    'Ask:2 -> Late',
  ])
const begin = async (file: JsonObject): Promise<string> => {
  const [report] = await fixture.workflows.importWorkflows(file, fixture.context)
  return (await fixture.executions.run({ workflowId: report!.workflowId, input: [{ json: { order: 7 } }] }, fixture.context)).executionId
}
const view = (id: string) => fixture.executions.view(id, fixture.context.organisationId)
const becomes = (id: string, status: string) => expect.poll(async () => (await view(id)).status, { timeout: 60_000 }).toBe(status)
const ended = (id: string) => fixture.engine.endOf(id, AbortSignal.timeout(60_000))
const last = async (id: string) => {
  await ended(id)
  const { steps, output } = await view(id)
  return { node: steps.at(-1)?.nodeName, items: ((await output())[0] ?? []).map(({ json }) => json) }
}
const send = (executionId: string, name: string, payload: JsonValue = null, signalId?: string) =>
  fixture.executions.signal({ executionId, name, payload, ...(signalId !== undefined && { signalId }) }, fixture.context)
const say = (executionId: string, approved: boolean, more: { role?: string; comment?: string; step?: number } = {}) =>
  fixture.executions.decideApproval({ executionId, approved, role: 'editor', ...more }, fixture.context)
const restart = async () => {
  const { folder } = fixture
  await fixture.stop()
  fixture = await openEngineFixture({ folder, nodes: [slow] })
}
const equalReplay = async (id: string) =>
  expect(await fixture.executions.replay(id, fixture.context.organisationId)).toMatchObject({
    equal: true,
    foldEqual: true,
    differences: [],
  })

test('a step waits for a signal of its name, holding nothing, and goes on with what it brings', async () => {
  const id = await begin(withSignal())
  await becomes(id, 'waiting')
  expect(fixture.engine.status()).toMatchObject({ running: 0, queued: 0 })
  expect((await view(id)).waits).toMatchObject([{ step: 1, nodeName: 'Wait', waitFor: 'signal', name: 'paid' }])
  await send(id, 'another', { n: 1 })
  expect(await view(id)).toMatchObject({ status: 'waiting' })
  await restart()
  await send(id, 'paid', { amount: 12 })
  expect(await last(id)).toMatchObject({
    node: 'Came',
    items: [{ order: 7, signal: { name: 'paid', payload: { amount: 12 }, sentBy: 'user:test' } }],
  })
  expect((await view(id)).waits).toMatchObject([{ endedBy: 'user:test', endedAt: expect.any(String) }])
  await equalReplay(id)
  await expect(send(id, 'paid')).rejects.toMatchObject({ code: 'INVALID_STATE' })
})

test('a signal that comes too early is kept; one that is sent again with the same id is taken once', async () => {
  const file = workflowFile(
    'two',
    { Start: manual, Slow: { type: 'test.slow' }, First: signalNode('paid'), Second: signalNode('paid'), End: noOp },
    ['Start -> Slow', 'Slow -> First', 'First -> Second', 'Second -> End'],
  )
  const id = await begin(file)
  await send(id, 'paid', 1, 'delivery-1')
  await send(id, 'paid', 1, 'delivery-1')
  gate.resolve()
  await becomes(id, 'waiting')
  expect((await view(id)).waits).toMatchObject([{ nodeName: 'First', endedAt: expect.any(String) }, { nodeName: 'Second' }])
  await send(id, 'paid', 2)
  expect((await last(id)).items).toMatchObject([{ signal: { payload: 2 } }])
  await equalReplay(id)
})

test('a signal that is durable is gone on with by the next process', async () => {
  const id = await begin(withSignal())
  await becomes(id, 'waiting')
  const { folder } = fixture
  await fixture.engine.close()
  await send(id, 'paid', 'x')
  await fixture.stop()
  fixture = await openEngineFixture({ folder, nodes: [slow] })
  expect((await last(id)).node).toBe('Came')
})

test('when no signal comes in time, the items go on on the second output', async () => {
  const id = await begin(withSignal({ limitWaitTime: true, amount: 0.2, unit: 'seconds' }))
  expect(await last(id)).toEqual({ node: 'Late', items: [{ order: 7 }] })
  await equalReplay(id)
})

test.each(['v1', 'parallel'])(
  'order %s: a signal that comes in the moment in which the time is over is not lost',
  async (executionOrder) => {
    const nodes = { Start: manual, Wait: signalNode('paid', { limitWaitTime: true, amount: 0.2, unit: 'seconds' }), Came: noOp, Late: noOp }
    const branches = executionOrder === 'parallel' ? ['Start -> Slow'] : []
    const file = workflowFile(
      'in the last moment',
      { ...nodes, ...(branches.length > 0 && { Slow: { type: 'test.slow' } }) },
      ['Start -> Wait', 'Wait -> Came', 'Wait:1 -> Late', ...branches],
      { executionOrder },
    )
    beforeAppend = async (stream, types) => {
      if (!types.includes('ExecutionResumed')) return
      beforeAppend = undefined
      await send(idOf(stream), 'paid', { amount: 12 })
    }
    const id = await begin(file)
    const names = async () => (await view(id)).steps.map(({ nodeName }) => nodeName)
    await expect.poll(names, { timeout: 60_000 }).toContain('Came')
    gate.resolve()
    await ended(id)
    expect(await names()).not.toContain('Late')
    await equalReplay(id)
  },
)

test.each([
  [true, 'Yes'],
  [false, 'No'],
])('a person decides (%s): who, when and what they said goes with the items on the output %s', async (approved, node) => {
  const id = await begin(withApproval({ title: '=Order {{ $json.order }}?', roles: ['admin', 'editor'] }))
  await becomes(id, 'waiting')
  expect((await view(id)).waits).toMatchObject([{ waitFor: 'approval', title: 'Order 7?', roles: ['admin', 'editor'] }])
  expect(await fixture.executions.explain(id, fixture.context.organisationId)).toMatchObject({
    kind: 'waiting',
    message: expect.stringContaining('Order 7?'),
  })
  await expect(say(id, approved, { role: 'owner' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  const both = await Promise.allSettled([say(id, approved, { comment: 'seen' }), say(id, approved, { comment: 'seen' })])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(await last(id)).toMatchObject({
    node,
    items: [{ order: 7, approval: { approved, comment: 'seen', role: 'editor', decidedBy: 'user:test' } }],
  })
  await equalReplay(id)
})

test('when nobody decides in time, the items go on on the third output; after that nobody can', async () => {
  const id = await begin(withApproval({ limitWaitTime: true, amount: 0.2, unit: 'seconds' }))
  expect((await last(id)).node).toBe('Late')
  await expect(say(id, true)).rejects.toMatchObject({ code: 'INVALID_STATE' })
})

test('parallel: several approvals and a call are open while another branch works, and each branch goes on at its answer', async () => {
  const webhook = { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { resume: 'webhook' } }
  const file = workflowFile(
    'branches',
    {
      Start: manual,
      A: approvalNode(),
      'After A': noOp,
      B: approvalNode(),
      'After B': noOp,
      Call: webhook,
      'After call': noOp,
      Slow: { type: 'test.slow' },
    },
    ['Start -> A', 'A -> After A', 'Start -> B', 'B -> After B', 'Start -> Call', 'Call -> After call', 'Start -> Slow'],
    { executionOrder: 'parallel' },
  )
  const id = await begin(file)
  await expect.poll(async () => (await view(id)).waits.length, { timeout: 60_000 }).toBe(3)
  await expect(say(id, true)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  const stepOf = async (name: string) => (await view(id)).waits.find(({ nodeName }) => nodeName === name)!.step
  await say(id, true, { step: await stepOf('A') })
  const done = async () => (await view(id)).steps.filter(({ status }) => status === 'completed').map(({ nodeName }) => nodeName)
  await expect.poll(done, { timeout: 60_000 }).toContain('After A')
  const resumed = fixture.executions.resume(id, [{ json: { called: true } }], fixture.context)
  await resumed
  await expect.poll(done, { timeout: 60_000 }).toContain('After call')
  expect(await done()).not.toContain('Slow')
  gate.resolve()
  await becomes(id, 'waiting')
  await restart()
  await say(id, false, { step: await stepOf('B') })
  expect((await ended(id)).state.status).toBe('completed')
})

test('a signal and a decision wait for a paused execution to go on', async () => {
  const id = await begin(withSignal())
  await becomes(id, 'waiting')
  await fixture.executions.pause(id, undefined, fixture.context)
  await send(id, 'paid', 3)
  expect(await view(id)).toMatchObject({ status: 'paused' })
  await fixture.executions.resume(id, undefined, fixture.context)
  expect((await last(id)).items).toMatchObject([{ signal: { payload: 3 } }])
})
