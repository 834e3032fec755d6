import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFileBlobs } from '@weconnect/blobs/files'
import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { openJournal } from '@weconnect/eventstore/open-journal'
import { openNodeRegistry } from '@weconnect/nodes/registry'
import type { NodeType } from '@weconnect/nodes/sdk/node'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { sharedFolder } from '@weconnect/testing/requires'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ImportReport, TriggerRegistrar, Workflows } from './face.ts'
import { openWorkflows } from './open-workflows.ts'
import { webhooksOf } from './validation/webhooks-of.ts'

const organisationId = randomUUID()
const contextOf = (organisation: string): Context => ({
  actor: 'user:1',
  organisationId: organisation,
  correlationId: 'c',
  causationId: 'c',
})
const context = contextOf(organisationId)

const folder = mkdtempSync(join(tmpdir(), 'weconnect-workflows-'))
const keyring = openKeyFile(join(folder, 'keys.json'))
const blobs = openFileBlobs({ folder: join(folder, 'blobs'), addressKey: (organisation) => keyring.derive(`blobs ${organisation}`) })
const store = openEmbeddedEventStore({ folder })
const journal = openJournal({ store, keyring, blobs, now: () => new Date().toISOString(), newId: randomUUID })
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

/** A webhook node, as far as workflows look at one. */
const hook: NodeType = {
  definition: {
    name: 'test.webhook',
    displayName: 'Webhook',
    description: '',
    category: 'trigger',
    versions: [1, 2],
    properties: [{ displayName: 'Path', name: 'path', type: 'string', default: '', required: true }],
    inputs: [],
    outputs: [{ type: 'main' }],
    isTrigger: true,
    effects: 'pure',
  },
  execute: async () => [],
  validate: () => [],
  webhook: ({ path }) => ({
    methods: ['POST'],
    path: String(path),
    responseMode: 'onReceived',
    responseCode: 200,
    responseHeaders: {},
    responseData: 'noData',
    rawBody: false,
  }),
}

/** Routes in memory, as unique as those of the webhooks service. */
const routes = new Map<string, { workflowId: string; version: number }>()
const triggers: TriggerRegistrar = {
  register: async (workflowId, version, { nodes }) => {
    for (const { path } of webhooksOf(nodes, openNodeRegistry([hook])).map(({ description }) => description)) {
      const holder = routes.get(path)
      if (holder && holder.workflowId !== workflowId)
        throw new WeConnectError('WEBHOOK_PATH_TAKEN', `${path} is held by ${holder.workflowId}`)
      routes.set(path, { workflowId, version })
    }
  },
  release: async (workflowId, keepVersion) => {
    for (const [path, holder] of routes) if (holder.workflowId === workflowId && holder.version !== keepVersion) routes.delete(path)
  },
}
const open = (): Workflows =>
  openWorkflows({
    journal,
    registry: openNodeRegistry([hook]),
    triggers,
    credentials: { isKnown: async () => false },
    parseExpression: () => undefined,
    newId: randomUUID,
  })

let workflows: Workflows
beforeAll(() => {
  workflows = open()
})

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => (isWeConnectError(error) ? error.code : error),
  )

const create = async () => {
  const to = { workflowId: randomUUID(), organisationId }
  await workflows.handle({ type: 'CreateWorkflow', ...to, name: 'Orders' }, context)
  return to
}
const withWebhook = async (path: string) => {
  const to = await create()
  const hook = { nodeId: 'hook', name: 'Webhook', nodeType: 'test.webhook', typeVersion: 2, position: { x: 0, y: 0 } }
  await workflows.handle({ type: 'AddNode', ...to, ...hook, parameters: { path } }, context)
  return to
}
const repath = (to: { workflowId: string; organisationId: string }, path: string) =>
  workflows.handle({ type: 'ConfigureNode', ...to, nodeId: 'hook', parameters: { path } }, context)

