import type { DomainEvent } from '@weconnect/contracts/envelope'
import { openReadModels, type ReadModels } from '@weconnect/testing/read-models'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runLogDocuments } from '../run-logs/projection.ts'
import { runLog } from '../run-logs/queries.ts'
import { executionList } from './projection.ts'
import { executionsByIds, latestExecutionsOfWorkflows, listExecutions, listSteps, stepsOfExecutions } from './queries.ts'

let models: ReadModels
beforeAll(async () => {
  models = await openReadModels([executionList, runLogDocuments])
})
afterAll(() => models.close())

const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const requested = (n: number, workflow = 1, trigger: 'webhook' | 'manual' = 'webhook'): DomainEvent => ({
  type: 'ExecutionRequested',
  data: { executionId: idOf(n), workflowId: idOf(workflow), workflowVersion: 1, workflowRevision: 4, trigger, input: [[{ json: { n } }]] },
})
const started: DomainEvent = {
  type: 'ExecutionStarted',
  data: {
    worker: 'w',
    epoch: 1,
    executionOrder: 'v1',
    plan: [{ nodeId: 'a', group: 0 }],
    seed: '0',
    engineVersion: '1',
    timezone: 'UTC',
    maxSteps: 10,
  },
}
const step = (number: number, attempt = 1) => ({
  step: number,
  nodeId: `n${number}`,
  nodeName: `Node ${number}`,
  nodeType: 't',
  runIndex: 0,
  attempt,
  inputs: [{ input: 0, step: number - 1, output: 0 }],
  startedAt: '2026-01-02T03:04:05.678Z',
})
const completed = (number: number, outputs: unknown, attempt = 1): DomainEvent => ({
  type: 'StepCompleted',
  data: {
    ...step(number, attempt),
    durationMs: 1.25,
    outputCounts: [1],
    outputs: outputs as never,
    logs: [{ level: 'info', time: '', message: 'hi' }],
  },
})
const ended = (lastStep: number): DomainEvent => ({ type: 'ExecutionCompleted', data: { lastStep, steps: lastStep + 1, durationMs: 12.5 } })
const write = (n: number, ...events: DomainEvent[]) => models.write(`execution-${idOf(n)}`, events, { actor: 'user:ada' })
const execution = async (n: number) => (await executionsByIds(models.sql, { organisationId: models.organisationId, ids: [idOf(n)] }))[0]
const steps = async (n: number) =>
  (await stepsOfExecutions(models.sql, { organisationId: models.organisationId, executionIds: [idOf(n)] }))[0]

test('an execution in one append', async () => {
  await write(1, requested(1), started, completed(0, [[{ json: { z: 1, a: 2 } }]]), completed(1, [[0]]), ended(1))
  expect(await execution(1)).toMatchObject({
    workflowId: idOf(1),
    userId: 'ada',
    status: 'completed',
    triggerType: 'webhook',
    inputData: [[{ json: { n: 1 } }]],
    outputData: [[0]],
    executionPlan: [{ nodeId: 'a', group: 0 }],
    executionPath: ['n0', 'n1'],
    durationMs: 12.5,
    performanceMetrics: { steps: 2 },
    revision: 4,
    errorData: null,
  })
  const [first, second] = (await steps(1)) ?? []
  expect(first).toMatchObject({
    id: `${idOf(1)}:0`,
    status: 'completed',
    inputData: [{ input: 0, step: -1, output: 0 }],
    startedAt: '2026-01-02T03:04:05.678Z',
    durationMs: 1.25,
    retryCount: 0,
    cacheHit: false,
  })
  expect(JSON.stringify(first?.outputData)).toBe('[[{"json":{"z":1,"a":2}}]]')
  expect(second?.step).toBe(1)
})

test('an execution seen on its way: every state of it and of its steps', async () => {
  const states: unknown[] = []
  const seen = async () =>
    states.push([(await execution(2))?.status, ...((await steps(2)) ?? []).map(({ status, retryCount }) => `${status} ${retryCount}`)])
  const events: readonly DomainEvent[] = [
    requested(2),
    started,
    { type: 'StepStarted', data: step(0) },
    { type: 'StepFailed', data: { ...step(0), durationMs: 1, code: 'NODE_FAILED', error: { message: 'no' }, final: false } },
    { type: 'StepRetryScheduled', data: { step: 0, attempt: 2, dueAt: '2026-01-02T03:04:06.000Z' } },
    { type: 'StepStarted', data: step(0, 2) },
    completed(0, [[]], 2),
    { type: 'StepStarted', data: step(1) },
    { type: 'ExecutionPaused', data: { step: 1, waitFor: 'time' } },
    { type: 'ExecutionResumed', data: { step: 1 } },
    { type: 'StepFailed', data: { ...step(1), durationMs: 1, code: 'NODE_FAILED', error: { message: 'never' }, final: true } },
    { type: 'ExecutionFailed', data: { step: 1, code: 'NODE_FAILED', error: { message: '100% broken' }, steps: 2, durationMs: 3 } },
  ]
  for (const event of events) {
    await write(2, event)
    await seen()
  }
  expect(states).toEqual([
    ['pending'],
    ['running'],
    ['running', 'running 0'],
    ['running', 'retrying 0'],
    ['running', 'retrying 1'],
    ['running', 'running 1'],
    ['running', 'completed 1'],
    ['running', 'completed 1', 'running 0'],
    ['waiting', 'completed 1', 'waiting 0'],
    ['running', 'completed 1', 'running 0'],
    ['running', 'completed 1', 'failed 0'],
    ['failed', 'completed 1', 'failed 0'],
  ])
  expect(await execution(2)).toMatchObject({
    errorCode: 'NODE_FAILED',
    errorText: 'NODE_FAILED: 100% broken',
    errorData: { message: '100% broken' },
  })
  expect((await steps(2))?.[1]).toMatchObject({ errorCode: 'NODE_FAILED', errorData: { message: 'never' } })
})

