import { connect as connectSocket } from 'node:net'
import { defaultOrganisationId } from '@weconnect/admin/admin'
import { openTokens } from '@weconnect/admin/tokens'
import { noStream } from '@weconnect/eventstore/journal'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { type Answer, password, startTestInstance, type TestInstance } from '@weconnect/testing/gateway-fixture'
import { getIntrospectionQuery } from 'graphql/index.js'
import { v4 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

let instance: TestInstance
const graphql = (query: string, variables?: object, token?: string | null): Promise<Answer> => instance.graphql(query, variables, token)
const codes = ({ errors }: Answer): string[] => errors.map(({ extensions }) => extensions.code)

beforeAll(async () => {
  instance = await startTestInstance({ rate: { burst: 100_000, perSecond: 100_000 }, signInRate: { burst: 20, perSecond: 0.1 } })
})
afterAll(async () => {
  await instance.close()
})

const tokenOf = (role: 'admin' | 'editor' | 'viewer', organisationId: string = defaultOrganisationId): Promise<string> =>
  openTokens(openKeyFile(`${instance.folder}/keys.json`).derive('jwt')).issue({
    principal: { userId: uuid(), organisationId, role },
    tokenId: uuid(),
    nowMs: instance.parts.now(),
    ttlSeconds: 600,
  })

const created = 'workflow { id name revision nodes { id name type configuration position { x y z } } connections { id } } position version'
const create = async (name: string, token?: string): Promise<{ id: string; position: string; version: number }> => {
  const { data } = await graphql(`mutation ($name: String!) { createWorkflow(input: {name: $name}) { ${created} } }`, { name }, token)
  const { workflow, position, version } = data.createWorkflow
  return { id: workflow.id, position, version }
}

const importedFile = {
  name: 'Greeting',
  nodes: [
    { id: 'a', name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} },
    {
      id: 'b',
      name: 'Greet',
      type: 'n8n-nodes-base.set',
      typeVersion: 3.4,
      position: [200, 0],
      parameters: { assignments: { assignments: [{ id: 'x', name: 'greeting', type: 'string', value: '=Hello {{ $json.name }}' }] } },
    },
  ],
  connections: { Start: { main: [[{ node: 'Greet', type: 'main', index: 0 }]] } },
  settings: { executionOrder: 'v1' },
}
const importGreeting = async (): Promise<string> => {
  const { data } = await graphql('mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } } } }', {
    json: importedFile,
  })
  return data.importWorkflow.workflows[0].workflow.id
}
const ran = async (): Promise<{ id: string; position: string }> => {
  const input = { workflowId: await importGreeting(), input: [{ json: { name: 'Ada' } }] }
  const { data } = await graphql('mutation ($input: RunWorkflowInput!) { runWorkflow(input: $input) { execution { id } position } }', {
    input,
  })
  const { execution, position } = data.runWorkflow
  await expect
    .poll(async () => (await graphql('query ($id: ID!) { execution(id: $id) { status } }', { id: execution.id })).data.execution.status)
    .toBe('completed')
  return { id: execution.id, position }
}

