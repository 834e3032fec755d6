import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { type Instance, startInstance } from '@weconnect/testing/instance'
import { manual, noOp, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import {
  answered,
  badTokens,
  connectWith,
  sendRaw,
  subscribeWith,
  type Told,
  toldBy,
  writingNothing,
} from '@weconnect/testing/promises/bad-requests'
import { hello, webhook } from '@weconnect/testing/promises/workflows'
import { getIntrospectionQuery } from 'graphql/index.js'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

let instance: Instance
let token: string
beforeAll(async () => {
  instance = await startInstance()
  await instance.activate(hello.file)
  token = await instance.token()
})
afterAll(() => instance?.remove())

const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(`${instance.url()}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
const asOwner = () => ({ authorization: `Bearer ${token}` })
const graphql = async (query: string, variables: JsonObject = {}): Promise<Told> =>
  answered(await post('/graphql', JSON.stringify({ query, variables }), asOwner()))
/** What must be refused, with nothing written. */
const refused = (work: () => Promise<Told>): Promise<Told> => writingNothing(instance, work)
const repeated = (times: number, text: (n: number) => string): string => Array.from({ length: times }, (_, n) => text(n)).join(' ')
const creation = JSON.stringify({ query: 'mutation { createWorkflow(input: {name: "Never"}) { version } }' })

describe('bodies that are not what they say', () => {
  test.each([
    ['/graphql', '{"query": "{ me { id } }",, }', 'position 26 (line 1 column 27)'],
    ['/api/login', '{\n  "email": x}', 'position 13 (line 2 column 12)'],
    [`/webhook/${hello.path}`, '{"n": [1,2', 'position 10 (line 1 column 11), its end'],
  ])('malformed JSON to %s', async (path, body, place) =>
    expect(await refused(async () => answered(await post(path, body, path === '/graphql' ? asOwner() : {})))).toMatchObject({
      status: 400,
      code: 'MALFORMED_JSON',
      message: `The body is not JSON at ${place}`,
    }),
  )

  const huge = JSON.stringify({ query: '{ me { id } }', email: 'x'.repeat(20 * 1024 * 1024) })
  test.each(['/graphql', '/api/login', `/webhook/${hello.path}`])('20 MB to %s', async (path) =>
    expect(await refused(async () => answered(await post(path, huge, path === '/graphql' ? asOwner() : {})))).toMatchObject({
      status: 413,
      code: 'BODY_TOO_LARGE',
      message: 'The body is larger than 16 MiB',
    }),
  )

  test.each(['/graphql', `/webhook/${hello.path}`])('JSON of 100,000 levels to %s', async (path) =>
    expect(
      await refused(async () =>
        answered(await post(path, `{"n": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`, path === '/graphql' ? asOwner() : {})),
      ),
    ).toMatchObject({ status: 400, code: 'INVALID_INPUT', message: 'The body is nested deeper than 200 levels at position 205' }),
  )

  const targets = [
    ['/graphql', creation],
    ['/api/login', '{"email":"a@b.c","password":"d"}'],
    [`/webhook/${hello.path}`, '{"n":1}'],
  ] as const
  const raw = (path: string, length: string, body: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer ${token}\r\n${length}\r\n\r\n${body}`
  test.each(targets)('%s: shorter than it says, from a caller that hangs up', async (path, body) =>
    expect(await refused(() => sendRaw(instance, raw(path, `Content-Length: ${body.length + 50}`, body), { hangUp: true }))).toMatchObject({
      status: 400,
      code: 'BODY_LENGTH_MISMATCH',
      message: 'The request ended before its body did',
    }),
  )
  test.each(targets)('%s: longer than it says, though what it says could be read', async (path, body) =>
    expect(
      await refused(() => sendRaw(instance, raw(path, `Content-Length: ${body.length}`, `${body}and more`), { hangUp: false })),
    ).toMatchObject({ status: 400, code: 'BODY_LENGTH_MISMATCH', message: expect.stringContaining('longer than its Content-Length') }),
  )
  test.each(targets)('%s: two lengths, a length and chunks, no number', async (path, body) => {
    for (const length of [
      `Content-Length: ${body.length}\r\nContent-Length: 3`,
      `Content-Length: 3\r\nTransfer-Encoding: chunked`,
      'Content-Length: few',
    ])
      expect(await refused(() => sendRaw(instance, raw(path, length, body), { hangUp: false }))).toMatchObject({
        status: 400,
        code: 'BODY_LENGTH_MISMATCH',
      })
  })
})

describe('files and workflows', () => {
  const importing = 'mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } notes { node kind message } } } }'
  test.each<[JsonValue, string, string]>([
    [7, 'INVALID_INPUT', '$: a workflow is an object'],
    ['{"nodes": [', 'MALFORMED_JSON', 'the file is not JSON at position 11 (line 1 column 12), its end'],
    [[], 'INVALID_INPUT', '$: the file holds no workflow'],
    [{ version: '2.1', title: 'a bill' }, 'INVALID_INPUT', '$.nodes: a workflow has an array of nodes'],
    [{ nodes: [{ name: 'A' }], connections: {} }, 'INVALID_INPUT', '$.nodes[0].type: a node has a type'],
    [{ nodes: [], connections: 7 }, 'INVALID_INPUT', '$.connections: connections are an object by source node'],
  ])('%j is no workflow', async (json, code, message) =>
    expect(await refused(() => graphql(importing, { json }))).toMatchObject({ code, message, problems: [{ code }] }),
  )

  const imported = async (file: JsonObject) => {
    const { importWorkflow } = await instance.graphql<{
      importWorkflow: { workflows: { workflow: { id: string }; notes: { node: string; kind: string; message: string }[] }[] }
    }>(importing, { json: file })
    const [report] = importWorkflow.workflows
    if (!report) throw new Error('nothing was imported')
    return { id: report.workflow.id, notes: report.notes }
  }
  const publishing = 'mutation ($id: ID!) { publishWorkflow(workflowId: $id) { version } }'
  const activating = 'mutation ($id: ID!) { activateWorkflow(workflowId: $id) { version } }'

  test('unknown nodes are imported, and named each by each when it is to go live', async () => {
    const unknown = { type: 'acme.brain' }
    const file = workflowFile('Unknown', { Start: manual, Brain: unknown, Heart: { ...unknown, type: 'acme.heart' } }, [
      'Start -> Brain',
      'Brain -> Heart',
    ])
    const { id, notes } = await imported(file)
    expect(notes.map(({ node, kind }) => [node, kind])).toEqual([
      ['Brain', 'notRunnable'],
      ['Heart', 'notRunnable'],
    ])
    for (const mutation of [publishing, activating])
      expect(await refused(() => graphql(mutation, { id }))).toMatchObject({
        code: 'WORKFLOW_INVALID',
        problems: [
          { code: 'NODE_UNKNOWN', node: 'Brain', message: 'there is no node type acme.brain' },
          { code: 'NODE_UNKNOWN', node: 'Heart', message: 'there is no node type acme.heart' },
        ],
      })
  })

  test('an expression that does not parse is named with its node, its parameter and the character', async () => {
    const file = workflowFile(
      'Unread',
      { Start: manual, One: setFields({ ok: '={{ 1 }}', a: '={{ $json. }}' }), Two: setFields({ b: '={{ (1 + }}' }) },
      ['Start -> One', 'One -> Two'],
    )
    const { id } = await imported(file)
    expect(await refused(() => graphql(publishing, { id }))).toMatchObject({
      code: 'WORKFLOW_INVALID',
      problems: [
        {
          code: 'EXPRESSION_INVALID',
          node: 'One',
          parameter: 'assignments.assignments[1].value',
          message: expect.stringMatching(/position \d+/),
        },
        {
          code: 'EXPRESSION_INVALID',
          node: 'Two',
          parameter: 'assignments.assignments[0].value',
          message: expect.stringMatching(/position \d+/),
        },
      ],
    })
  })

  test('an edit that expects an older version is refused', async () => {
    const { id } = await imported(workflowFile('Edited', { Start: manual }, []))
    const renaming = 'mutation ($id: ID!, $v: Int) { renameWorkflow(workflowId: $id, name: "Later", expectedVersion: $v) { version } }'
    const { renameWorkflow } = await instance.graphql<{ renameWorkflow: { version: number } }>(renaming, { id })
    expect(await refused(() => graphql(renaming, { id, v: renameWorkflow.version - 1 }))).toMatchObject({
      code: 'STALE_EXPECTED_VERSION',
      message: expect.stringContaining(String(renameWorkflow.version)),
    })
  })

  interface Failure {
    readonly status: string
    readonly errorData: { readonly code: string; readonly message: string; readonly nodeName?: string } | null
  }
  /** Calls it, and reads how the execution that it made is recorded. */
  const failureOf = async (
    name: string,
    nodes: Parameters<typeof workflowFile>[1],
    edges: readonly string[],
    settings: JsonObject = {},
  ) => {
    const file = workflowFile(name, { Webhook: webhook(name, 'lastNode'), ...nodes }, edges, { executionOrder: 'v1', ...settings })
    await instance.activate(file)
    const answer = await instance.deliver(name, { n: 1 })
    const text = await answer.text()
    const { code } = toldBy(answer.status, `{"error":${text}}`)
    const { executionId } = JSON.parse(text) as { executionId: string }
    const { execution } = await instance.graphql<{ execution: Failure }>('query ($id: ID!) { execution(id: $id) { status errorData } }', {
      id: executionId,
    })
    return { status: answer.status, code, execution }
  }

  test.each([
    [
      'nested-maps',
      '={{ Array.from({length: 1000}).map(() => Array.from({length: 1000}).map(() => Array.from({length: 1000}).map(() => 1))) }}',
    ],
    ['calls-itself', '={{ (f => f(f))(f => f(f)) }}'],
    ['a-gigabyte', '={{ "x".repeat(1000000000) }}'],
  ])('an expression that has no end (%s) is stopped at its budget, and its node named', async (name, expression) => {
    const { status, code, execution } = await failureOf(name, { Set: setFields({ a: expression }) }, ['Webhook -> Set'])
    expect([status, code, execution]).toEqual([
      500,
      'EXPRESSION_BUDGET',
      { status: 'failed', errorData: expect.objectContaining({ code: 'EXPRESSION_BUDGET', nodeName: 'Set' }) },
    ])
    expect(await instance.deliver(hello.path, { n: 1 })).toMatchObject({ status: 200 })
  })

  test('a workflow that goes round for ever is stopped at its limit, and others are answered meanwhile', async () => {
    const ended = failureOf('round', { Set: setFields({ a: 'x' }), Back: noOp }, ['Webhook -> Set', 'Set -> Back', 'Back -> Set'], {
      maxSteps: 5000,
    })
    let running = true
    const end = ended.finally(() => {
      running = false
    })
    let answeredMeanwhile = 0
    while (running) {
      expect((await instance.deliver(hello.path, { n: 1 })).status).toBe(200)
      answeredMeanwhile += 1
    }
    const { code, execution } = await end
    expect(answeredMeanwhile).toBeGreaterThan(3)
    expect([code, execution]).toEqual([
      'STEP_LIMIT',
      { status: 'failed', errorData: expect.objectContaining({ code: 'STEP_LIMIT', message: expect.stringContaining('5000 steps') }) },
    ])
  })
})

test('an unknown webhook says what to do', async () => {
  expect(await refused(async () => answered(await post('/webhook/nobody', '{}')))).toMatchObject({
    status: 404,
    code: 'WEBHOOK_NOT_FOUND',
    message: 'No active workflow listens to POST /webhook/nobody',
  })
  expect(await refused(async () => answered(await fetch(`${instance.url()}/webhook/${hello.path}`)))).toMatchObject({
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    message: `/webhook/${hello.path} answers POST, not GET`,
  })
  expect(await refused(async () => answered(await post('/webhook-test/nobody', '{}')))).toMatchObject({
    status: 404,
    code: 'WEBHOOK_NOT_FOUND',
  })
})

test('a token that is none, forged, changed or expired is refused on every transport', async () => {
  for (const [what, { token: bad, code }] of await badTokens(instance))
    await writingNothing(instance, async () => {
      const headers: Record<string, string> = bad === undefined ? {} : { authorization: `Bearer ${bad}` }
      const http = await answered(await post('/graphql', creation, headers))
      const rest = await answered(await fetch(`${instance.url()}/api/workflows/x/export`, { headers }))
      const seen = { http: http.code, rest: rest.code, socket: await subscribeWith(instance, bad), push: await connectWith(instance, bad) }
      expect({ what, ...seen }).toEqual({ what, http: code, rest: code, socket: code, push: code })
      expect([http.status, rest.status]).toEqual([401, 401])
    })
  expect(await connectWith(instance, token)).toBe('connected')
})

describe('queries that ask for too much', () => {
  const deep = (levels: number): string =>
    `{ ${'workflows { edges { node { executions { edges { node { workflow { '.repeat(levels)} id ${'} } } } } } }'.repeat(levels)} }`
  test.each([
    [
      '30 levels',
      `{ ${repeated(29, (n) => `a${n} {`)} b ${'} '.repeat(29)} }`,
      'QUERY_TOO_DEEP',
      'The query is 30 levels deep; 15 are allowed',
    ],
    ['levels of our own fields', deep(5), 'QUERY_TOO_DEEP', '36 levels'],
    ['60,000 brackets', '{'.repeat(60_000), 'QUERY_TOO_DEEP', '15 are allowed'],
    [
      'pages of pages',
      '{ workflows(first: 200) { edges { node { executions(first: 200) { edges { node { id } } } } } } }',
      'QUERY_TOO_COSTLY',
      '20000 are allowed',
    ],
    [
      'pages by a default',
      'query ($n: Int = 200) { workflows(first: $n) { edges { node { executions(last: $n, first: null) { edges { node { id } } } } } } }',
      'QUERY_TOO_COSTLY',
      '20000',
    ],
    [
      '500 edits in one request',
      `mutation { ${repeated(500, (n) => `a${n}: createWorkflow(input: {name: "x"}) { version }`)} }`,
      'QUERY_TOO_COSTLY',
      '20000',
    ],
    ['2,000 aliases of a read', `{ ${repeated(2000, (n) => `a${n}: me { id }`)} }`, 'QUERY_TOO_COSTLY', '20000'],
    [
      'the schema 500 times',
      `{ ${repeated(500, (n) => `a${n}: __schema { types { name fields { name } } }`)} }`,
      'QUERY_TOO_COSTLY',
      '20000',
    ],
    [
      'a name of the schema 5,000 times',
      `{ __schema { types { fields { ${repeated(5000, (n) => `a${n}: name`)} } } } }`,
      'QUERY_TOO_COSTLY',
      '20000',
    ],
    ['one field 20,000 times', `{ me { ${'id '.repeat(20_000)} } }`, 'QUERY_INVALID', 'repeats too many'],
    [
      'two passwords',
      'mutation { a: signIn(email: "a", password: "b") { token } b: signIn(email: "a", password: "c") { token } }',
      'QUERY_TOO_COSTLY',
      'once',
    ],
  ])('%s', async (_, query, code, message) =>
    expect(await refused(() => graphql(query))).toMatchObject({ status: 400, code, message: expect.stringContaining(message) }),
  )
  test.each([
    ['[{"query":"{ me { id } }"},{"query":"{ me { id } }"}]', 'QUERY_INVALID'],
    ['{"query":"   "}', 'QUERY_INVALID'],
    ['{"query":"{ me { id } }","variables":[1]}', 'QUERY_INVALID'],
    ['{"__proto__":{"query":"{ me { id } }"}}', 'MALFORMED_JSON'],
  ])('%s is no request', async (body, code) =>
    expect(await refused(async () => answered(await post('/graphql', body, asOwner())))).toMatchObject({ status: 400, code }),
  )
  test.each([
    ['', 'QUERY_INVALID'],
    ['?query=%7Bme%7Bid%7D%7D&variables=nonsense', 'MALFORMED_JSON'],
    [`?query=${encodeURIComponent('mutation { createWorkflow(input: {name: "x"}) { version } }')}`, 'METHOD_NOT_ALLOWED'],
  ])('GET /graphql%s is refused', async (search, code) =>
    expect((await refused(async () => answered(await fetch(`${instance.url()}/graphql${search}`, { headers: asOwner() })))).code).toBe(
      code,
    ),
  )
  test('what GraphiQL asks first is answered, without a token too', async () => {
    const answer = await post('/graphql', JSON.stringify({ query: getIntrospectionQuery() }))
    const { data } = (await answer.json()) as { data: { __schema: { types: unknown[] } } }
    expect(data.__schema.types.length).toBeGreaterThan(50)
  })
})

test('after all of it the log is whole, every read model has followed, and nothing was an error of ours', async () => {
  await vi.waitFor(async () => {
    const { projections } = await instance.graphql<{ projections: { status: string; lag: number }[] }>('{ projections { status lag } }')
    expect(projections.filter(({ status, lag }) => status !== 'running' || lag > 0)).toEqual([])
  }, 20_000)
  expect(await instance.command('verify')).toMatchObject({ code: 0 })
  expect(instance.output()).not.toMatch(/"log.level":"(?:error|fatal)"/)
})
