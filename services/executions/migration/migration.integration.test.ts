import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { migrating, signal, simple } from '@weconnect/testing/migrating'
import { ifTrue, manual, type NodeSketch, noOp, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { afterEach, beforeEach, expect, test } from 'vitest'

let broken = true
const egress = {
  request: async () => {
    const status = broken ? 503 : 200
    return { status, statusText: '', headers: {}, body: '{}', bodyEncoding: 'utf8' as const, url: 'https://example.com/' }
  },
}
let fixture: EngineFixture
beforeEach(async () => {
  broken = true
  fixture = await openEngineFixture({ egress })
})
afterEach(() => fixture.close())

const httpRequest: NodeSketch = { type: 'n8n-nodes-base.httpRequest', version: 4.2, parameters: { url: 'https://example.com/' } }
const { publish, run, view, becomes, send, output, namesOf, equalReplay, request, plan, codes, migrate } = migrating(() => fixture)

const restart = async () => {
  const { folder } = fixture
  await fixture.stop()
  fixture = await openEngineFixture({ folder, egress })
}

test('an execution that waits goes on with the other version: its outputs are known under the new names, and it is replayed equal', async () => {
  const flow = await publish(simple)
  const id = await run(flow.workflowId)
  await becomes(id, 'waiting')
  await flow.rename('First', 'Opening')
  await flow.between('Wait', 'Check', setFields({ checked: 'by version 2' }), 'Last')
  await flow.publishAgain()
  const [planned] = await plan(request(flow.workflowId, [id]))
  expect(planned).toEqual({ executionId: id, fromVersion: 1, status: 'waiting', standsAt: ['Wait'], blockers: [] })
  expect(await migrate(request(flow.workflowId, [id]))).toMatchObject({ status: 'completed', total: 1, done: 1, blockers: [] })
  const moved = await view(id)
  expect(moved).toMatchObject({ status: 'waiting', workflowVersion: 2, waits: [{ nodeName: 'Wait', name: 'go' }] })
  expect(moved.migrations).toMatchObject([{ fromVersion: 1, toVersion: 2, movedBy: 'user:test' }])
  expect(await namesOf(id)).toEqual(['Start', 'Opening', 'Wait'])
  await equalReplay(id)
  await restart()
  await send(id)
  await becomes(id, 'completed')
  expect(await output(id)).toMatchObject([{ n: 1, checked: 'by version 2', seen: '1' }])
  expect(await namesOf(id)).toEqual(['Start', 'Opening', 'Wait', 'Check', 'Last'])
  await equalReplay(id)
})

test('all or none: with one that cannot move, none does, and each finishes on the version that it is on', async () => {
  const file = workflowFile('either', { Start: manual, If: ifTrue('={{ $json.n === 1 }}'), One: signal(), Two: signal(), End: noOp }, [
    'Start -> If',
    'If -> One',
    'If:1 -> Two',
    'One -> End',
    'Two -> End',
  ])
  const flow = await publish(file)
  const ids = [await run(flow.workflowId, 1, 1), await run(flow.workflowId, 1, 1), await run(flow.workflowId, 1, 2)]
  for (const id of ids) await becomes(id, 'waiting')
  await flow.remove('Two')
  await flow.publishAgain()
  expect(await codes(request(flow.workflowId, ids))).toEqual([[], [], ['WAITING_NODE_NOT_MAPPED']])
  const done = await migrate(request(flow.workflowId, ids))
  expect(done).toMatchObject({ status: 'abandoned', blockers: [{ executionId: ids[2], code: 'WAITING_NODE_NOT_MAPPED' }] })
  for (const id of ids) expect(await view(id)).toMatchObject({ status: 'waiting', workflowVersion: 1, migrations: [] })
  expect(await migrate(request(flow.workflowId, ids.slice(0, 2)))).toMatchObject({ status: 'completed', total: 2 })
  for (const id of ids) await send(id)
  for (const id of ids) await becomes(id, 'completed')
  expect(await Promise.all(ids.map(async (id) => (await view(id)).workflowVersion))).toEqual([2, 2, 1])
  for (const id of ids) await equalReplay(id)
})

test('a node may be mapped to another one; what stands for it must be of its type, and there', async () => {
  const flow = await publish(simple)
  const id = await run(flow.workflowId)
  await becomes(id, 'waiting')
  await flow.remove('Wait')
  await flow.add('Hold', signal('later'))
  await flow.add('Stop', noOp)
  await flow.connect('First', 'Hold')
  await flow.connect('Hold', 'Last')
  await flow.connect('Last', 'Stop')
  await flow.publishAgain()
  expect(await codes(request(flow.workflowId, [id]))).toEqual([['WAITING_NODE_NOT_MAPPED']])
  expect(await codes(request(flow.workflowId, [id], [{ from: 'Wait', to: 'Stop' }]))).toEqual([['WAITING_NODE_OF_OTHER_TYPE']])
  await expect(plan(request(flow.workflowId, [id], [{ from: 'Wait', to: 'Nowhere' }]))).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  await expect(plan(request(flow.workflowId, [id], [{ from: 'Nothing', to: 'Hold' }]))).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  expect(await migrate(request(flow.workflowId, [id], [{ from: 'Wait', to: 'Hold' }]))).toMatchObject({ status: 'completed' })
  // What it waits for was opened before.
  expect((await view(id)).waits).toMatchObject([{ nodeName: 'Hold', name: 'go' }])
  await send(id)
  await becomes(id, 'completed')
  expect(await namesOf(id)).toEqual(['Start', 'First', 'Hold', 'Last', 'Stop'])
  await equalReplay(id)
})

test('branches: what has come to a join waits there in the other version too', async () => {
  const file = workflowFile(
    'join',
    { Start: manual, A: signal('a'), B: signal('b'), Join: { type: 'n8n-nodes-base.merge', version: 3, parameters: {} }, End: noOp },
    ['Start -> A', 'Start -> B', 'A -> Join', 'B -> Join:1', 'Join -> End'],
    { executionOrder: 'parallel' },
  )
  const flow = await publish(file)
  const id = await run(flow.workflowId)
  await becomes(id, 'waiting')
  await send(id, 'a')
  await expect.poll(async () => (await view(id)).steps.filter(({ status }) => status === 'completed').length, { timeout: 60_000 }).toBe(2)
  await becomes(id, 'waiting')
  await flow.between('Join', 'After', setFields({ after: 'yes' }), 'End')
  await flow.publishAgain()
  expect(await migrate(request(flow.workflowId, [id]))).toMatchObject({ status: 'completed' })
  await equalReplay(id)
  await send(id, 'b')
  await becomes(id, 'completed')
  expect((await output(id)).length).toBe(2)
  expect(await output(id)).toMatchObject([{ after: 'yes' }, { after: 'yes' }])
  await equalReplay(id)
})

test('what a remaining node needs and nobody has run, what has ended, what runs, and what is there already cannot move', async () => {
  const flow = await publish(simple)
  const [waits, ends] = [await run(flow.workflowId), await run(flow.workflowId)]
  await becomes(waits, 'waiting')
  await becomes(ends, 'waiting')
  await send(ends)
  await becomes(ends, 'completed')
  await flow.between('First', 'Load', setFields({ loaded: 'x' }), 'Wait')
  await flow.configure('Last', setFields({ seen: "={{ $('Load').item.json.loaded }}" }))
  await flow.publishAgain()
  const already = await run(flow.workflowId, 2)
  await becomes(already, 'waiting')
  const missing = crypto.randomUUID()
  expect(await codes(request(flow.workflowId, [waits, ends, already, missing]))).toEqual([
    ['OUTPUT_NEEDED'],
    ['ENDED'],
    ['ALREADY_THERE'],
    ['NOT_FOUND'],
  ])
})

test('one that a person has paused moves, also when its wait has ended meanwhile', async () => {
  const flow = await publish(simple)
  const id = await run(flow.workflowId)
  await becomes(id, 'waiting')
  await fixture.executions.pause(id, 'a change', fixture.context)
  await send(id)
  await becomes(id, 'paused')
  await flow.between('Wait', 'Check', setFields({ checked: 'yes' }), 'Last')
  await flow.publishAgain()
  expect(await migrate(request(flow.workflowId, [id]))).toMatchObject({ status: 'completed' })
  expect(await view(id)).toMatchObject({ status: 'paused', workflowVersion: 2 })
  await fixture.executions.resume(id, undefined, fixture.context)
  await becomes(id, 'completed')
  expect(await output(id)).toMatchObject([{ checked: 'yes' }])
  await equalReplay(id)
})

test('one between two tries is tried again as the other version says', async () => {
  const call = { ...httpRequest, options: { retry: { attempts: 3, backoff: 'fixed', delayMs: 6_000 } } }
  const flow = await publish(workflowFile('tries', { Start: manual, Call: call, End: noOp }, ['Start -> Call', 'Call -> End']))
  const id = await run(flow.workflowId)
  await becomes(id, 'waiting')
  await flow.between('Call', 'Check', setFields({ checked: 'yes' }), 'End')
  await flow.publishAgain()
  expect(await migrate(request(flow.workflowId, [id]))).toMatchObject({ status: 'completed' })
  broken = false
  await becomes(id, 'completed')
  expect(await output(id)).toMatchObject([{ checked: 'yes' }])
  expect((await view(id)).steps[1]).toMatchObject({ attempt: 2, status: 'completed' })
  await equalReplay(id)
})

test('a timer strikes after a move as it would have before', async () => {
  const wait: NodeSketch = { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { resume: 'timeInterval', amount: 8, unit: 'seconds' } }
  const flow = await publish(workflowFile('timer', { Start: manual, Wait: wait, End: noOp }, ['Start -> Wait', 'Wait -> End']))
  const id = await run(flow.workflowId)
  await becomes(id, 'waiting')
  const due = await fixture.executions.explain(id, fixture.context.organisationId)
  await flow.between('Wait', 'Check', setFields({ checked: 'yes' }), 'End')
  await flow.publishAgain()
  expect(await migrate(request(flow.workflowId, [id]))).toMatchObject({ status: 'completed' })
  expect((await fixture.executions.explain(id, fixture.context.organisationId)).until).toBe(due.until)
  await becomes(id, 'completed')
  expect(await output(id)).toMatchObject([{ checked: 'yes' }])
  await equalReplay(id)
})

test('an open loop goes on with the items that are left; one that would not be led back to cannot move', async () => {
  const file = workflowFile(
    'loop',
    {
      Start: manual,
      Loop: { type: 'n8n-nodes-base.splitInBatches', version: 3, parameters: { batchSize: 1 } },
      Wait: signal(),
      Body: noOp,
      Done: noOp,
    },
    ['Start -> Loop', 'Loop -> Done', 'Loop:1 -> Wait', 'Wait -> Body', 'Body -> Loop'],
  )
  const flow = await publish(file)
  const { executionId: id } = await fixture.executions.run(
    { workflowId: flow.workflowId, version: 1, input: [{ json: { n: 1 } }, { json: { n: 2 } }, { json: { n: 3 } }] },
    fixture.context,
  )
  const waitsFor = (runs: number) =>
    expect.poll(async () => (await namesOf(id)).filter((name) => name === 'Wait').length, { timeout: 60_000 }).toBe(runs)
  await waitsFor(1)
  await becomes(id, 'waiting')
  await send(id)
  await waitsFor(2)
  await becomes(id, 'waiting')
  await flow.rename('Loop', 'Each')
  await flow.between('Wait', 'Check', setFields({ checked: '=run {{ $runIndex }}' }), 'Body')
  await flow.publishAgain()
  await flow.disconnect('Body', 'Each')
  await flow.publishAgain()
  expect(await codes({ ...request(flow.workflowId, [id]), toVersion: 3 })).toEqual([['LOOP_BROKEN']])
  expect(await migrate(request(flow.workflowId, [id]))).toMatchObject({ status: 'completed' })
  await send(id)
  await waitsFor(3)
  await becomes(id, 'waiting')
  await equalReplay(id)
  await send(id)
  await becomes(id, 'completed')
  expect(await output(id)).toMatchObject([{ n: 1 }, { n: 2, checked: 'run 0' }, { n: 3, checked: 'run 1' }])
  await equalReplay(id)
})

test('one that waits for a call, and one that is retried after its move, go on with the other version', async () => {
  const wait: NodeSketch = { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { resume: 'webhook' } }
  const flow = await publish(
    workflowFile('call', { Start: manual, Wait: wait, Call: httpRequest, End: noOp }, ['Start -> Wait', 'Wait -> Call', 'Call -> End']),
  )
  const id = await run(flow.workflowId)
  await becomes(id, 'waiting')
  await flow.rename('Wait', 'Called')
  await flow.between('Call', 'Check', setFields({ checked: 'yes' }), 'End')
  await flow.publishAgain()
  expect(await migrate(request(flow.workflowId, [id]))).toMatchObject({ status: 'completed' })
  await fixture.executions.resume(id, [{ json: { came: true } }], fixture.context)
  await becomes(id, 'failed')
  await equalReplay(id)
  broken = false
  const retried = await fixture.executions.fork(id, { from: 'failedStep' }, fixture.context)
  await becomes(retried.executionId, 'completed')
  expect(await view(retried.executionId)).toMatchObject({ workflowVersion: 2, forkedFrom: { executionId: id, step: 2 } })
  expect(await namesOf(retried.executionId)).toEqual(['Start', 'Called', 'Call', 'Check', 'End'])
  await equalReplay(retried.executionId)
})