describe('one organisation does not see the workflows of another', () => {
  const stranger = contextOf(randomUUID())
  test('by naming its own', async () => {
    const { workflowId } = await create()
    const command = { type: 'RenameWorkflow', workflowId, organisationId: stranger.organisationId, name: 'Mine' } as const
    expect(await codeOf(workflows.handle(command, stranger))).toBe('NOT_FOUND')
  })
  test('by naming the owner', async () => {
    const to = await create()
    expect(await codeOf(workflows.handle({ type: 'RenameWorkflow', ...to, name: 'Mine' }, stranger))).toBe('NOT_FOUND')
  })
  test('by reading', async () => {
    const { workflowId } = await create()
    expect(await codeOf(workflows.load(workflowId, stranger.organisationId))).toBe('NOT_FOUND')
    expect(await codeOf(workflows.exportWorkflow(workflowId, stranger.organisationId))).toBe('NOT_FOUND')
  })
  test('by activating a version', async () => {
    const to = await withWebhook(randomUUID())
    await workflows.handle({ type: 'PublishWorkflow', ...to }, context)
    expect(await codeOf(workflows.handle({ type: 'ActivateWorkflow', ...to, version: 1 }, stranger))).toBe('NOT_FOUND')
  })
})

test('of two edits made against one version, one is taken', async () => {
  const to = await create()
  const rename = (name: string) => workflows.handle({ type: 'RenameWorkflow', ...to, expectedVersion: 0, name }, context)
  const codes = await Promise.all([codeOf(rename('A')), codeOf(rename('B'))])
  expect(codes.toSorted()).toEqual(['STALE_EXPECTED_VERSION', undefined])
})

describe('activation', () => {
  test('publishes, holds the paths, and moves them with the next version', async () => {
    const path = randomUUID()
    const to = await withWebhook(path)
    const first = await workflows.handle({ type: 'ActivateWorkflow', ...to }, context)
    expect(first.workflow).toMatchObject({ status: 'active', version: 1, activeVersion: 1 })
    expect(routes.get(path)).toEqual({ workflowId: to.workflowId, version: 1 })
    await repath(to, `${path}-2`)
    await workflows.handle({ type: 'ActivateWorkflow', ...to }, context)
    expect([routes.has(path), routes.get(`${path}-2`)?.version]).toEqual([false, 2])
    await workflows.handle({ type: 'ActivateWorkflow', ...to, version: 1 }, context)
    expect([routes.get(path)?.version, routes.has(`${path}-2`)]).toEqual([1, false])
  })
  test.for(['DeactivateWorkflow', 'ArchiveWorkflow'] as const)('%s lets the paths go', async (type) => {
    const path = randomUUID()
    const to = await withWebhook(path)
    await workflows.handle({ type: 'ActivateWorkflow', ...to }, context)
    const handled = await workflows.handle({ type, ...to }, context)
    expect([handled.workflow.activeVersion, routes.has(path)]).toEqual([0, false])
  })
  test('a path that is taken leaves the live version as it was', async () => {
    const [taken, own] = [randomUUID(), randomUUID()]
    await workflows.handle({ type: 'ActivateWorkflow', ...(await withWebhook(taken)) }, context)
    const to = await withWebhook(own)
    await workflows.handle({ type: 'ActivateWorkflow', ...to }, context)
    await repath(to, taken)
    expect(await codeOf(workflows.handle({ type: 'ActivateWorkflow', ...to }, context))).toBe('WEBHOOK_PATH_TAKEN')
    const { workflow } = await workflows.load(to.workflowId, organisationId)
    expect([workflow.activeVersion, routes.get(own)]).toEqual([1, { workflowId: to.workflowId, version: 1 }])
  })
  test('problems of the content are all in the error, and nothing is written', async () => {
    const to = await create()
    const add = { nodeType: 'test.unheard', typeVersion: 1, position: { x: 0, y: 0 } }
    const { revision } = await workflows.handle({ type: 'AddNode', ...to, ...add, nodeId: 'a', name: 'A' }, context)
    const error = await workflows.handle({ type: 'ActivateWorkflow', ...to }, context).catch((caught: unknown) => caught)
    expect(isWeConnectError(error, 'WORKFLOW_INVALID') && error.problems.map(({ code, node }) => [code, node])).toEqual([
      ['WORKFLOW_INVALID', undefined],
      ['NODE_UNKNOWN', 'A'],
      ['WORKFLOW_INVALID', 'A'],
    ])
    expect((await workflows.load(to.workflowId, organisationId)).revision).toBe(revision)
  })
})