describe('who may ask', () => {
  test('everything but signing in and the schema needs a token', async () => {
    const refused = await graphql('{ me { email } }', {}, null)
    expect(refused.status).toBe(401)
    expect(codes(refused)).toEqual(['UNAUTHENTICATED'])
    expect(
      codes(
        await graphql(
          'mutation { signIn(email: "a@b", password: "c") { token } createWorkflow(input: {name: "x"}) { version } }',
          {},
          null,
        ),
      ),
    ).toEqual(['UNAUTHENTICATED'])
    expect((await graphql('{ __schema { queryType { name } } }', {}, null)).data.__schema.queryType.name).toBe('Query')
    expect((await fetch(`${instance.url}/api/workflows/${uuid()}/export`)).status).toBe(401)
  })

  test('no ending of a path, and no header that names somebody, stands for a token', async () => {
    const guarded = [`/api/workflows/${uuid()}/export`, `/api/executions/${uuid()}/file`]
    for (const path of guarded)
      for (const form of [`${path}.svg`, `${path}/.svg`, `${path}?a=.svg`, `${path}%2e%73vg`, `//${path}`])
        expect([form, (await fetch(`${instance.url}${form}`)).status >= 400]).toEqual([form, true])
    const headers = { 'x-organisation': 'default', 'x-tenant-id': 'default', 'x-user-id': 'owner', 'content-type': 'application/json' }
    const asked = await fetch(`${instance.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: '{ me { email } }' }) })
    expect([asked.status, codes((await asked.json()) as never)]).toEqual([401, ['UNAUTHENTICATED']])
  })

  test('signing in gives a token that works', async () => {
    const { data } = await graphql(
      'mutation ($password: String!) { signIn(email: "owner@example.org", password: $password) { token user { role } } }',
      { password },
      null,
    )
    expect(data.signIn.user.role).toBe('owner')
    expect((await graphql('{ me { email organizationId } }', {}, data.signIn.token)).data.me).toEqual({
      email: 'owner@example.org',
      organizationId: defaultOrganisationId,
    })
    const rest = await fetch(`${instance.url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'owner@example.org', password }),
    })
    expect(rest.status).toBe(200)
    expect(await rest.json()).toMatchObject({ token: expect.any(String), expiresAt: expect.any(String) })
  })

  test('a wrong password is UNAUTHENTICATED, over both', async () => {
    expect(codes(await graphql('mutation { signIn(email: "owner@example.org", password: "wrong") { token } }', {}, null))).toEqual([
      'UNAUTHENTICATED',
    ])
    const rest = await fetch(`${instance.url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"email":"owner@example.org","password":"x"}',
    })
    expect([rest.status, await rest.json()]).toEqual([401, { error: { code: 'UNAUTHENTICATED', message: 'Wrong address or password' } }])
  })

  test('a forged token and an expired one are told apart, also where no token is needed', async () => {
    const forged = await graphql('{ __typename }', {}, `${instance.token.slice(0, -4)}AAAA`)
    expect([forged.status, codes(forged)]).toEqual([401, ['UNAUTHENTICATED']])
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${instance.token.split('.')[1]}.`
    expect(codes(await graphql('{ me { id } }', {}, none))).toEqual(['UNAUTHENTICATED'])
    const { token } = await instance.admin.issueToken((await instance.admin.verifyToken(instance.token)).userId, 1)
    instance.advance(2000)
    const expired = await graphql('{ me { id } }', {}, token)
    expect([expired.status, codes(expired)]).toEqual([401, ['TOKEN_EXPIRED']])
  })

  test.each([
    ['viewer', '{ workflows { totalCount } }', undefined],
    ['viewer', 'mutation { createWorkflow(input: {name: "x"}) { version } }', 'FORBIDDEN'],
    ['viewer', '{ auditLog { totalCount } }', 'FORBIDDEN'],
    ['editor', 'mutation { createWorkflow(input: {name: "x"}) { version } }', undefined],
    ['editor', 'mutation { rebuildProjection(name: "audit") { projection { name } } }', 'FORBIDDEN'],
    ['admin', '{ auditLog { totalCount } }', undefined],
  ] as const)('%s: %s', async (role, query, code) => {
    expect(codes(await graphql(query, {}, await tokenOf(role)))).toEqual(code === undefined ? [] : [code])
  })

  test('another organisation sees nothing, whatever it asks by', async () => {
    const { id, position } = await create('Ours')
    const execution = await ran()
    const theirs = await tokenOf('admin', uuid())
    const ask = (query: string) => graphql(query, { id, execution: execution.id, position }, theirs)
    expect(codes(await ask('query ($id: ID!) { workflow(id: $id) { name } }'))).toEqual(['NOT_FOUND'])
    expect(codes(await ask('query ($id: ID!) { exportWorkflow(id: $id) }'))).toEqual(['NOT_FOUND'])
    expect(codes(await ask('query ($id: ID!) { events(workflowId: $id) { totalCount } }'))).toEqual(['NOT_FOUND'])
    expect(codes(await ask('query ($execution: ID!) { execution(id: $execution) { status } }'))).toEqual(['NOT_FOUND'])
    expect(codes(await ask('mutation ($execution: ID!) { replayExecution(id: $execution) { equal } }'))).toEqual(['NOT_FOUND'])
    expect(codes(await ask('mutation ($execution: ID!) { cancelExecution(id: $execution) { version } }'))).toEqual(['NOT_FOUND'])
    expect(codes(await ask('mutation ($id: ID!) { renameWorkflow(workflowId: $id, name: "x") { version } }'))).toEqual(['NOT_FOUND'])
    const lists = await ask(
      'query ($position: Position!) { workflows(atLeast: $position) { totalCount edges { node { name } } } executions { totalCount } events { edges { node { id } } } webhooks { totalCount } auditLog { totalCount } search(query: "Ours") { id } }',
    )
    expect(lists.data).toEqual({
      workflows: { totalCount: 0, edges: [] },
      executions: { totalCount: 0 },
      events: { edges: [] },
      webhooks: { totalCount: 0 },
      auditLog: { totalCount: 0 },
      search: [],
    })
  })
})

