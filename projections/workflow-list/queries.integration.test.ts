import type { NodeData } from '@weconnect/contracts/events/types'
import { openReadModels, type ReadModels } from '@weconnect/testing/read-models'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodeDefinitionList } from '../node-definitions/projection.ts'
import { workflowList } from './projection.ts'
import { connectionsOfWorkflows, listWorkflows, nodesOfWorkflows, workflowsByIds } from './queries.ts'

let models: ReadModels
beforeAll(async () => {
  models = await openReadModels([workflowList, nodeDefinitionList])
})
afterAll(() => models.close())

const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const stranger = '99999999-0000-4000-8000-000000000000'
const node = (nodeId: string, more: Partial<NodeData> = {}): NodeData => ({
  nodeId,
  name: nodeId,
  nodeType: 'n8n-nodes-base.set',
  typeVersion: 3.4,
  position: { x: 1, y: 2 },
  options: {},
  parameters: { a: 1 },
  ...more,
})
const create = (n: number, name: string, tags: readonly string[] = [], context = {}) =>
  models.write(
    `workflow-${idOf(n)}`,
    [
      {
        type: 'WorkflowCreated',
        data: {
          workflowId: idOf(n),
          organisationId: models.organisationId,
          name,
          tags,
          settings: { executionOrder: 'v1' },
          source: 'created',
        },
      },
    ],
    context,
  )
const edge = (connectionId: string, sourceNodeId: string, targetNodeId: string) => ({
  type: 'NodesConnected' as const,
  data: {
    connection: { connectionId, sourceNodeId, sourceOutput: 'main', sourceIndex: 0, targetNodeId, targetInput: 'main', targetIndex: 0 },
  },
})

test('a workflow, its nodes and connections follow its events', async () => {
  await create(1, 'Order triage', ['sales'], { actor: 'user:ada' })
  await models.write(`workflow-${idOf(1)}`, [
    {
      type: 'NodeAdded',
      data: {
        node: node('a', {
          credentials: { httpBasicAuth: { id: 'cred1', name: 'x' } },
          options: { retryOnFail: true, maxTries: 5, cache: { enabled: true, ttlSeconds: 60 } },
        }),
      },
    },
    { type: 'NodeAdded', data: { node: node('b') } },
    { type: 'NodeAdded', data: { node: node('c') } },
    edge('ab', 'a', 'b'),
    edge('bc', 'b', 'c'),
    edge('ca', 'c', 'a'),
    { type: 'NodeConfigured', data: { nodeId: 'b', parameters: { big: 'x'.repeat(20_000) } } },
    { type: 'NodeRenamed', data: { nodeId: 'b', name: 'renamed' } },
    { type: 'NodeRemoved', data: { nodeId: 'c' } },
    { type: 'WorkflowPublished', data: { version: 3, contentHash: '' } },
    { type: 'WorkflowActivated', data: { version: 3 } },
  ])
  const [workflow] = await workflowsByIds(models.sql, { organisationId: models.organisationId, ids: [idOf(1)] })
  expect(workflow).toMatchObject({
    name: 'Order triage',
    userId: 'ada',
    status: 'active',
    version: 3,
    activeVersion: 3,
    revision: 11,
    tags: ['sales'],
    settings: { executionOrder: 'v1' },
  })
  const [nodes] = await nodesOfWorkflows(models.sql, { organisationId: models.organisationId, workflowIds: [idOf(1)] })
  expect(nodes).toMatchObject([
    {
      id: 'a',
      configuration: { a: 1 },
      credentialsId: 'cred1',
      retryPolicy: { retryOnFail: true, maxTries: 5, waitBetweenTries: 1000 },
      timeoutMs: 30_000,
      cacheConfig: { enabled: true, ttl: 60 },
    },
    {
      id: 'b',
      name: 'renamed',
      configuration: { $ref: { stream: `workflow-${idOf(1)}`, revision: 7, field: 'parameters' }, bytes: 20_010 },
      cacheConfig: { enabled: false, ttl: 300 },
    },
  ])
  const [connections] = await connectionsOfWorkflows(models.sql, { organisationId: models.organisationId, workflowIds: [idOf(1)] })
  expect(connections?.map(({ id }) => id)).toEqual(['ab'])
})