describe('published versions', () => {
  test('stay what they were', async () => {
    const path = randomUUID()
    const to = await withWebhook(path)
    const { workflow } = await workflows.handle({ type: 'PublishWorkflow', ...to }, context)
    await repath(to, 'changed')
    const content = await workflows.contentAt(to.workflowId, workflow.versions.get(1)!.revision)
    expect(content.nodes[0]?.parameters).toEqual({ path })
    expect(await workflows.exportWorkflow(to.workflowId, organisationId, 1)).toMatchObject({ nodes: [{ parameters: { path } }] })
    expect(await workflows.exportWorkflow(to.workflowId, organisationId)).toMatchObject({ nodes: [{ parameters: { path: 'changed' } }] })
  })
  test('that do not exist are not found', async () => {
    const { workflowId } = await create()
    expect(await codeOf(workflows.exportWorkflow(workflowId, organisationId, 1))).toBe('NOT_FOUND')
    expect(await codeOf(workflows.contentAt(workflowId, 9))).toBe('NOT_FOUND')
  })
})

describe('import', () => {
  const file = {
    name: 'Hello',
    nodes: [
      { name: 'A', type: 't', id: null },
      { name: 'B', type: 't' },
    ],
    connections: { A: { main: [null, [{ node: 'B' }]] } },
    active: true,
  }
  test('through the log and back', async () => {
    const [report] = await workflows.importWorkflows(JSON.stringify(file), context)
    expect(report).toMatchObject({ name: 'Hello', nodes: 2, connections: 1, revision: 3 })
    expect(await open().exportWorkflow(report!.workflowId, organisationId)).toStrictEqual(file)
  })
  test('the same file twice makes two workflows', async () => {
    const reports = await workflows.importWorkflows([file, file], context)
    expect(new Set(reports.map(({ workflowId }) => workflowId)).size).toBe(2)
  })
  test('a file that is wrong in its last workflow writes nothing', async () => {
    const before = await journal.head()
    expect(await codeOf(workflows.importWorkflows([file, { name: 'no nodes' }], context))).toBe('INVALID_INPUT')
    expect(await journal.head()).toBe(before)
  })
})

const corpus = sharedFolder('workflows')
test.skipIf(!corpus)('real workflows go through the log and back', async () => {
  const files = readdirSync(corpus!).filter((file) => file.endsWith('.json'))
  const reader = open()
  const importAll = files.map(async (file) => {
    const text = readFileSync(join(corpus!, file), 'utf8')
    const [report] = await workflows.importWorkflows(text, context)
    expect(await reader.exportWorkflow(report!.workflowId, organisationId), file).toStrictEqual(JSON.parse(text))
  })
  await Promise.all(importAll)
  expect(files.length).toBeGreaterThan(300)
})