describe('what a query may be', () => {
  const nested = (depth: number): string =>
    `{ ${'workflows { edges { node { executions { edges { node { workflow { '.repeat(depth)} id ${'} } } } } } }'.repeat(depth)} }`

  test('the query that GraphiQL asks first is allowed', async () => {
    expect((await graphql(getIntrospectionQuery(), {}, null)).errors).toEqual([])
  })
  test('30 levels are too deep', async () => {
    const answer = await graphql(`{ ${'a { '.repeat(29)} b ${'} '.repeat(29)} }`)
    expect([answer.status, codes(answer)]).toEqual([400, ['QUERY_TOO_DEEP']])
    expect(codes(await graphql(nested(3)))).toEqual(['QUERY_TOO_DEEP'])
  })
  test('through fragments as well, and in circles', async () => {
    const fragments = Array.from(
      { length: 20 },
      (_, n) => `fragment f${n} on Workflow { executions { edges { node { workflow { ...f${n + 1} } } } } }`,
    )
    expect(
      codes(await graphql(`{ workflows { edges { node { ...f0 } } } } ${fragments.join(' ')} fragment f20 on Workflow { id }`)),
    ).toEqual(['QUERY_TOO_DEEP'])
    expect(codes(await graphql('{ workflow(id: "x") { ...a } } fragment a on Workflow { ...a }'))).toContain('QUERY_INVALID')
  })
  test('100,000 brackets do not reach the parser', async () => {
    expect(codes(await graphql('{'.repeat(60_000)))).toEqual(['QUERY_TOO_DEEP'])
    expect(codes(await graphql(`{ a(b: ${'['.repeat(60_000)}`))).toEqual(['QUERY_TOO_DEEP'])
    expect(codes(await graphql(`{ ${'a '.repeat(60_000)} }`))).toEqual(['QUERY_TOO_COSTLY'])
  })
  test('pages within pages are too costly, however the size is given', async () => {
    const query = (size: string) =>
      `query ($n: Int = 1) { spare: workflows(first: $n) { totalCount } workflows(first: ${size}) { edges { node { executions(first: ${size}) { edges { node { id } } } } } } }`
    expect(codes(await graphql(query('200')))).toEqual(['QUERY_TOO_COSTLY'])
    expect(codes(await graphql(query('$n'), { n: 200 }))).toEqual(['QUERY_TOO_COSTLY'])
    expect(codes(await graphql(query('$n'), { n: 5 }))).toEqual([])
    const aliases = Array.from({ length: 200 }, (_, n) => `a${n}: workflows(first: 200) { edges { node { id } } }`)
    expect(codes(await graphql(`{ ${aliases.join(' ')} }`))).toEqual(['QUERY_TOO_COSTLY'])
  })
  test('many passwords in one request are refused', async () => {
    const answer = await graphql(
      'mutation { a: signIn(email: "a@b", password: "1") { token } b: signIn(email: "a@b", password: "2") { token } }',
      {},
      null,
    )
    expect(codes(answer)).toEqual(['QUERY_TOO_COSTLY'])
  })
  test.each([
    ['{ nothing }', {}],
    ['{ me { ', {}],
    ['query ($id: ID!) { workflow(id: $id) { id } }', {}],
    ['query ($first: Int) { workflows(first: $first) { totalCount } }', { first: 'ten' }],
    ['subscription { workflowUpdated(id: "x") { id } }', {}],
    ['', {}],
  ])('%s is invalid', async (query, variables) => {
    const answer = await graphql(query, variables)
    expect(new Set(codes(answer))).toEqual(new Set(['QUERY_INVALID']))
    expect(answer.data).toBeUndefined()
  })
  test('mutations need POST', async () => {
    const url = `${instance.url}/graphql?query=${encodeURIComponent('mutation { createWorkflow(input: {name: "x"}) { version } }')}`
    const response = await fetch(url, { headers: { authorization: `Bearer ${instance.token}` } })
    expect([response.status, ((await response.json()) as Answer).errors.map(({ extensions }) => extensions.code)]).toEqual([
      405,
      ['METHOD_NOT_ALLOWED'],
    ])
    const query = await fetch(`${instance.url}/graphql?query={me{email}}`, { headers: { authorization: `Bearer ${instance.token}` } })
    expect(((await query.json()) as Answer).data.me.email).toBe('owner@example.org')
  })
})

describe('bad requests are coded', () => {
  const post = async (body: string, headers: object = {}) => {
    const response = await fetch(`${instance.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${instance.token}`, ...headers },
      body,
    })
    return [response.status, ((await response.json()) as Answer).errors[0]?.extensions.code]
  }
  test('malformed JSON', async () => expect(await post('{"query":')).toEqual([400, 'MALFORMED_JSON']))
  test('an empty body', async () => expect(await post('')).toEqual([400, 'MALFORMED_JSON']))
  test('JSON that reaches for a prototype', async () =>
    expect(await post('{"__proto__":{"a":1},"query":"{me{id}}"}')).toEqual([400, 'MALFORMED_JSON']))
  test('JSON of another shape', async () => expect(await post('[1]')).toEqual([400, 'QUERY_INVALID']))
  test('another media type', async () =>
    expect(await post('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).toEqual([400, 'INVALID_INPUT']))
  test('20 MB', async () =>
    expect(await post(JSON.stringify({ query: '{me{id}}', variables: { a: 'x'.repeat(20_000_000) } }))).toEqual([413, 'BODY_TOO_LARGE']))
  test('what is no HTTP', async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connectSocket(new URL(instance.url).port as unknown as number, '127.0.0.1', () => socket.write('nonsense\r\n\r\n'))
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk
      })
      socket.on('close', () => resolve(text))
    })
    expect(answer).toContain('400 Bad Request')
    expect(answer).toContain('"code":"INVALID_INPUT"')
  })
  test('a body that is shorter than it says gets no answer and does no harm', async () => {
    await new Promise<void>((resolve) => {
      const head = `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\nAuthorization: Bearer ${instance.token}\r\n\r\n{"query":`
      const socket = connectSocket(new URL(instance.url).port as unknown as number, '127.0.0.1', () => socket.end(head))
      socket.on('close', () => resolve())
      socket.resume()
    })
    expect((await graphql('{ me { id } }')).errors).toEqual([])
  })
  test('an unknown address', async () => {
    const response = await fetch(`${instance.url}/nowhere`)
    expect([response.status, await response.json()]).toMatchObject([404, { error: { code: 'NOT_FOUND' } }])
  })
  test('an error that nobody foresaw is logged under an id and says nothing else', async () => {
    const { view } = instance.parts.executions
    Object.assign(instance.parts.executions, { view: async () => Promise.reject(new Error('secret connection string')) })
    const answer = await graphql('query ($id: ID!) { execution(id: $id) { id } }', { id: uuid() })
    Object.assign(instance.parts.executions, { view })
    expect(answer.errors[0]).toMatchObject({ message: 'Internal error', path: ['execution'], extensions: { code: 'INTERNAL' } })
    expect(JSON.stringify(answer)).not.toContain('secret')
    const line = instance.logged.find((entry) => (entry as { errorId?: string }).errorId === answer.errors[0]?.extensions.errorId)
    expect(JSON.stringify(line)).toContain('secret connection string')
  })
})

