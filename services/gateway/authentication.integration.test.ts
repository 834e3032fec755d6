import { randomUUID } from 'node:crypto'
import { defaultOrganisationId } from '@weconnect/admin/admin'
import { password, startTestInstance } from '@weconnect/testing/gateway-fixture'
import { codes, usersOf } from '@weconnect/testing/gateway-users'
import { afterAll, describe, expect, test } from 'vitest'

const instance = await startTestInstance({ signInRate: { burst: 20, perSecond: 0.1 } })
afterAll(() => instance.close())
const { graphql, tokenOf, create, ran } = usersOf(instance)

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
    expect((await fetch(`${instance.url}/api/workflows/${randomUUID()}/export`)).status).toBe(401)
  })

  test('no ending of a path, and no header that names somebody, stands for a token', async () => {
    const guarded = [`/api/workflows/${randomUUID()}/export`, `/api/executions/${randomUUID()}/file`]
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
    const theirs = await tokenOf('admin', randomUUID())
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