test('executions are counted', async () => {
  const stream = (n: number) => `execution-${idOf(n)}`
  const requested = (n: number) => ({
    type: 'ExecutionRequested' as const,
    data: { executionId: idOf(n), workflowId: idOf(1), workflowVersion: 3, workflowRevision: 0, trigger: 'manual' as const, input: [] },
  })
  await models.write(stream(10), [requested(10), { type: 'ExecutionCompleted', data: { lastStep: -1, steps: 0, durationMs: 1.5 } }])
  await models.write(stream(11), [requested(11)])
  await models.write(stream(11), [{ type: 'ExecutionFailed', data: { code: 'NODE_FAILED', error: {}, steps: 0, durationMs: 2 } }])
  const [workflow] = await workflowsByIds(models.sql, { organisationId: models.organisationId, ids: [idOf(1)] })
  expect(workflow?.executionStats).toEqual({ total: 2, completed: 1, failed: 1, durationMs: 3.5 })
})

test('lists are filtered, paged in a stable order, and never show what another organisation has', async () => {
  for (let n = 20; n < 27; n++) await create(n, `Paged 100% ${n}`, n % 2 ? ['odd', 'paged'] : ['even', 'paged'])
  await create(28, 'Paged 100% of somebody else', ['paged'], { organisationId: stranger })
  await models.write(`workflow-${idOf(26)}`, [{ type: 'WorkflowArchived', data: {} }])
  const organisationId = models.organisationId
  const names = async (filter: object) =>
    (await listWorkflows(models.sql, { organisationId, filter })).rows.map(({ id }) => Number(id.slice(-2)))
  expect(await names({ text: '100% 2' })).toEqual([25, 24, 23, 22, 21, 20])
  expect(await names({ text: 'paged' })).toEqual([25, 24, 23, 22, 21, 20])
  expect(await names({ tags: ['odd', 'paged'] })).toEqual([25, 23, 21])
  expect(await names({ status: ['archived'] })).toEqual([26])
  expect(await names({ name: 'Paged 100% 24', isTemplate: false })).toEqual([24])
  expect(await workflowsByIds(models.sql, { organisationId, ids: [idOf(28), 'no id', idOf(20)] })).toMatchObject([
    undefined,
    undefined,
    { id: idOf(20) },
  ])
  const filter = { tags: ['paged'] }
  const first = await listWorkflows(models.sql, { organisationId, filter, first: 4 })
  expect(await first.totalCount()).toBe(6)
  expect(first).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  await create(29, 'Paged 100% late', ['paged'])
  const second = await listWorkflows(models.sql, { organisationId, filter, first: 4, after: first.endCursor ?? '' })
  expect([...first.rows, ...second.rows].map(({ id }) => Number(id.slice(-2)))).toEqual([25, 24, 23, 22, 21, 20])
  expect(second).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  const back = await listWorkflows(models.sql, { organisationId, filter, last: 3, before: second.startCursor ?? '' })
  expect(back.rows.map(({ id }) => Number(id.slice(-2)))).toEqual([24, 23, 22])
  expect(back).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
})

test.each([
  ['rubbish', { first: 2, after: 'rubbish' }],
  ['a cursor of another list', { first: 2, after: Buffer.from('[7]').toString('base64url') }],
  ['too many', { first: 201 }],
  ['less than nothing', { last: -1 }],
  ['both ends', { first: 1, last: 1 }],
])('%s is no page', async (_, args) => {
  await expect(listWorkflows(models.sql, { organisationId: models.organisationId, ...args })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  })
})
