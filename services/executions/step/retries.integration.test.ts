import type { JsonObject } from '@weconnect/contracts/json'
import { type EngineFixture, type FixtureOptions, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, noOp, workflowFile } from '@weconnect/testing/n8n-workflow'
import { testNode } from '@weconnect/testing/test-nodes'
import { afterEach, expect, test } from 'vitest'

const fixtures: EngineFixture[] = []
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.close().catch(() => undefined)
})
const open = async (options: FixtureOptions): Promise<EngineFixture> => {
  const fixture = await openEngineFixture(options)
  fixtures.push(fixture)
  return fixture
}

const failsOnce = () => {
  let calls = 0
  const node = testNode('test.flaky', 'external', async (context) => {
    calls += 1
    if (calls === 1) throw new Error('not yet')
    return [await context.items()]
  })
  return { node, calls: () => calls }
}
const file = (options: JsonObject) => workflowFile('flaky', { Start: manual, Flaky: { type: 'test.flaky', options } }, ['Start -> Flaky'])
/** A service that gives these statuses, one after the other. */
const answering = (statuses: readonly number[]) => {
  let asked = 0
  const request = async () => {
    const status = statuses[asked] ?? 500
    asked += 1
    return { status, statusText: '', headers: {}, body: '{}', bodyEncoding: 'utf8' as const, url: 'https://example.com/' }
  }
  return { egress: { request }, asked: () => asked }
}
const asking = (retry: JsonObject) => {
  const node = { type: 'n8n-nodes-base.httpRequest', version: 4.2, parameters: { url: 'https://example.com/' }, options: { retry } }
  return workflowFile('asks', { Start: manual, Ask: node }, ['Start -> Ask'])
}
const begin = async (fixture: EngineFixture, content: JsonObject): Promise<string> => {
  const [{ workflowId } = { workflowId: '' }] = await fixture.workflows.importWorkflows(content, fixture.context)
  return (await fixture.executions.run({ workflowId }, fixture.context)).executionId
}
const statusOf = async (fixture: EngineFixture, executionId: string): Promise<string> =>
  (await fixture.executions.view(executionId, fixture.context.organisationId)).status

test('a long wait for a retry holds no place, survives a crash, and the retry comes when it is due', async () => {
  const outside = answering([503, 200])
  const retry = { attempts: 3, backoff: 'fixed', delayMs: 8_000 }
  const first = await openEngineFixture({ egress: outside.egress, concurrency: 1 })
  const executionId = await begin(first, asking(retry))
  await expect.poll(() => statusOf(first, executionId), { timeout: 20_000 }).toBe('waiting')
  expect((await first.store.openWork()).map(({ status }) => status)).toEqual(['waiting'])
  const other = await begin(first, workflowFile('other', { Start: manual, End: noOp }, ['Start -> End']))
  expect((await first.engine.endOf(other, AbortSignal.timeout(20_000))).state.status).toBe('completed')
  expect(await statusOf(first, executionId)).toBe('waiting')
  await first.stop()

  const fixture = await open({ egress: outside.egress, folder: first.folder })
  const { state } = await fixture.engine.endOf(executionId, AbortSignal.timeout(60_000))
  expect(state).toMatchObject({ status: 'completed', steps: [{}, { attempt: 2 }] })
  expect(outside.asked()).toBe(2)
  const events = await fixture.executions.events(executionId, fixture.context.organisationId)
  const planned = events.find(({ type }) => type === 'StepRetryScheduled')
  const retried = events.find(({ type, data }) => type === 'StepStarted' && 'attempt' in data && data.attempt === 2)
  expect(Date.parse(retried!.time)).toBeGreaterThanOrEqual(
    planned?.type === 'StepRetryScheduled' ? Date.parse(planned.data.dueAt) : Number.NaN,
  )
  expect(await fixture.executions.replay(executionId, fixture.context.organisationId)).toMatchObject({ equal: true, differences: [] })
})

test.each([
  [404, ['4xx'], 1],
  [503, ['4xx'], 3],
])('status %i with nonRetryable %j: %i tries', async (status, nonRetryable, tries) => {
  const outside = answering([status, status, status])
  const fixture = await open({ egress: outside.egress })
  const retry = { attempts: 3, backoff: 'exponential', delayMs: 1, nonRetryable }
  const executionId = await begin(fixture, asking(retry))
  expect((await fixture.engine.endOf(executionId, AbortSignal.timeout(20_000))).state.status).toBe('failed')
  expect(outside.asked()).toBe(tries)
})

test('n8n #10763: a node that goes on after errors is retried first, with its own policy too', async () => {
  const flaky = failsOnce()
  const fixture = await open({ nodes: [flaky.node] })
  const retry = { attempts: 2, backoff: 'fixed', delayMs: 1 }
  const executionId = await begin(fixture, file({ retry, onError: 'continueRegularOutput' }))
  expect((await fixture.engine.endOf(executionId, AbortSignal.timeout(20_000))).state.status).toBe('completed')
  expect(flaky.calls()).toBe(2)
})
