import { randomUUID } from 'node:crypto'
import { connect as connectSocket } from 'node:net'
import { type Answer, startTestInstance } from '@weconnect/testing/gateway-fixture'
import { codes, usersOf } from '@weconnect/testing/gateway-users'
import { getIntrospectionQuery } from 'graphql/index.js'
import { afterAll, describe, expect, test } from 'vitest'

const instance = await startTestInstance()
afterAll(() => instance.close())
const { graphql } = usersOf(instance)

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
    const answer = await graphql('query ($id: ID!) { execution(id: $id) { id } }', { id: randomUUID() })
    Object.assign(instance.parts.executions, { view })
    expect(answer.errors[0]).toMatchObject({ message: 'Internal error', path: ['execution'], extensions: { code: 'INTERNAL' } })
    expect(JSON.stringify(answer)).not.toContain('secret')
    const line = instance.logged.find((entry) => (entry as { errorId?: string }).errorId === answer.errors[0]?.extensions.errorId)
    expect(JSON.stringify(line)).toContain('secret connection string')
  })
})
