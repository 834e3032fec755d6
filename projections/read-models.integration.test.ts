import type { DomainEvent } from '@weconnect/contracts/envelope'
import { openReadModels, type ReadModels } from '@weconnect/testing/read-models'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listAudit } from './audit/queries.ts'
import { listNodeDefinitions, nodeDefinitionsByNames } from './node-definitions/queries.ts'
import { readModels } from './read-models.ts'
import { listSchedules, schedulesByIds } from './schedules/queries.ts'
import { listWebhooks, webhooksOfWorkflows } from './webhooks/queries.ts'

let models: ReadModels
beforeAll(async () => {
  models = await openReadModels(readModels)
  await models.write(`workflow-${workflow}`, created, { actor: 'user:ada' })
  await models.write(`webhook-${webhook}`, [registered])
  for (const n of [1, 2]) await models.write(`execution-${idOf(n)}`, failed(n), { actor: `webhook:${webhook}` })
})
afterAll(() => models.close())

const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const workflow = idOf(100)
const webhook = idOf(200)
const stranger = idOf(999)

const created: DomainEvent[] = [
  {
    type: 'WorkflowCreated',
    data: {
      workflowId: workflow,
      organisationId: idOf(0),
      name: 'Müller’s Bestellungen',
      description: 'Sends e-mail',
      tags: ['café'],
      settings: {},
      source: 'created',
    },
  },
  {
    type: 'NodeAdded',
    data: {
      node: {
        nodeId: 'n1',
        name: 'Fetch rates',
        nodeType: 'n8n-nodes-base.httpRequest',
        typeVersion: 4,
        position: { x: 0, y: 0 },
        options: {},
        parameters: {},
      },
    },
  },
]
const registered: DomainEvent = {
  type: 'WebhookRegistered',
  data: { webhookId: webhook, workflowId: workflow, nodeId: 'n1', version: 1, method: 'POST', path: 'orders/:id' },
}
const failed = (n: number): DomainEvent[] => [
  {
    type: 'ExecutionRequested',
    data: { executionId: idOf(n), workflowId: workflow, workflowVersion: 1, workflowRevision: 1, trigger: 'webhook', input: [] },
  },
  {
    type: 'StepFailed',
    data: {
      step: 0,
      nodeId: 'n1',
      nodeName: 'Fetch rates',
      nodeType: 't',
      runIndex: 0,
      attempt: 1,
      inputs: [],
      startedAt: '2026-01-01T00:00:00.000Z',
      durationMs: 2.5,
      code: 'NODE_FAILED',
      error: {},
      final: true,
    },
  },
  {
    type: 'ExecutionFailed',
    data: { code: 'NODE_FAILED', error: { message: 'Connection to rates.example refused' }, steps: 1, durationMs: 4 },
  },
]

test('webhooks: who holds a path, how often it was called, and that it was released', async () => {
  const organisationId = models.organisationId
  const [row] = (await listWebhooks(models.sql, { organisationId, filter: { path: 'orders/:id', method: 'POST', isActive: true } })).rows
  expect(row).toMatchObject({ id: webhook, workflowId: workflow, nodeId: 'n1', version: 1, statistics: { calls: 2 } })
  expect(await webhooksOfWorkflows(models.sql, { organisationId, workflowIds: [workflow, idOf(1)] })).toMatchObject([[{ id: webhook }], []])
  expect((await listWebhooks(models.sql, { organisationId: stranger })).rows).toEqual([])
  await models.write(`webhook-${webhook}`, [{ type: 'WebhookReleased', data: { workflowId: workflow } }])
  expect((await listWebhooks(models.sql, { organisationId, filter: { isActive: true } })).rows).toEqual([])
})

