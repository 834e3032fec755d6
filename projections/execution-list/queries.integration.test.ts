import type { DomainEvent } from '@weconnect/contracts/envelope'
import { completed, ended, idOf, requested, executionStarted as started, stepOf as step } from '@weconnect/testing/execution-events'
import { openReadModels, type ReadModels } from '@weconnect/testing/read-models'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { executionList } from './projection.ts'
import { executionsByIds, latestExecutionsOfWorkflows, listExecutions } from './queries.ts'

let models: ReadModels
beforeAll(async () => {
  models = await openReadModels([executionList])
})
afterAll(() => models.close())

const write = (n: number, ...events: DomainEvent[]) => models.write(`execution-${idOf(n)}`, events, { actor: 'user:ada' })
const execution = async (n: number) => (await executionsByIds(models.sql, { organisationId: models.organisationId, ids: [idOf(n)] }))[0]

test('an execution in one append', async () => {
  await write(1, requested(1), started, completed(0, [[{ json: { z: 1, a: 2 } }]]), completed(1, [[0]]), ended(1))
  expect(await execution(1)).toMatchObject({
    workflowId: idOf(1),
    userId: 'ada',
    status: 'completed',
    triggerType: 'webhook',
    inputData: [[{ json: { n: 1 } }]],
    executionPlan: [{ nodeId: 'a', group: 0 }],
    executionPath: ['n0', 'n1'],
    durationMs: 12.5,
    performanceMetrics: { steps: 2 },
    revision: 4,
    errorData: null,
  })
})

test('an execution seen on its way: every state of it', async () => {
  const states: unknown[] = []
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
    states.push((await execution(2))?.status)
  }
  expect(states).toEqual(['pending', ...Array(7).fill('running'), 'waiting', 'running', 'running', 'failed'])
  expect(await execution(2)).toMatchObject({
    errorCode: 'NODE_FAILED',
    errorText: 'NODE_FAILED: 100% broken',
    errorData: { message: '100% broken' },
  })
})

test('the path keeps the first 200 nodes', async () => {
  await write(4, requested(4), started, ...Array.from({ length: 150 }, (_, n) => completed(n, [[n]])))
  await write(4, ...Array.from({ length: 149 }, (_, n) => completed(150 + n, [[n]])), ended(298))
  expect((await execution(4))?.executionPath).toHaveLength(200)
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
})