describe('workflows', () => {
  test('every edit answers the workflow, its position and the version that the next edit expects', async () => {
    const { id, version } = await create('Edited')
    let expected = version
    const edit = async (mutation: string, variables: object, types: string, fields: string) => {
      const query = `mutation ($id: ID!, $v: Int${types}) { answer: ${mutation} { position version workflow { revision status name tags version activeVersion } ${fields} } }`
      const answer = await graphql(query, { id, v: expected, ...variables })
      expect(answer.errors).toEqual([])
      expect(answer.data.answer.version).toBeGreaterThanOrEqual(expected)
      expect(answer.data.answer.workflow.revision).toBe(answer.data.answer.version)
      expected = answer.data.answer.version
      return answer.data.answer
    }
    await edit('renameWorkflow(workflowId: $id, name: "Renamed", expectedVersion: $v)', {}, '', '')
    await edit('describeWorkflow(workflowId: $id, description: "text", expectedVersion: $v)', {}, '', '')
    await edit('tagWorkflow(workflowId: $id, tags: ["a", "b"], expectedVersion: $v)', {}, '', '')
    await edit('categoriseWorkflow(workflowId: $id, category: "c", expectedVersion: $v)', {}, '', '')
    await edit('categoriseWorkflow(workflowId: $id, category: null, expectedVersion: $v)', {}, '', '')
    await edit('markTemplate(workflowId: $id, isTemplate: true, metadata: {a: 1}, expectedVersion: $v)', {}, '', '')
    await edit('changeSettings(workflowId: $id, settings: {executionOrder: "v1"}, expectedVersion: $v)', {}, '', '')
    const node = (name: string, type: string) =>
      edit(
        'addNode(workflowId: $id, input: $input, expectedVersion: $v)',
        { input: { name, type } },
        ', $input: AddNodeInput!',
        'node { id name type typeVersion timeoutMs category }',
      )
    const start = await node('Start', 'n8n-nodes-base.manualTrigger')
    const noOp = await node('Nothing', 'n8n-nodes-base.noOp')
    expect(noOp.node).toMatchObject({ name: 'Nothing', typeVersion: 1, timeoutMs: 30_000, category: expect.any(String) })
    const n = { n: noOp.node.id }
    await edit(
      'configureNode(workflowId: $id, nodeId: $n, input: {options: {notes: "x"}}, expectedVersion: $v)',
      n,
      ', $n: ID!',
      'node { uiMetadata }',
    )
    await edit(
      'moveNode(workflowId: $id, nodeId: $n, position: {x: 10, y: 20}, expectedVersion: $v)',
      n,
      ', $n: ID!',
      'node { position { x y z } }',
    )
    const renamed = await edit(
      'renameNode(workflowId: $id, nodeId: $n, name: "Idle", expectedVersion: $v)',
      n,
      ', $n: ID!',
      'node { name }',
    )
    expect(renamed.node.name).toBe('Idle')
    const ends = { input: { sourceNodeId: start.node.id, targetNodeId: noOp.node.id } }
    const edge = await edit(
      'connectNodes(workflowId: $id, input: $input, expectedVersion: $v)',
      ends,
      ', $input: ConnectNodesInput!',
      'connection { id sourceOutput targetIndex }',
    )
    expect(edge.connection).toMatchObject({ sourceOutput: 'main', targetIndex: 0 })
    await edit('changePinData(workflowId: $id, pinData: {Start: [{json: {a: 1}}]}, expectedVersion: $v)', {}, '', '')
    expect((await edit('publishWorkflow(workflowId: $id, note: "first", expectedVersion: $v)', {}, '', '')).workflow.version).toBe(1)
    expect((await edit('activateWorkflow(workflowId: $id, expectedVersion: $v)', {}, '', '')).workflow).toMatchObject({
      status: 'active',
      activeVersion: 1,
    })
    expect((await edit('deactivateWorkflow(workflowId: $id, expectedVersion: $v)', {}, '', '')).workflow.status).toBe('inactive')
    await edit('disconnectNodes(workflowId: $id, connectionId: $c, expectedVersion: $v)', { c: edge.connection.id }, ', $c: ID!', '')
    await edit('removeNode(workflowId: $id, nodeId: $n, expectedVersion: $v)', n, ', $n: ID!', '')
    expect((await edit('archiveWorkflow(workflowId: $id, expectedVersion: $v)', {}, '', '')).workflow.status).toBe('archived')
    await edit('restoreWorkflow(workflowId: $id, expectedVersion: $v)', {}, '', '')

    const { data } = await graphql(
      'query ($id: ID!) { draft: workflowVersion(workflowId: $id) { nodes { name } } first: workflowVersion(workflowId: $id, version: 1) { version nodes { name } connections { id } } problems(workflowId: $id) { code } workflow(id: $id) { description versions { version contentHash } pinData } }',
      { id },
    )
    expect(data.draft.nodes).toEqual([{ name: 'Start' }])
    expect(data.first).toMatchObject({ version: 1, nodes: [{ name: 'Start' }, { name: 'Idle' }], connections: [{}] })
    expect(data.workflow.versions).toEqual([{ version: 1, contentHash: expect.stringMatching(/^[0-9a-f]{64}$/) }])
    expect(codes(await graphql('query ($id: ID!) { workflowVersion(workflowId: $id, version: 7) { version } }', { id }))).toEqual([
      'NOT_FOUND',
    ])
  })

  test('an edit made against an older version is refused and writes nothing', async () => {
    const { id, version } = await create('Contended')
    const rename = 'mutation ($id: ID!, $v: Int) { renameWorkflow(workflowId: $id, name: "Mine", expectedVersion: $v) { version } }'
    expect(codes(await graphql(rename, { id, v: version }))).toEqual([])
    expect(codes(await graphql(rename, { id, v: version }))).toEqual(['STALE_EXPECTED_VERSION'])
    const { data } = await graphql('query ($id: ID!) { workflow(id: $id) { revision } }', { id })
    expect(data.workflow.revision).toBe(version + 1)
  })

  test('a workflow that cannot be published says every problem at once', async () => {
    const { id } = await create('Broken')
    for (const name of ['One', 'Two'])
      await graphql('mutation ($id: ID!, $input: AddNodeInput!) { addNode(workflowId: $id, input: $input) { version } }', {
        id,
        input: { name, type: 'unknown.node' },
      })
    const answer = await graphql('mutation ($id: ID!) { publishWorkflow(workflowId: $id) { version } }', { id })
    expect(codes(answer)).toEqual(['WORKFLOW_INVALID'])
    const problems = answer.errors[0]?.extensions.problems as { node: string }[]
    expect(problems.map(({ node }) => node)).toEqual(expect.arrayContaining(['One', 'Two']))
  })

  test('one reads what one wrote', async () => {
    const { id, position } = await create('Read at once')
    const { data } = await graphql(
      'query ($position: Position) { workflows(atLeast: $position, first: 1) { edges { node { id name createdAt executionStats nodes { id } } } } }',
      { position },
    )
    expect(data.workflows.edges[0].node).toMatchObject({ id, name: 'Read at once', createdAt: expect.any(String) })
    expect(codes(await graphql('{ workflows(atLeast: "nonsense") { totalCount } }'))).toEqual(['INVALID_INPUT'])
    const foreign = Buffer.from(JSON.stringify({ log: 'other', stream: 's', revision: 0, position: 'p' })).toString('base64url')
    expect(codes(await graphql('query ($p: Position) { workflows(atLeast: $p) { totalCount } }', { p: foreign }))).toEqual([
      'CURSOR_OF_ANOTHER_LOG',
    ])
  })

  test('pages go forwards and backwards, and refuse what is no page', async () => {
    const token = await tokenOf('editor', uuid())
    let position = ''
    for (const name of ['a', 'b', 'c', 'd', 'e']) position = (await create(name, token)).position
    const page = async (args: string) =>
      (
        await graphql(
          `query ($p: Position) { workflows(${args}, atLeast: $p) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { name } } } }`,
          { p: position },
          token,
        )
      ).data.workflows
    const names = ({ edges }: { edges: { node: { name: string } }[] }) => edges.map(({ node }) => node.name)
    const first = await page('first: 2')
    expect([names(first), first.totalCount, first.pageInfo.hasNextPage, first.pageInfo.hasPreviousPage]).toEqual([
      ['e', 'd'],
      5,
      true,
      false,
    ])
    const second = await page(`first: 3, after: "${first.pageInfo.endCursor}"`)
    expect([names(second), second.pageInfo.hasNextPage, second.pageInfo.hasPreviousPage]).toEqual([['c', 'b', 'a'], false, true])
    expect(names(await page(`last: 2, before: "${second.pageInfo.startCursor}"`))).toEqual(['e', 'd'])
    for (const args of ['first: 201', 'first: -1', 'first: 1, last: 1', 'first: 1, after: "x"'])
      expect(codes(await graphql(`{ workflows(${args}) { totalCount } }`, {}, token))).toEqual(['INVALID_INPUT'])
    const filtered = await graphql(
      '{ workflows(filter: {search: "c", status: [draft], isTemplate: false, tags: null}) { edges { node { name } } } }',
      {},
      token,
    )
    expect(names(filtered.data.workflows)).toEqual(['c'])
  })

  test('an imported file comes back, over GraphQL and REST', async () => {
    const { data } = await graphql(
      'mutation ($json: JSON!) { importWorkflow(json: $json) { position workflows { name nodes connections notes { kind message } workflow { id source } } } }',
      { json: JSON.stringify(importedFile) },
    )
    const report = data.importWorkflow.workflows[0]
    expect(report).toMatchObject({ name: 'Greeting', nodes: 2, connections: 1, notes: [], workflow: { source: 'imported' } })
    const exported = await graphql('query ($id: ID!) { exportWorkflow(id: $id) }', { id: report.workflow.id })
    expect(exported.data.exportWorkflow).toMatchObject(importedFile)
    const rest = await fetch(`${instance.url}/api/workflows/${report.workflow.id}/export`, {
      headers: { authorization: `Bearer ${instance.token}` },
    })
    expect(await rest.json()).toEqual(exported.data.exportWorkflow)
    expect(codes(await graphql('mutation { importWorkflow(json: "{nonsense") { position } }'))).toEqual(['MALFORMED_JSON'])
    expect(codes(await graphql('mutation { importWorkflow(json: 7) { position } }'))).toHaveLength(1)
  })
})