describe('a file of 500 nodes', () => {
  const big = (nodes: number) => ({
    name: 'Big',
    nodes: Array.from({ length: nodes }, (_, index) => ({
      id: `n${index}`,
      name: `Node ${index}`,
      type: 'n8n-nodes-base.set',
      typeVersion: 3.4,
      position: [index * 10, 0],
      parameters: {
        assignments: { assignments: [{ id: 'a', name: 'field', type: 'string', value: `={{ $json.a + ${index} }} ${'x'.repeat(500)}` }] },
      },
    })),
    connections: Object.fromEntries(
      Array.from({ length: nodes - 1 }, (_, index) => [
        `Node ${index}`,
        { main: [[{ node: `Node ${index + 1}`, type: 'main', index: 0 }]] },
      ]),
    ),
    pinData: { 'Node 0': [{ json: { a: 1 } }] },
  })

  test('is imported in several appends, and comes back as it was', async () => {
    const [report] = await workflows.importWorkflows(big(500), context)
    expect(report).toMatchObject({ nodes: 500, connections: 499, workflow: { status: 'draft' } })
    const { workflow } = await workflows.load(report!.workflowId, organisationId)
    expect([workflow.nodes.length, workflow.connections.length, workflow.status]).toEqual([500, 499, 'draft'])
    expect(await workflows.exportWorkflow(report!.workflowId, organisationId)).toEqual(big(500))
    const types: string[] = []
    for await (const event of journal.read(`workflow-${report!.workflowId}`)) types.push(event.type)
    expect([types[0], types.at(-1)]).toEqual(['WorkflowCreated', 'WorkflowImported'])
  })

  test('does not exist until its last part is there', async () => {
    let appends = 0
    const failing = openWorkflows({
      journal: {
        ...journal,
        append: async (...args) => {
          appends += 1
          if (appends > 1) throw new WeConnectError('DISK_FULL', 'no room')
          return journal.append(...args)
        },
      },
      registry: openNodeRegistry([]),
      credentials: { isKnown: async () => false },
      triggers,
      parseExpression: () => undefined,
      newId: () => halfId,
    })
    const halfId = randomUUID()
    await expect(failing.importWorkflows(big(500), context)).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(appends).toBe(2)
    await expect(workflows.load(halfId, organisationId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const rename = { type: 'RenameWorkflow', workflowId: halfId, organisationId, name: 'x' } as const
    await expect(workflows.handle(rename, context)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('that is bad says everything that is wrong with it, by node and parameter', async () => {
    const file = big(500)
    const nodes: unknown[] = file.nodes.map((node, index) => (index % 100 === 0 ? { ...node, typeVersion: 'x', parameters: [] } : node))
    const error = await workflows.importWorkflows({ ...file, nodes, settings: 1 }, context).catch((thrown: unknown) => thrown)
    const problems = (error as WeConnectError).problems
    expect(problems.filter(({ parameter }) => parameter === 'typeVersion').map(({ node }) => node)).toEqual([
      'Node 0',
      'Node 100',
      'Node 200',
      'Node 300',
      'Node 400',
    ])
    expect(problems).toHaveLength(11)
    expect(problems).toContainEqual(expect.objectContaining({ node: 'Node 300', parameter: 'parameters', path: '$.nodes[300].parameters' }))
    expect(problems.at(-1)).toMatchObject({ path: '$.settings' })
  })
})

describe('workflows that name each other', () => {
  const caller = (id: string, called: unknown, settings: object = {}) => ({
    id,
    name: `Workflow ${id}`,
    nodes: [
      {
        ...{ id: 'n1', name: 'Call', type: 'n8n-nodes-base.executeWorkflow', typeVersion: 1.2, position: [0, 0] },
        parameters: { workflowId: called, mode: 'each' },
      },
    ],
    connections: {},
    settings,
  })
  const locator = (value: string) => ({
    __rl: true,
    mode: 'list',
    value,
    cachedResultName: 'The child',
    cachedResultUrl: `/workflow/${value}`,
  })
  const plain = (id: string) => ({ id, name: `Workflow ${id}`, nodes: [], connections: {} })
  const imports = (file: unknown) => workflows.importWorkflows(file, context)
  const calledIn = async (workflowId: string) =>
    (await workflows.load(workflowId, organisationId)).workflow.nodes[0]?.parameters['workflowId']
  /** Without those of types that this registry does not have. */
  const told = (report: ImportReport | undefined) => report!.notes.filter(({ kind }) => kind !== 'notRunnable')
  const exported = (workflowId: string) => workflows.exportWorkflow(workflowId, organisationId)

  test('in one file, also round in a circle: each by its id here, and an export gives the file back', async () => {
    const files = [caller('same-a', locator('same-b'), { errorWorkflow: 'same-b' }), caller('same-b', 'same-a')]
    const [a, b] = await imports(files)
    expect(await calledIn(a!.workflowId)).toEqual({ ...locator('same-b'), value: b!.workflowId })
    expect(await calledIn(b!.workflowId)).toBe(a!.workflowId)
    expect(a!.workflow.settings).toEqual({ errorWorkflow: b!.workflowId })
    expect([...told(a), ...told(b)]).toEqual([])
    expect(await exported(a!.workflowId)).toEqual(files[0])
    expect(await exported(b!.workflowId)).toEqual(files[1])
  })

  test('one after another: the later names what was imported before', async () => {
    const [child] = await imports(plain('after-child'))
    const file = caller('after-parent', locator('after-child'))
    const [parent] = await imports(file)
    expect(await calledIn(parent!.workflowId)).toEqual({ ...locator('after-child'), value: child!.workflowId })
    expect(await exported(parent!.workflowId)).toEqual(file)
  })

  test('the earlier is told, and linked when the other comes; its export stays the same', async () => {
    const file = caller('early-parent', locator('early-child'), { errorWorkflow: 'early-child' })
    const [parent] = await imports(file)
    expect(told(parent)).toMatchObject([
      { node: 'Call', kind: 'warning', message: expect.stringContaining('The child') },
      { kind: 'warning' },
    ])
    expect(await exported(parent!.workflowId)).toEqual(file)
    const [child] = await imports(plain('early-child'))
    expect(child!.notes).toMatchObject([{ kind: 'changed', message: expect.stringContaining('"Workflow early-parent"') }])
    expect(await calledIn(parent!.workflowId)).toEqual({ ...locator('early-child'), value: child!.workflowId })
    expect((await workflows.load(parent!.workflowId, organisationId)).workflow.settings).toEqual({ errorWorkflow: child!.workflowId })
    expect(await exported(parent!.workflowId)).toEqual(file)
  })

  test('imported again it is the newest for those that come after, and nothing changes for the others', async () => {
    const [first] = await imports(plain('twice-child'))
    const [one] = await imports(caller('twice-one', 'twice-child'))
    const [second] = await imports(plain('twice-child'))
    const [two] = await imports(caller('twice-two', 'twice-child'))
    expect([await calledIn(one!.workflowId), await calledIn(two!.workflowId)]).toEqual([first!.workflowId, second!.workflowId])
  })

  test('what an expression names, what another organisation has, and what two of the file are called, is not linked but told', async () => {
    await workflows.importWorkflows(plain('theirs'), { ...context, organisationId: '5c0b2f5e-0000-4000-8000-00000000000f' })
    const [dynamic] = await imports(caller('dynamic', '={{ $json.id }}'))
    expect(told(dynamic)).toMatchObject([{ node: 'Call', message: expect.stringContaining('expression') }])
    const [stranger] = await imports(caller('stranger', 'theirs'))
    expect(told(stranger)).toMatchObject([{ node: 'Call', message: expect.stringContaining('theirs') }])
    const [doubled] = await imports([caller('doubled', 'both'), plain('both'), plain('both')])
    expect(told(doubled)).toMatchObject([{ node: 'Call', message: expect.stringContaining('both') }])
  })

  test('an id of a workflow here stays what it is', async () => {
    const [child] = await imports({ name: 'No id of its own', nodes: [], connections: {} })
    const [parent] = await imports(caller('ours', child!.workflowId))
    expect(told(parent)).toEqual([])
    expect(await calledIn(parent!.workflowId)).toBe(child!.workflowId)
  })
})
