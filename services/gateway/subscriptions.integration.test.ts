import { randomUUID } from 'node:crypto'
import { openTokens } from '@weconnect/admin/tokens'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { startTestInstance, type TestInstance } from '@weconnect/testing/gateway-fixture'
import { type Client, createClient } from 'graphql-ws'
import { io } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import WebSocket from 'ws'

let instance: TestInstance
const clients: Client[] = []

beforeAll(async () => {
  instance = await startTestInstance()
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose()
})
afterAll(async () => {
  await instance.close()
})

const connect = (token: string | null = instance.token): Client => {
  const client = createClient({
    url: `${instance.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(token !== null && { connectionParams: { authorization: `Bearer ${token}` } }),
  })
  clients.push(client)
  return client
}

interface Update {
  readonly id: string
  readonly type: string
  readonly position: string
  readonly revision: number
  readonly execution?: { readonly status: string; readonly revision: number }
  readonly workflow?: { readonly name: string; readonly revision: number }
}
interface Seen {
  readonly updates: Update[]
  readonly errors: { message: string; extensions?: { code?: string } }[]
  readonly ended: Promise<unknown>
  stop(): void
}

/** Collects what a subscription brings. */
const watch = (client: Client, query: string, variables: Record<string, unknown> = {}): Seen => {
  const seen = { updates: [] as Update[], errors: [] as Seen['errors'] }
  const { promise: ended, resolve } = Promise.withResolvers<unknown>()
  const stop = client.subscribe<Record<string, Update>>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (data) seen.updates.push(Object.values(data)[0] as Update)
        if (errors) seen.errors.push(...(errors as unknown as Seen['errors']))
      },
      error: (error) => {
        if (Array.isArray(error)) seen.errors.push(...error)
        resolve(error)
      },
      complete: () => resolve(undefined),
    },
  )
  return { ...seen, ended, stop }
}

const fields = 'id type time position revision data'
const workflowUpdated = `subscription ($id: ID!, $after: Position) { workflowUpdated(id: $id, after: $after) { ${fields} workflowId workflow { name revision } } }`
const executionUpdated = `subscription ($id: ID!, $after: Position) { executionUpdated(id: $id, after: $after) { ${fields} executionId step nodeName execution { status revision } } }`

const create = async (): Promise<{ id: string; position: string }> => {
  const { data } = await instance.graphql('mutation { createWorkflow(input: {name: "0"}) { workflow { id } position } }')
  return { id: data.createWorkflow.workflow.id, position: data.createWorkflow.position }
}
const rename = async (id: string, name: string): Promise<string> =>
  (
    await instance.graphql('mutation ($id: ID!, $name: String!) { renameWorkflow(workflowId: $id, name: $name) { position } }', {
      id,
      name,
    })
  ).data.renameWorkflow.position

const file = {
  name: 'Waits for nothing',
  nodes: [
    { id: 'a', name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} },
    { id: 'b', name: 'Nothing', type: 'n8n-nodes-base.noOp', typeVersion: 1, position: [0, 0], parameters: {} },
  ],
  connections: { Start: { main: [[{ node: 'Nothing', type: 'main', index: 0 }]] } },
  settings: {},
}
const importFile = async (): Promise<{ id: string; position: string }> => {
  const { data } = await instance.graphql(
    'mutation ($json: JSON!) { importWorkflow(json: $json) { position workflows { workflow { id } } } }',
    {
      json: file,
    },
  )
  return { id: data.importWorkflow.workflows[0].workflow.id, position: data.importWorkflow.position }
}
const run = async (workflowId: string): Promise<{ id: string; position: string }> => {
  const { data } = await instance.graphql(
    'mutation ($input: RunWorkflowInput!) { runWorkflow(input: $input) { execution { id } position } }',
    {
      input: { workflowId },
    },
  )
  return { id: data.runWorkflow.execution.id, position: data.runWorkflow.position }
}

test('from a position on, every edit comes once and in order, before and after the subscription began', async () => {
  const { id, position } = await create()
  for (const name of ['1', '2', '3']) await rename(id, name)
  const seen = watch(connect(), workflowUpdated, { id, after: position })
  for (const name of ['4', '5', '6']) await rename(id, name)
  await vi.waitFor(() => expect(seen.updates).toHaveLength(6))
  expect(seen.updates.map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5, 6])
  expect(seen.updates.every(({ revision, workflow }) => (workflow?.revision ?? -1) >= revision)).toBe(true)

  const rest = watch(connect(), workflowUpdated, { id, after: seen.updates[3]?.position })
  await vi.waitFor(() => expect(rest.updates.map(({ id: event }) => event)).toEqual(seen.updates.slice(4).map(({ id: event }) => event)))
})

test('an execution is seen from its request to its end', async () => {
  const { id: workflowId, position } = await importFile()
  const { id } = await run(workflowId)
  const seen = watch(connect(), executionUpdated, { id, after: position })
  await vi.waitFor(() => expect(seen.updates.at(-1)?.type).toBe('ExecutionCompleted'))
  expect(seen.updates.map(({ revision }) => revision)).toEqual(seen.updates.map((_, index) => index))
  expect(seen.updates.at(-1)?.execution?.status).toBe('completed')
})

test('begin and end of all executions of a workflow come, not those of another', async () => {
  const [{ id: mine, position }, { id: other }] = [await importFile(), await importFile()]
  const query = `subscription ($filter: ExecutionUpdateFilter, $after: Position) { executions(filter: $filter, after: $after) { ${fields} executionId } }`
  await run(mine)
  const seen = watch(connect(), query, {
    filter: { workflowId: mine, types: ['ExecutionRequested', 'ExecutionCompleted'] },
    after: position,
  })
  await run(other)
  await run(mine)
  await vi.waitFor(() => expect(seen.updates.filter(({ type }) => type === 'ExecutionCompleted')).toHaveLength(2))
  expect(seen.updates.map(({ type }) => type)).toEqual([
    'ExecutionRequested',
    'ExecutionCompleted',
    'ExecutionRequested',
    'ExecutionCompleted',
  ])
})

test('without a token there is nothing but the schema; a forged one is shown the door', async () => {
  const { id } = await create()
  const anonymous = watch(connect(null), workflowUpdated, { id })
  await anonymous.ended
  expect(anonymous.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
  const forged = watch(connect(`${instance.token}x`), workflowUpdated, { id })
  expect(await forged.ended).toMatchObject({ code: 4403, reason: 'UNAUTHENTICATED: Authentication is required' })
})

test('what is refused is refused with its code', async () => {
  const { id } = await create()
  const foreign = await openTokens(openKeyFile(`${instance.folder}/keys.json`).derive('jwt')).issue({
    principal: { userId: randomUUID(), organisationId: randomUUID(), role: 'owner' },
    tokenId: randomUUID(),
    nowMs: instance.parts.now(),
    ttlSeconds: 60,
  })
  const codeOf = async (client: Client, query: string, variables: Record<string, unknown>) => {
    const seen = watch(client, query, variables)
    await seen.ended
    return seen.errors[0]?.extensions?.code
  }
  const client = connect()
  expect(await codeOf(connect(foreign), workflowUpdated, { id })).toBe('NOT_FOUND')
  expect(await codeOf(client, workflowUpdated, { id: randomUUID() })).toBe('NOT_FOUND')
  expect(await codeOf(client, executionUpdated, { id: 'x' })).toBe('INVALID_INPUT')
  expect(await codeOf(client, workflowUpdated, { id, after: 'x' })).toBe('INVALID_INPUT')
  expect(await codeOf(client, 'subscription { nothing }', {})).toBe('QUERY_INVALID')
  expect(await codeOf(client, 'subscription { ', {})).toBe('QUERY_INVALID')
  expect(await codeOf(client, `{ ${'a { '.repeat(29)} b ${'} '.repeat(29)} }`, {})).toBe('QUERY_TOO_DEEP')
})

test('queries and mutations go over the websocket too', async () => {
  const seen = watch(connect(), '{ me { email } }')
  await seen.ended
  expect(seen.updates).toEqual([{ email: 'owner@example.org' }])
})

test('a subscription that was left lets go of the log', async () => {
  const { id } = await create()
  const signals: AbortSignal[] = []
  const { subscribe } = instance.journal
  Object.assign(instance.journal, {
    subscribe: (options: Parameters<typeof subscribe>[0]) => {
      if (options.stream === `workflow-${id}` && options.signal) signals.push(options.signal)
      return subscribe(options)
    },
  })
  const seen = watch(connect(), workflowUpdated, { id })
  await vi.waitFor(() => expect(signals).toHaveLength(1))
  seen.stop()
  await vi.waitFor(() => expect(signals[0]?.aborted).toBe(true))
  Object.assign(instance.journal, { subscribe })
})

test('GraphQL and socket.io share the port and the feed', async () => {
  const { id } = await create()
  const socket = io(instance.url, { auth: { token: instance.token }, transports: ['websocket'], reconnection: false })
  const updates: { revision: number; cursor: string }[] = []
  socket.on('workflow_update', (update) => updates.push(update))
  socket.emit('subscribe_workflow', { workflowId: id })
  await new Promise((resolve) => socket.once('subscribed', resolve))
  const position = await rename(id, 'both')
  await vi.waitFor(() => expect(updates).toMatchObject([{ revision: 1, cursor: position }]))
  socket.disconnect()
})

test('a websocket on another path is refused', async () => {
  const socket = new WebSocket(`${instance.url.replace('http', 'ws')}/elsewhere`)
  const error = await new Promise<Error>((resolve) => socket.once('error', resolve))
  expect(error.message).toContain('404')
})

test('a subscription ends with its token', async () => {
  const { id } = await create()
  const { token } = await instance.admin.issueToken((await instance.admin.verifyToken(instance.token)).userId, 600)
  const seen = watch(connect(token), workflowUpdated, { id })
  await vi.waitFor(async () => {
    await rename(id, `${Math.random()}`)
    expect(seen.updates.length).toBeGreaterThan(0)
  })
  const { token: later } = await instance.admin.issueToken((await instance.admin.verifyToken(instance.token)).userId, 6000)
  instance.advance(601_000)
  await instance.graphql('mutation ($id: ID!) { renameWorkflow(workflowId: $id, name: "unseen") { version } }', { id }, later)
  await seen.ended
  expect(seen.errors).toMatchObject([{ extensions: { code: 'TOKEN_EXPIRED' } }])
})