describe('executions', () => {
  test('a run is seen step by step, with its items, from the log and in the lists', async () => {
    const { id, position } = await ran()
    const { data, errors } = await graphql(
      `query ($id: ID!, $position: Position) {
        execution(id: $id) { status triggerType workflowVersion inputData outputData durationMs createdAt organizationId workflow { name } executionPath
          steps(first: 10) { totalCount edges { cursor node { step nodeName nodeType status input output inputs outputCounts cacheHit } } }
          events(first: 2) { totalCount pageInfo { hasNextPage } edges { node { type revision data } } } }
        executions(filter: {status: [completed], triggerType: [manual]}, atLeast: $position) { edges { node { id outputData } } }
        steps(filter: {executionId: $id}) { totalCount edges { node { id nodeName status } } }
        runLog(executionId: $id) { entries hasMore }
      }`,
      { id, position },
    )
    expect(errors).toEqual([])
    const { execution } = data
    expect(execution).toMatchObject({ status: 'completed', triggerType: 'manual', workflowVersion: 0, workflow: { name: 'Greeting' } })
    expect(execution.outputData).toMatchObject([[{ json: { greeting: 'Hello Ada' } }]])
    expect(execution.steps.totalCount).toBe(2)
    expect(execution.steps.edges[1].node).toMatchObject({
      nodeName: 'Greet',
      status: 'completed',
      input: [[{ json: { name: 'Ada' } }]],
      output: [[{ json: { greeting: 'Hello Ada' } }]],
    })
    expect(execution.events.edges[0].node).toMatchObject({ type: 'ExecutionRequested', revision: 0 })
    expect(execution.events.totalCount).toBeGreaterThan(2)
  })

  test('raw events: by types, backwards, of the whole log; passwords stay hidden', async () => {
    const { id } = await ran()
    const types = async (args: string) =>
      (
        await graphql(
          `query ($id: ID!) { events(executionId: $id, ${args}) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor } edges { node { type revision } } } }`,
          { id },
        )
      ).data.events
    const all = await types('first: 100')
    const last = await types('last: 1')
    expect(last.edges[0].node).toEqual(all.edges.at(-1).node)
    expect(last.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false })
    expect((await types(`last: 1, before: "${last.pageInfo.startCursor}"`)).edges[0].node).toEqual(all.edges.at(-2).node)
    expect(await types('types: ["ExecutionStarted"]')).toMatchObject({ totalCount: 1, edges: [{ node: { type: 'ExecutionStarted' } }] })
    const log = await graphql('{ events(first: 200, types: ["UserRegistered"]) { totalCount edges { node { type data } } } }')
    expect(log.data.events).toMatchObject({
      totalCount: null,
      edges: [{ node: { data: { email: 'owner@example.org', passwordHash: '(hidden)' } } }],
    })
    expect(JSON.stringify(log.data)).not.toContain('scrypt')
    expect(codes(await graphql('query ($id: ID!) { events(executionId: $id, workflowId: $id) { totalCount } }', { id }))).toEqual([
      'INVALID_INPUT',
    ])
  })

  test('a replay says that it is equal', async () => {
    const { id } = await ran()
    const { data } = await graphql(
      'mutation ($id: ID!) { replayExecution(id: $id) { executionId equal foldEqual events steps differences { step } } }',
      { id },
    )
    expect(data.replayExecution).toMatchObject({ executionId: id, equal: true, foldEqual: true, steps: 2, differences: [] })
    expect(codes(await graphql('mutation ($id: ID!) { cancelExecution(id: $id, reason: "late") { version } }', { id }))).toEqual([
      'INVALID_STATE',
    ])
  })

  test('a fork names what it comes from, and says why it stands where it stands', async () => {
    const { id } = await ran()
    const fork =
      'mutation ($id: ID!, $input: ForkExecutionInput) { forkExecution(id: $id, input: $input) { position execution { id forkedFromId forkedAtStep } } }'
    const { data } = await graphql(fork, { id, input: { fromStep: 1 } })
    expect(data.forkExecution.execution).toMatchObject({ forkedFromId: id, forkedAtStep: 1 })
    const explain = 'query ($id: ID!) { explainExecution(id: $id) { executionId kind message } }'
    const forkedId = data.forkExecution.execution.id
    await vi.waitFor(async () => expect((await graphql(explain, { id: forkedId })).data.explainExecution.kind).toBe('ended'), {
      timeout: 20_000,
    })
    expect(codes(await graphql(fork, { id, input: { fromStep: 1, fromNode: 'x' } }))).toEqual(['INVALID_INPUT'])
    expect(codes(await graphql(fork, { id, input: { newestVersion: true, version: 1 } }))).toEqual(['INVALID_INPUT'])
  })

  test('lists of lists take a query each, not a query per row', async () => {
    const token = await tokenOf('editor', uuid())
    let position = ''
    for (let n = 0; n < 10; n++) position = (await create(`n${n}`, token)).position
    const { sql } = instance.parts
    const { query } = sql
    let queries = 0
    Object.assign(sql, {
      query: (...args: Parameters<typeof query>) => {
        queries += 1
        return query.apply(sql, args)
      },
    })
    await graphql(
      'query ($p: Position) { workflows(atLeast: $p) { edges { node { name nodes { name } connections { id } webhooks { path } } } } }',
      { p: position },
      token,
    )
    Object.assign(sql, { query })
    expect(queries).toBe(4)
  })
})