test('schedules: when each is due, what it did, that it was paused, and that it ended', async () => {
  const schedule = idOf(300)
  const stream = `schedule-${schedule}`
  const [today, tomorrow] = ['2026-05-04T07:00:00.000Z', '2026-05-05T07:00:00.000Z']
  const { organisationId } = models
  const only = async () => (await listSchedules(models.sql, { organisationId, filter: { workflowId: workflow } })).rows[0]
  const registered: DomainEvent = {
    type: 'ScheduleRegistered',
    data: {
      ...{ scheduleId: schedule, workflowId: workflow, nodeId: 'n1', nodeName: 'Morning', version: 1, timezone: 'Europe/Berlin' },
      rules: [{ kind: 'weeks', count: 1, weekdays: [1, 4], hour: 9, minute: 5 }],
      ...{ anchor: today, from: today, overlap: 'skip', missed: 'one', missedWindowMs: 0, jitterMs: 0, nextAt: today },
    },
  }
  await models.write(stream, [registered])
  expect(await only()).toMatchObject({
    id: schedule,
    isActive: true,
    isPaused: false,
    nextExecution: today,
    executionCount: 0,
    cronExpression: null,
  })
  expect((await only())?.description).toBe('every week on Monday, Thursday at 09:05')
  const fire = { workflowVersion: 1, reason: 'due', nextAt: tomorrow } as const
  await models.write(stream, [{ type: 'ScheduleFired', data: { ...fire, tick: today, executionId: idOf(1) } }])
  await models.write(stream, [{ type: 'SchedulePaused', data: { note: 'holidays' } }])
  expect(await only()).toMatchObject({
    lastExecution: today,
    lastExecutionId: idOf(1),
    executionCount: 1,
    isPaused: true,
    pauseNote: 'holidays',
    nextExecution: null,
  })
  await models.write(stream, [{ type: 'ScheduleResumed', data: { from: today, nextAt: tomorrow } }])
  expect(await only()).toMatchObject({ isPaused: false, pauseNote: null, nextExecution: tomorrow })
  const cron: DomainEvent = {
    type: 'ScheduleRegistered',
    data: { ...registered.data, version: 2, rules: [{ kind: 'cron', expression: '0 9 * * *' }] } as never,
  }
  await models.write(stream, [cron])
  expect(await only()).toMatchObject({ version: 2, cronExpression: '0 9 * * *', description: 'cron 0 9 * * *', executionCount: 1 })
  await models.write(stream, [{ type: 'ScheduleReleased', data: { workflowId: workflow } }])
  expect((await listSchedules(models.sql, { organisationId, filter: { isActive: true } })).rows).toEqual([])
  expect(await schedulesByIds(models.sql, { organisationId: stranger, ids: [schedule] })).toEqual([undefined])
})

test('audit: who did what, the newest first; no steps', async () => {
  const organisationId = models.organisationId
  const byAda = await listAudit(models.sql, { organisationId, filter: { actor: 'user:ada' } })
  expect(byAda.rows.map(({ type, stream, revision }) => [type, stream, revision])).toEqual([
    ['NodeAdded', `workflow-${workflow}`, 1],
    ['WorkflowCreated', `workflow-${workflow}`, 0],
  ])
  const ofExecution = await listAudit(models.sql, { organisationId, filter: { stream: `execution-${idOf(1)}` } })
  expect(ofExecution.rows.map(({ type }) => type)).toEqual(['ExecutionFailed', 'ExecutionRequested'])
  const [first] = (await listAudit(models.sql, { organisationId, first: 1 })).rows
  const rest = await listAudit(models.sql, { organisationId, first: 200, after: first?.cursor ?? '' })
  expect((await listAudit(models.sql, { organisationId, first: 200 })).rows).toEqual([first, ...rest.rows])
  expect((await listAudit(models.sql, { organisationId: stranger })).rows).toEqual([])
})

test('node definitions: by category and name; custom ones for their organisation only', async () => {
  const organisationId = models.organisationId
  const definition = (name: string, category: string) => ({
    name,
    displayName: name,
    description: 'd',
    category,
    versions: [1, 2.1],
    properties: [],
    inputs: [],
    outputs: [],
    effects: 'pure',
    isTrigger: name === 'b',
    tags: ['x'],
  })
  const register = (name: string, category: string, context = {}) =>
    models.write(
      `node-${name}`,
      [{ type: 'NodeRegistered', data: { name, definition: definition(name, category), definitionHash: '' } }],
      context,
    )
  await register('b', 'core')
  await register('a', 'core')
  await register('mine', 'custom')
  await register('theirs', 'custom', { organisationId: stranger })
  const names = async (filter: object) => (await listNodeDefinitions(models.sql, { organisationId, filter })).rows.map(({ name }) => name)
  expect(await names({})).toEqual(['a', 'b', 'mine'])
  expect(await names({ isTrigger: true })).toEqual(['b'])
  expect(await names({ category: ['custom'], tags: ['x'], text: 'MIN' })).toEqual(['mine'])
  const [before] = await nodeDefinitionsByNames(models.sql, { organisationId, names: ['a'] })
  expect(before).toMatchObject({ id: 'a', version: 2.1, versions: [1, 2.1], isWebhook: false })
  await register('a', 'flow')
  const [after, none] = await nodeDefinitionsByNames(models.sql, { organisationId, names: ['a', 'theirs'] })
  expect(after).toMatchObject({ category: 'flow', createdAt: before?.createdAt })
  expect(none).toBeUndefined()
})