test('the output is that of the last step that the end names', async () => {
  await write(3, requested(3), started, completed(0, [[{ json: { first: true } }]]), completed(1, [[{ json: { second: true } }]]))
  await write(3, ended(0))
  expect((await execution(3))?.outputData).toEqual([[{ json: { first: true } }]])
})

test('the run log has an entry per event, also of a long execution', async () => {
  await write(4, requested(4), started, ...Array.from({ length: 150 }, (_, n) => completed(n, [[n]])))
  await write(4, ...Array.from({ length: 149 }, (_, n) => completed(150 + n, [[n]])), ended(298))
  const read = (fromRevision: number, limit?: number) =>
    runLog(models.sql, { organisationId: models.organisationId, executionId: idOf(4), fromRevision, limit })
  const all = await read(0)
  expect(all.entries.map(({ revision }) => revision)).toEqual(Array.from({ length: 302 }, (_, n) => n))
  expect(all.entries[2]).toMatchObject({
    event: 'StepCompleted',
    step: 0,
    nodeName: 'Node 0',
    outputs: [[0]],
    logs: [{ level: 'info', message: 'hi' }],
  })
  expect(await read(0, 1)).toMatchObject({ hasMore: true, entries: { length: 200 } })
  expect(await read(250)).toMatchObject({ hasMore: false, entries: { length: 52 } })
  expect((await execution(4))?.executionPath).toHaveLength(200)
  const page = await listSteps(models.sql, {
    organisationId: models.organisationId,
    filter: { executionId: idOf(4) },
    first: 2,
    after: undefined,
  })
  const next = await listSteps(models.sql, {
    organisationId: models.organisationId,
    filter: { executionId: idOf(4) },
    first: 2,
    after: page.endCursor ?? '',
  })
  expect([...page.rows, ...next.rows].map((row) => row.step)).toEqual([0, 1, 2, 3])
  expect(await page.totalCount()).toBe(299)
  const one = await listSteps(models.sql, {
    organisationId: models.organisationId,
    filter: { executionId: idOf(4), nodeId: 'n7', status: ['completed'] },
  })
  expect(one.rows).toMatchObject([{ step: 7 }])
})

test('a large output is referred to, not copied', async () => {
  await write(5, requested(5), started, completed(0, [[{ json: { text: 'x'.repeat(30_000) } }]]), ended(0))
  const reference = { $ref: { stream: `execution-${idOf(5)}`, revision: 2, field: 'outputs' }, bytes: 30_024 }
  expect((await execution(5))?.outputData).toEqual(reference)
  expect((await steps(5))?.[0]?.outputData).toEqual(reference)
})

test('lists are filtered, and never show what another organisation has', async () => {
  await write(20, requested(20, 7, 'manual'))
  await write(21, requested(21, 7), ended(-1))
  await models.write(`execution-${idOf(22)}`, [requested(22, 7)], { organisationId: idOf(999) })
  const organisationId = models.organisationId
  const ids = async (filter: object) =>
    (await listExecutions(models.sql, { organisationId, filter })).rows.map(({ id }) => Number(id.slice(-2)))
  expect(await ids({ workflowId: idOf(7) })).toEqual([21, 20])
  expect(await ids({ workflowId: idOf(7), trigger: ['manual'] })).toEqual([20])
  expect(await ids({ status: ['failed', 'timeout'] })).toEqual([2])
  expect(await ids({ errorText: '100% BROK' })).toEqual([2])
  expect(await ids({ errorText: '100%%' })).toEqual([])
  expect(await ids({ workflowId: idOf(7), minDurationMs: 12, maxDurationMs: 13 })).toEqual([21])
  expect(await ids({ workflowId: 'nonsense' })).toEqual([])
  expect(await ids({ startedAfter: '2999-01-01T00:00:00Z' })).toEqual([])
  const latest = await latestExecutionsOfWorkflows(models.sql, { organisationId, workflowIds: [idOf(7), idOf(404), idOf(1)], limit: 2 })
  expect(latest.map((rows) => rows.length)).toEqual([2, 0, 2])
  expect(await executionsByIds(models.sql, { organisationId, ids: [idOf(22)] })).toEqual([undefined])
  expect(await stepsOfExecutions(models.sql, { organisationId: idOf(999), executionIds: [idOf(1)] })).toEqual([[]])
  expect(await runLog(models.sql, { organisationId: idOf(999), executionId: idOf(1) })).toEqual({ entries: [], hasMore: false })
})