describe('operations', () => {
  test('health, readiness and metrics need no token', async () => {
    expect(await (await fetch(`${instance.url}/health`)).json()).toEqual({ status: 'up' })
    const ready = await fetch(`${instance.url}/ready`)
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { ready: true, checks: { log: 'up', postgres: 'up', projections: 'up', engine: 'up' }, stopped: [] },
    ])
    const metrics = await (await fetch(`${instance.url}/metrics`)).text()
    for (const line of [/weconnect_log_position [1-9]/, /weconnect_projection_lag_events \d/, /weconnect_executions \d/])
      expect(metrics).toMatch(line)
  })
  test('readiness says what is not', async () => {
    Object.assign(instance.parts.checks, { engine: async () => 'starting' })
    const ready = await fetch(`${instance.url}/ready`)
    Object.assign(instance.parts.checks, { engine: async () => undefined })
    expect([ready.status, await ready.json()]).toMatchObject([503, { ready: false, checks: { engine: 'starting', log: 'up' } }])
  })
  test('projections are listed, and rebuilt', async () => {
    const { data } = await graphql('{ projections { name status lag position problem } }')
    const [{ name }] = data.projections
    expect(data.projections.every(({ status }: { status: string }) => status === 'running')).toBe(true)
    expect(
      (await graphql('mutation ($name: String!) { rebuildProjection(name: $name) { projection { name status } } }', { name })).data
        .rebuildProjection.projection.name,
    ).toBe(name)
    expect(codes(await graphql('mutation { rebuildProjection(name: "none") { projection { name } } }'))).toEqual(['NOT_FOUND'])
  })
  test('search, metrics, node definitions and audit answer', async () => {
    const { id, position } = await create('Findable thing')
    await instance.journal.append(
      `node-${uuid()}`,
      noStream,
      [
        {
          type: 'NodeRegistered',
          data: {
            name: 'x.y',
            definition: { ...instance.parts.registry.find('n8n-nodes-base.set', 3.4)?.definition, name: 'x.y' } as never,
            definitionHash: 'h',
          },
        },
      ],
      instance.context,
    )
    const { data, errors } = await graphql(
      `query ($p: Position, $from: DateTime!, $to: DateTime!, $id: ID!) {
        search(query: "findable", kinds: [workflow], atLeast: $p) { kind id title snippet rank updatedAt }
        metrics(entityType: workflow, entityId: $id, from: $from, to: $to) { metricName metricValue }
        metricSeries(entityType: workflow, metric: count, from: $from, to: $to) { timestamp value }
        nodeDefinitions(filter: {search: "set"}) { totalCount edges { node { name version versions properties } } }
        auditLog(first: 5, filter: {types: ["WorkflowCreated"]}) { totalCount edges { node { id type actor position } } }
      }`,
      { p: position, id, from: '2020-01-01', to: '2100-01-01T00:00:00Z' },
    )
    expect(errors).toEqual([])
    expect(data.search[0]).toMatchObject({ kind: 'workflow', id, title: 'Findable thing' })
    expect(data.auditLog.edges[0].node).toMatchObject({ type: 'WorkflowCreated', actor: expect.stringMatching(/^user:/) })
  })
  test('pages and headers', async () => {
    const home = await fetch(instance.url)
    expect(await home.text()).toContain('/graphiql')
    expect(home.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await fetch(`${instance.url}/graphiql`)).headers.get('content-type')).toContain('text/html')
    expect((await fetch(`${instance.url}/graphiql/page.js`)).status).toBe(200)
    const preflight = (origin: string) =>
      fetch(`${instance.url}/graphql`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })
    expect((await preflight('https://front.example')).headers.get('access-control-allow-origin')).toBe('https://front.example')
    expect((await preflight('https://elsewhere.example')).headers.get('access-control-allow-origin')).toBeNull()
  })
})

