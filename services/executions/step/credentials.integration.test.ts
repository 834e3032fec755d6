import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseEgressAllow } from '@weconnect/http/address-guard'
import { type Egress, openEgress } from '@weconnect/http/egress'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { afterAll, beforeAll, expect, test } from 'vitest'

const password = 'canary-pass-7f3a'
const secret = 'canary-jwt-secret-91'

/** Repeats what it was sent. */
const server: Server = createServer((request, response) => {
  if (request.url === '/broken') return void response.destroy()
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ authorization: request.headers.authorization ?? null, url: request.url }))
})

let fixture: EngineFixture
let egress: Egress
let address: string
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  egress = openEgress({ allow: parseEgressAllow('127.0.0.0/8') })
  fixture = await openEngineFixture({ egress })
})
afterAll(async () => {
  await fixture.close()
  await egress.close()
  server.close()
})

const start = { id: 'start', name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} }
const run = async (node: { type: string; typeVersion: number; parameters: object; credentials: object }) => {
  const { workflows, engine, executions, context } = fixture
  const file = {
    name: 'W',
    nodes: [start, { id: 'node', name: 'Node', position: [200, 0], ...node }],
    connections: { Start: { main: [[{ node: 'Node', type: 'main', index: 0 }]] } },
  }
  const [imported] = await workflows.importWorkflows(file, context)
  const executionId = crypto.randomUUID()
  const { ended } = engine.execute({
    executionId,
    workflowId: imported!.workflowId,
    workflowVersion: 0,
    workflowRevision: imported!.revision,
    trigger: 'manual',
    input: [[{ json: {} }]],
    context,
  })
  await ended
  const events: unknown[] = []
  for await (const event of fixture.journal.read(`execution-${executionId}`)) events.push(event)
  const view = await executions.view(executionId, context.organisationId)
  const output = await view.steps[1]?.output()
  return { executionId, events: JSON.stringify(events), view, json: output?.[0]?.[0]?.json, notes: imported!.notes }
}
const basicNode = (reference: object, path = '/a') => ({
  type: 'n8n-nodes-base.httpRequest',
  typeVersion: 4.2,
  parameters: { url: `${address}${path}`, authentication: 'genericCredentialType', genericAuthType: 'httpBasicAuth', options: {} },
  credentials: { httpBasicAuth: reference },
})
const replayOf = (executionId: string) => fixture.executions.replay(executionId, fixture.context.organisationId)

test('a request goes out with its credential; record and items hold nothing of it; the replay is equal, also without the credential', async () => {
  const { credentials, context } = fixture
  const { credential } = await credentials.create({ name: 'Server', type: 'httpBasicAuth', data: { user: 'ada', password } }, context)
  const { json, events, executionId, notes } = await run(basicNode({ id: 'n8n-id', name: 'Server' }))
  expect(notes).toEqual([])
  expect(json).toEqual({ authorization: '**hidden**', url: '/a' })
  expect(events).not.toContain('canary')
  expect(events).not.toContain(Buffer.from(`ada:${password}`).toString('base64'))
  expect(await replayOf(executionId)).toMatchObject({ equal: true, differences: [] })
  await credentials.remove(credential.credentialId, context)
  expect(await replayOf(executionId)).toMatchObject({ equal: true })
  const gone = await run(basicNode({ id: credential.credentialId, name: 'Server' }))
  expect(gone.view).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('was deleted') } })
})

test('a node that works with the secret itself gives the same when it is replayed after the secret changed', async () => {
  const { credentials, context } = fixture
  const given = { name: 'Key', type: 'jwtAuth', data: { keyType: 'passphrase', secret, algorithm: 'HS256' } }
  const { credential } = await credentials.create(given, context)
  const { executionId, events, json } = await run({
    type: 'n8n-nodes-base.jwt',
    typeVersion: 1,
    parameters: { useJson: true, claimsJson: '{"a":1,"iat":1}', options: {} },
    credentials: { jwtAuth: { id: credential.credentialId } },
  })
  expect(json).toHaveProperty('token')
  expect(events).not.toContain(secret)
  expect(events).toContain(credential.credentialId)
  await credentials.update(credential.credentialId, { data: { ...given.data, secret: 'another-secret' } }, context)
  expect(await replayOf(executionId)).toMatchObject({ equal: true, differences: [] })
})

test('a workflow that names the credential of another organisation does not get it, and the import says that it is missing', async () => {
  const theirs = { ...fixture.context, organisationId: '5c0b2f5e-0000-4000-8000-00000000beef' }
  const { credential } = await fixture.credentials.create(
    { name: 'Theirs', type: 'httpBasicAuth', data: { user: 'eve', password } },
    theirs,
  )
  const { view, events, notes } = await run(basicNode({ id: credential.credentialId, name: 'Theirs' }))
  expect(notes).toMatchObject([
    { node: 'Node', kind: 'warning', message: expect.stringContaining('no credential "Theirs" of type httpBasicAuth') },
  ])
  expect(view).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('does not exist') } })
  expect(events).not.toContain('canary')
})

test('a node uses what its own definition refers to, and nothing that its parameters or items name', async () => {
  await fixture.credentials.create({ name: 'Own', type: 'httpBasicAuth', data: { user: 'ada', password } }, fixture.context)
  const forged = { ...basicNode({}), credentials: {} }
  const parameters = { ...forged.parameters, credentials: { httpBasicAuth: { name: 'Own' } } }
  const { view } = await run({ ...forged, parameters })
  expect(view).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('does not have any credentials set') } })
  const expression = await run(basicNode({ id: '={{ "x" }}', name: '={{ "Own" }}' }))
  expect(expression.view).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('does not exist') } })
})

test('an inline sub-workflow runs no node with a credential', async () => {
  const inline = { nodes: [basicNode({ name: 'Own' })], connections: {} }
  const { view, events } = await run({
    type: 'n8n-nodes-base.executeWorkflow',
    typeVersion: 1.2,
    parameters: { source: 'parameter', workflowJson: JSON.stringify(inline), options: {} },
    credentials: {},
  })
  expect(view.status).toBe('failed')
  expect(events).not.toContain('canary')
})

test('an expression sees no credential', async () => {
  for (const text of ['{{ $credentials }}', '{{ $node["Node"].credentials }}', '{{ $credentials.httpBasicAuth.password }}']) {
    const { events } = await run({
      type: 'n8n-nodes-base.set',
      typeVersion: 3.4,
      parameters: { assignments: { assignments: [{ id: '1', name: 'a', value: `=${text}`, type: 'string' }] }, options: {} },
      credentials: { httpBasicAuth: { name: 'Own' } },
    })
    expect(events, text).not.toContain('canary')
  }
})
