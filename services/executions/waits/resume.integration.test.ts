import type { JsonObject } from '@weconnect/contracts/json'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, noOp, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { afterEach, beforeEach, expect, test } from 'vitest'

let fixture: EngineFixture
beforeEach(async () => {
  fixture = await openEngineFixture()
})
afterEach(async () => fixture.close())

const wait = (parameters: JsonObject = {}) => ({
  type: 'n8n-nodes-base.wait',
  version: 1.1,
  parameters: { resume: 'webhook', ...parameters },
})
const asking = (parameters?: JsonObject) =>
  workflowFile('asks', { Start: manual, Ask: setFields({ url: '={{ $execution.resumeUrl }}' }), Wait: wait(parameters), Done: noOp }, [
    'Start -> Ask',
    'Ask -> Wait',
    'Wait -> Done',
  ])
const organisationId = (): string => fixture.context.organisationId
const view = (id: string) => fixture.executions.view(id, organisationId())
const started = async (file: JsonObject): Promise<string> => {
  const [report] = await fixture.workflows.importWorkflows(file, fixture.context)
  return (await fixture.executions.run({ workflowId: report!.workflowId, input: [{ json: { name: 'Ada' } }] }, fixture.context)).executionId
}
const waits = (id: string) => expect.poll(async () => (await view(id)).status, { timeout: 20_000 }).toBe('waiting')
const ended = (id: string) => fixture.engine.endOf(id, AbortSignal.timeout(60_000))
const last = async (id: string) => ((await (await view(id)).output())[0] ?? []).map(({ json }) => json)
const answerWith = (id: string, json: JsonObject) => fixture.executions.resume(id, [{ json }], fixture.context)

test('what waits for a call goes on with what it brings, once, and its replay is equal', async () => {
  const id = await started(asking())
  await waits(id)
  expect(fixture.engine.status()).toMatchObject({ running: 0, queued: 0 })
  const both = await Promise.allSettled([answerWith(id, { approved: 'first' }), answerWith(id, { approved: 'second' })])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  await ended(id)
  const [item] = await last(id)
  expect(['first', 'second']).toContain(item?.['approved'])
  await expect(answerWith(id, {})).rejects.toMatchObject({ code: 'INVALID_STATE' })
  expect(await fixture.executions.replay(id, organisationId())).toMatchObject({ equal: true, foldEqual: true, steps: 4 })
})

test('the address is known before it waits, and is recorded', async () => {
  const id = await started(asking())
  await waits(id)
  const ask = (await view(id)).steps[1]!
  expect((await ask.output())[0]![0]!.json['url']).toMatch(new RegExp(`/webhook-waiting/${id}\\?signature=[\\w-]{43}$`))
})

test.each(['v0', 'v1', 'parallel'])(
  'order %s: a wait for a call is listed and explained, until the call came, and stays on record',
  async (executionOrder) => {
    const id = await started({ ...asking(), settings: { executionOrder } })
    await waits(id)
    const wait = { step: 2, nodeName: 'Wait', waitFor: 'webhook', openedAt: expect.any(String) }
    expect((await view(id)).waits).toEqual([{ ...wait, nodeId: (await view(id)).steps[2]!.nodeId }])
    expect(await fixture.executions.explain(id, organisationId())).toMatchObject({
      kind: 'waiting',
      message: 'It waits at "Wait" for a call of its address.',
    })
    await answerWith(id, {})
    await ended(id)
    expect((await view(id)).waits).toMatchObject([{ ...wait, endedAt: expect.any(String), endedBy: 'user:test' }])
  },
)

test('a call that is durable is gone on with by the next process', async () => {
  const id = await started(asking())
  await waits(id)
  const { folder } = fixture
  await answerWith(id, { approved: true })
  await fixture.stop()
  fixture = await openEngineFixture({ folder })
  await ended(id)
  expect(await last(id)).toEqual([{ approved: true }])
})

test('when nobody calls within the limit, the items go on as they are', async () => {
  const id = await started(asking({ limitWaitTime: true, limitType: 'afterTimeInterval', resumeAmount: 0.05, resumeUnit: 'seconds' }))
  await ended(id)
  expect((await last(id))[0]).toMatchObject({ name: 'Ada' })
  await expect(answerWith(id, {})).rejects.toMatchObject({ code: 'INVALID_STATE' })
})

test('what waits for a time is not ended by a call; what waits can be cancelled', async () => {
  const timed = await started(
    workflowFile('timed', { Start: manual, Wait: wait({ resume: 'timeInterval', amount: 1, unit: 'days' }) }, ['Start -> Wait']),
  )
  await waits(timed)
  await expect(answerWith(timed, {})).rejects.toMatchObject({
    code: 'INVALID_STATE',
    message: expect.stringContaining('waits for no call'),
  })
  const id = await started(asking())
  await waits(id)
  await fixture.executions.cancel(id, undefined, fixture.context)
  expect((await ended(id)).state.status).toBe('cancelled')
  await expect(
    fixture.executions.resume(id, [], { ...fixture.context, organisationId: '5c0b2f5e-0000-4000-8000-000000000002' }),
  ).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})

test('a loop that rests at every turn goes on each time where it stood', async () => {
  const file = workflowFile(
    'loop',
    {
      Start: manual,
      Loop: { type: 'n8n-nodes-base.splitInBatches', version: 3, parameters: { batchSize: 1, options: {} } },
      Note: setFields({ turn: '={{ $node["Loop"].context.currentRunIndex }}', last: '={{ $node["Loop"].context.noItemsLeft }}' }),
      Wait: wait(),
      Done: noOp,
    },
    ['Start -> Loop', 'Loop:1 -> Note', 'Note -> Wait', 'Wait -> Loop', 'Loop -> Done'],
  )
  const [report] = await fixture.workflows.importWorkflows(file, fixture.context)
  const input = ['a', 'b', 'c'].map((letter) => ({ json: { letter } }))
  const { executionId: id } = await fixture.executions.run({ workflowId: report!.workflowId, input }, fixture.context)
  const turns: JsonObject[] = []
  for (const count of [1, 2, 3]) {
    const restsIn = async () => (await view(id)).steps.filter(({ nodeName }) => nodeName === 'Wait').at(-1)
    await expect.poll(async () => (await restsIn())?.runIndex, { timeout: 20_000 }).toBe(count - 1)
    await waits(id)
    const { folder } = fixture
    await fixture.stop()
    fixture = await openEngineFixture({ folder })
    const note = (await view(id)).steps.findLast(({ nodeName }) => nodeName === 'Note')!
    turns.push(...((await note.output())[0] ?? []).map(({ json }) => json))
    await answerWith(id, { answered: count })
  }
  await ended(id)
  expect(turns).toEqual([
    { letter: 'a', turn: '0', last: 'false' },
    { letter: 'b', turn: '1', last: 'false' },
    { letter: 'c', turn: '2', last: 'true' },
  ])
  expect(await last(id)).toEqual([{ answered: 1 }, { answered: 2 }, { answered: 3 }])
  expect(await fixture.executions.replay(id, organisationId())).toMatchObject({ equal: true, foldEqual: true })
})