test('too many requests are told when to come back; so are too many sign-ins', async () => {
  const small = await startTestInstance({ rate: { burst: 3, perSecond: 0.5 }, signInRate: { burst: 1, perSecond: 0.1 } })
  try {
    for (let n = 0; n < 3; n++) expect((await small.graphql('{ me { id } }')).status).toBe(200)
    const refused = await small.graphql('{ me { id } }')
    expect([refused.status, codes(refused), refused.headers.get('retry-after')]).toEqual([429, ['RATE_LIMITED'], '2'])
    small.advance(2000)
    expect((await small.graphql('{ me { id } }')).status).toBe(200)
    const signIn = () => small.graphql('mutation { signIn(email: "a@b.c", password: "x") { token } }', {}, null)
    expect(codes(await signIn())).toEqual(['UNAUTHENTICATED'])
    expect(codes(await signIn())).toEqual(['RATE_LIMITED'])
  } finally {
    await small.close()
  }
})

describe('credentials', () => {
  const make = 'mutation ($input: CreateCredentialInput!) { createCredential(input: $input) { credential { id name type } position } }'
  const list = 'query ($at: Position) { credentials(atLeast: $at) { edges { node { id name type allowedDomains isConnected lastTest } } } }'
  const secret = 'canary-credential-81'
  const input = { name: 'Server', type: 'httpBasicAuth', data: { user: 'ada', password: secret } }

  test('made, listed, changed, tried and deleted; what was stored is in no answer, no event and no read model', async () => {
    const answers: unknown[] = []
    const ask = async (query: string, variables: object) => {
      const answer = await graphql(query, variables)
      answers.push(answer.data, answer.errors)
      return answer.data
    }
    const domains = { allowedHttpRequestDomains: 'domains', allowedDomains: '127.0.0.1' }
    const { credential, position } = (await ask(make, { input: { ...input, data: { ...input.data, ...domains } } })).createCredential
    const first = await ask(list, { at: position })
    const row = {
      id: credential.id,
      name: 'Server',
      type: 'httpBasicAuth',
      allowedDomains: ['127.0.0.1'],
      isConnected: false,
      lastTest: null,
    }
    expect(first.credentials.edges).toEqual([{ node: row }])
    const id = credential.id
    const update = 'mutation ($id: ID!) { updateCredential(id: $id, input: {name: "Other"}) { credential { name } } }'
    expect((await ask(update, { id })).updateCredential.credential).toEqual({ name: 'Other' })
    const tried = await ask('mutation ($id: ID!, $url: String) { testCredential(id: $id, url: $url) { ok message position } }', {
      id,
      url: `${instance.url}/health`,
    })
    expect(tried.testCredential).toMatchObject({ ok: true, message: expect.stringContaining('200') })
    const tested = await ask(list, { at: tried.testCredential.position })
    expect(tested.credentials.edges[0].node).toMatchObject({ name: 'Other', lastTest: { ok: true } })
    const events = 'query ($stream: String) { events(stream: $stream) { edges { node { type data } } } }'
    const recorded = (await ask(events, { stream: `credential-${id}` })).events.edges.map(
      ({ node }: { node: { type: string } }) => node.type,
    )
    expect(recorded).toEqual(['CredentialCreated', 'CredentialRenamed', 'CredentialTested'])
    const gone = await ask('mutation ($id: ID!) { deleteCredential(id: $id) { position } }', { id })
    expect((await ask(list, { at: gone.deleteCredential.position })).credentials.edges).toEqual([])
    const rows = await instance.parts.sql.query('select * from credentials')
    for (const found of [answers, rows, instance.logged]) expect(JSON.stringify(found)).not.toContain(secret)
  })

  test('what is wrong is said without its values', async () => {
    const refused = await graphql(make, { input: { ...input, type: 'unknown', data: { password: secret } } })
    expect(codes(refused)).toEqual(['INVALID_INPUT'])
    const text = await graphql(make, { input: { ...input, data: secret } })
    expect(codes(text)).toEqual(['INVALID_INPUT'])
    expect(JSON.stringify([refused, text])).not.toContain(secret)
  })

  test('viewers see names; other organisations see and change nothing', async () => {
    const { credential, position } = (await graphql(make, { input })).data.createCredential
    const viewer = await tokenOf('viewer')
    expect((await graphql(list, { at: position }, viewer)).data.credentials.edges).toHaveLength(1)
    expect(codes(await graphql(make, { input }, viewer))).toEqual(['FORBIDDEN'])
    const stranger = await tokenOf('admin', uuid())
    expect((await graphql(list, {}, stranger)).data.credentials.edges).toEqual([])
    const change = 'mutation ($id: ID!) { deleteCredential(id: $id) { position } }'
    expect(codes(await graphql(change, { id: credential.id }, stranger))).toEqual(['NOT_FOUND'])
    const trial = 'mutation ($id: ID!) { testCredential(id: $id, url: "https://example.com") { ok } }'
    expect(codes(await graphql(trial, { id: credential.id }, stranger))).toEqual(['NOT_FOUND'])
  })

  test('the types say what they hold', async () => {
    const { data } = await graphql('{ credentialTypes { name properties } }')
    const names = data.credentialTypes.map(({ name }: { name: string }) => name)
    expect(names).toEqual(expect.arrayContaining(['httpBasicAuth', 'oAuth2Api', 'smtp', 'jwtAuth']))
  })
})

describe('files of executions', () => {
  const text = '<script>1</script>\n'.repeat(2000)
  const binary = { data: { data: Buffer.from(text).toString('base64'), mimeType: 'text/html', fileName: 'ä "x".html' } }
  const fetchFile = (id: string, query: string, token: string | null) =>
    fetch(`${instance.url}/api/executions/${id}/file${query}`, { headers: token === null ? {} : { authorization: `Bearer ${token}` } })

  test('are sent to be saved, to those of the organisation who may read', async () => {
    const input = { workflowId: await importGreeting(), input: [{ json: { name: 'Ada' }, binary }] }
    const started = await graphql('mutation ($input: RunWorkflowInput!) { runWorkflow(input: $input) { execution { id } } }', {
      input,
    })
    const { id } = started.data.runWorkflow.execution
    const viewer = await tokenOf('viewer')
    await vi.waitFor(async () => expect((await fetchFile(id, '?step=0', viewer)).status).toBe(200), { timeout: 15_000 })
    const answer = await fetchFile(id, '?step=0&output=0&item=0&field=data', viewer)
    expect(await answer.text()).toBe(text)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent('ä "x".html')}`,
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
    })
    for (const query of ['?step=9', '?field=other', '?field=constructor', '?item=7'])
      expect((await fetchFile(id, query, viewer)).status).toBe(404)
    expect((await fetchFile(id, '?step=-1', viewer)).status).toBe(400)
    expect((await fetchFile(id, '?step=0', null)).status).toBe(401)
    expect((await fetchFile(id, '?step=0', await tokenOf('viewer', uuid()))).status).toBe(404)
  })
})
