import { createHmac, randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { connect } from 'node:net'
import { defaultOrganisationId } from '@weconnect/admin/admin'
import { type InstanceOptions, startTestInstance, type TestInstance } from '@weconnect/testing/gateway-fixture'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let instance: TestInstance
beforeAll(async () => {
  instance = await startTestInstance({ bodyIdleMs: 300 })
})
afterAll(async () => {
  await instance.close()
})

type Json = Record<string, unknown>
interface Given {
  readonly path?: string
  readonly version?: number
  readonly webhookId?: string
  readonly parameters?: Json
  /** References of the webhook node. */
  readonly credentials?: Json
  /** Nodes behind the webhook, one after the other. */
  readonly steps?: readonly Step[]
}
interface Step {
  readonly type: string
  readonly version?: number
  readonly parameters?: Json
  readonly credentials?: Json
}

const ours = () => ({ ...instance.context, organisationId: defaultOrganisationId })
let made = 0
const newPath = (): string => `path-${++made}`

const fileOf = ({ path, version = 2, webhookId, parameters = {}, credentials, steps = [] }: Given) => {
  const nodes = [
    { type: 'webhook', version, parameters: { path, httpMethod: 'POST', responseMode: 'lastNode', ...parameters } },
    ...steps.map(({ version: typeVersion = 1, parameters: own = {}, ...step }) => ({ ...step, version: typeVersion, parameters: own })),
  ].map(({ type, version: typeVersion, parameters: own, ...rest }: Step, index) => ({
    ...rest,
    id: `n${index}`,
    name: `N${index}`,
    type: `n8n-nodes-base.${type}`,
    typeVersion,
    position: [0, 0],
    parameters: own,
    ...(index === 0 && webhookId !== undefined && { webhookId }),
    ...(index === 0 && credentials !== undefined && { credentials }),
  }))
  const wire = (index: number) => [{ node: `N${index}`, type: 'main', index: 0 }]
  const connections = Object.fromEntries(nodes.slice(1).map((_, index) => [`N${index}`, { main: [wire(index + 1)] }]))
  return { name: `Workflow ${randomUUID()}`, nodes, connections, settings: { executionOrder: 'v1' } }
}

const importIt = async (file: object, on = instance): Promise<string> => {
  const mutation = 'mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } } } }'
  const { data, errors } = await on.graphql(mutation, { json: file })
  expect(errors).toEqual([])
  return data.importWorkflow.workflows[0].workflow.id
}
const activate = async (workflowId: string, on = instance): Promise<void> => {
  const { errors } = await on.graphql('mutation ($id: ID!) { activateWorkflow(workflowId: $id) { version } }', { id: workflowId })
  expect(errors).toEqual([])
}
/** An active workflow whose webhook answers with its last node. */
const live = async (given: Given = {}, on = instance): Promise<{ path: string; workflowId: string }> => {
  const path = given.path ?? newPath()
  const workflowId = await importIt(fileOf({ ...given, path }), on)
  await activate(workflowId, on)
  return { path, workflowId }
}
const call = (path: string, init: RequestInit = {}, on = instance): Promise<Response> =>
  fetch(`${on.url}/webhook/${path}`, { method: 'POST', redirect: 'manual', ...init })
const post = (path: string, body: string | Buffer | FormData, type?: string): Promise<Response> =>
  call(path, { body, ...(type !== undefined && { headers: { 'content-type': type } }) })
const jsonOf = async (response: Response): Promise<Json> => (await response.json()) as Json
const codeOf = async (response: Response): Promise<unknown[]> => [response.status, ((await jsonOf(response))['error'] as Json)?.['code']]
const executionsOf = async (workflowId: string, on = instance): Promise<{ id: string; status: string; workflowVersion: number }[]> => {
  const requested = (await on.journal.readAll({ limit: 100_000 })).filter(
    ({ type, data }) => type === 'ExecutionRequested' && (data as Json)['workflowId'] === workflowId,
  )
  return Promise.all(
    requested.map(async ({ data }) => {
      const query = 'query ($id: ID!) { execution(id: $id) { id status workflowVersion } }'
      return (await on.graphql(query, { id: (data as Json)['executionId'] })).data.execution
    }),
  )
}
const head = (): Promise<unknown> => instance.journal.head()

/** Sends bytes as they are and collects what comes until the connection closes. */
const raw = (text: string, end = false): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(instance.url).port), '127.0.0.1', () => (end ? socket.end(text) : socket.write(text)))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer))
  })

describe('methods', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('%s', async (httpMethod) => {
    const { path } = await live({ parameters: { httpMethod } })
    const body = httpMethod === 'GET' ? {} : { body: '{"a":1}', headers: { 'content-type': 'application/json' } }
    const response = await call(`${path}?x=1&x=2&y`, { method: httpMethod, ...body })
    expect([response.status, await response.json()]).toMatchObject([
      200,
      {
        body: httpMethod === 'GET' ? {} : { a: 1 },
        query: { x: ['1', '2'], y: '' },
        params: {},
        webhookUrl: `${instance.url}/webhook/${path}?x=1&x=2&y`,
        executionMode: 'production',
      },
    ])
  })

  test('HEAD is answered without a body', async () => {
    const { path, workflowId } = await live({ parameters: { httpMethod: 'HEAD' } })
    const response = await call(path, { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(await executionsOf(workflowId)).toHaveLength(1)
  })

  test('another method is told which there are', async () => {
    const { path } = await live({ parameters: { httpMethod: 'PUT' } })
    const response = await call(path)
    expect(response.headers.get('allow')).toBe('PUT')
    expect(await codeOf(response)).toEqual([405, 'METHOD_NOT_ALLOWED'])
  })

  test('several methods of one node leave by an output each', async () => {
    const path = newPath()
    const file = fileOf({
      path,
      parameters: { multipleMethods: true, httpMethod: ['GET', 'POST', 'DELETE'] },
      steps: ['got', 'posted', 'deleted'].map((value) => ({
        type: 'set',
        version: 3.4,
        parameters: { assignments: { assignments: [{ id: 'x', name: 'branch', type: 'string', value }] } },
      })),
    })
    const targets = ['N1', 'N2', 'N3'].map((node) => [{ node, type: 'main', index: 0 }])
    await activate(await importIt({ ...file, connections: { N0: { main: targets } } }))
    for (const [method, branch] of [
      ['GET', 'got'],
      ['POST', 'posted'],
      ['DELETE', 'deleted'],
    ])
      expect(await (await call(path, { method: method as string })).json()).toEqual({ branch })
    expect((await call(path, { method: 'PUT' })).headers.get('allow')).toBe('GET, POST, DELETE')
  })
})

describe('bodies', () => {
  const echo = { parameters: { responseData: 'allEntries' } }
  const received = async (response: Response): Promise<Json> => ((await response.json()) as Json[])[0] as Json

  test.each([
    ['application/json', '{"a":[1,"ä"]}', { a: [1, 'ä'] }],
    ['application/x-www-form-urlencoded', 'a=1&a=2', { a: ['1', '2'] }],
    ['text/plain', 'hello', 'hello'],
    ['application/xml', '<a/>', '<a/>'],
  ])('%s', async (type, text, body) => {
    const { path } = await live(echo)
    expect(await received(await post(path, text, type))).toMatchObject({ body, headers: { 'content-type': type } })
  })

  test('a form with a file, and the file sent back', async () => {
    const { path } = await live({ parameters: { responseData: 'firstEntryBinary', responseBinaryPropertyName: 'photo' } })
    const form = new FormData()
    form.set('name', 'Ada')
    form.set('photo', new Blob([Buffer.from([0, 1, 255])], { type: 'image/png' }), 'ada.png')
    const response = await post(path, form as never)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png'])
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from([0, 1, 255]))
  })

  test('bytes of a type nobody parses, in the property that the node names', async () => {
    const { path } = await live({
      parameters: { responseData: 'firstEntryBinary', responseBinaryPropertyName: 'upload', options: { binaryPropertyName: 'upload' } },
    })
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251))
    const response = await post(path, bytes, 'application/octet-stream')
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
  })

  test('the raw body beside the parsed one', async () => {
    const { path } = await live({ parameters: { responseData: 'firstEntryBinary', options: { rawBody: true } } })
    const response = await post(path, '{ "a" : 1 }', 'application/json')
    expect([response.headers.get('content-type'), await response.text()]).toEqual(['application/json', '{ "a" : 1 }'])
  })

  test('what proves who the caller is, is not kept', async () => {
    const { path } = await live(echo)
    const headers = { authorization: 'Bearer secret', cookie: 'a=secret', 'x-api-key': 'secret', 'x-other': 'kept' }
    const { headers: kept } = await received(await call(path, { headers }))
    expect(kept).toMatchObject({ 'x-other': 'kept' })
    expect(JSON.stringify(kept)).not.toContain('secret')
  })

  test('a body of 15 MB is taken', async () => {
    const { path } = await live({ parameters: { responseMode: 'onReceived' } })
    const response = await post(path, 'x'.repeat(15_000_000), 'text/plain')
    expect(response.status).toBe(200)
  })

  describe('refused, and nothing is written', () => {
    let path = ''
    beforeAll(async () => {
      path = (await live()).path
    })
    const refused = async (answer: () => Promise<unknown>): Promise<unknown> => {
      const before = await head()
      const given = await answer()
      expect(await head()).toBe(before)
      return given
    }
    test('malformed JSON, with the place', async () =>
      expect(
        await refused(async () => {
          const response = await post(path, '{"a": 1,\n "b": }', 'application/json')
          return [response.status, (await jsonOf(response))['error']]
        }),
      ).toMatchObject([400, { code: 'MALFORMED_JSON', message: expect.stringContaining('position 15 (line 2 column 7)') }]))
    test('a body of 20 MB', async () =>
      expect(await refused(async () => codeOf(await post(path, 'x'.repeat(20_000_000), 'text/plain')))).toEqual([413, 'BODY_TOO_LARGE']))
    test('20 MB in chunks, of which nobody said the length', async () => {
      const chunks = (): ReadableStream =>
        new ReadableStream({
          start: (controller) => {
            for (let index = 0; index < 20; index += 1) controller.enqueue(new Uint8Array(1_000_000))
            controller.close()
          },
        })
      const init = { body: chunks(), duplex: 'half', headers: { 'content-type': 'text/plain' } } as RequestInit
      expect(await refused(async () => codeOf(await call(path, init)))).toEqual([413, 'BODY_TOO_LARGE'])
    })
    test('a body of a terabyte is not waited for', async () =>
      expect(await refused(() => raw(`POST /webhook/${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\nabc`))).toContain(
        'BODY_TOO_LARGE',
      ))
    test('a body that is shorter than it says: the connection is answered and closed', async () => {
      const answer = await refused(() => raw(`POST /webhook/${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"a":1}`))
      expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*connection: close[\s\S]*BODY_LENGTH_MISMATCH/i)
    })
    test('the same from a caller that has hung up', async () =>
      expect(await refused(() => raw(`POST /webhook/${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"a":1}`, true))).toMatch(
        /^HTTP\/1.1 400 [\s\S]*BODY_LENGTH_MISMATCH/,
      ))
    test('a body that is longer than it says is refused, also when it could be read as far as it says', async () => {
      const json = 'Content-Type: application/json\r\n'
      for (const length of [4, 7])
        expect(
          await refused(() => raw(`POST /webhook/${path} HTTP/1.1\r\nHost: x\r\n${json}Content-Length: ${length}\r\n\r\n{"a":1} and more`)),
        ).toMatch(/^HTTP\/1.1 400 [\s\S]*BODY_LENGTH_MISMATCH[\s\S]*Content-Length/)
    })
    test('two lengths', async () =>
      expect(
        await refused(() =>
          raw(`POST /webhook/${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
        ),
      ).toMatch(/^HTTP\/1.1 400 /))
    test('headers of a megabyte', async () =>
      expect(await refused(() => raw(`GET /webhook/${path} HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(1_000_000)}\r\n\r\n`))).toMatch(
        /^HTTP\/1.1 431 [\s\S]*HEADERS_TOO_LARGE/,
      ))
    test('a multipart body that is cut', async () =>
      expect(
        await refused(async () =>
          codeOf(
            await post(path, '--B\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nabc', 'multipart/form-data; boundary=B'),
          ),
        ),
      ).toEqual([400, 'INVALID_INPUT']))
    test('an unknown path, whatever its body', async () =>
      expect(await refused(async () => codeOf(await post('nobody', 'x'.repeat(1_000_000), 'text/plain')))).toEqual([
        404,
        'WEBHOOK_NOT_FOUND',
      ]))
  })
})

const never = {
  conditions: {
    combinator: 'and',
    options: { caseSensitive: true, leftValue: '', typeValidation: 'strict' },
    conditions: [{ id: 'c', leftValue: 'a', rightValue: 'b', operator: { type: 'string', operation: 'equals' } }],
  },
  options: {},
}

describe('answers', () => {
  const respond = (parameters: Json) => ({
    parameters: { responseMode: 'responseNode' },
    steps: [{ type: 'respondToWebhook', version: 1.1, parameters }],
  })
  const shown = async (response: Response): Promise<unknown[]> => [
    response.status,
    response.headers.get('content-type'),
    await response.text(),
  ]

  test('immediately', async () => {
    const { path, workflowId } = await live({
      parameters: { responseMode: 'onReceived', options: { responseCode: { values: { responseCode: 202 } } } },
    })
    const response = await call(path)
    const [execution] = await executionsOf(workflowId)
    expect([response.status, await response.json()]).toEqual([202, { message: 'Workflow was started', executionId: execution?.id }])
  })
  test.each([
    [{ responseMode: 'onReceived', options: { noResponseBody: true } }, [200, null, '']],
    [{ responseMode: 'onReceived', options: { responseData: 'thanks' } }, [200, 'text/html; charset=utf-8', 'thanks']],
    [{ responseData: 'noData', options: { responseCode: { values: { responseCode: 204 } } } }, [204, null, '']],
    [{ options: { responsePropertyName: 'executionMode', responseContentType: 'text/csv' } }, [200, 'text/csv', 'production']],
  ])('%j', async (parameters, expected) => expect(await shown(await call((await live({ parameters })).path))).toEqual(expected))

  test('headers of the node', async () => {
    const responseHeaders = {
      entries: [
        { name: 'X-Made-By', value: 'me' },
        { name: 'Content-Length', value: '1' },
      ],
    }
    const response = await call((await live({ parameters: { options: { responseHeaders } } })).path)
    expect(response.headers.get('x-made-by')).toBe('me')
    expect(await response.json()).toHaveProperty('webhookUrl')
  })

  test.each([
    [{ respondWith: 'json', responseBody: '{"a":1}', options: { responseCode: 201 } }, [201, 'application/json; charset=utf-8', '{"a":1}']],
    [{ respondWith: 'text', responseBody: 'hi' }, [200, 'text/html; charset=utf-8', 'hi']],
    [{ respondWith: 'noData' }, [200, null, '']],
    [{ respondWith: 'redirect', redirectURL: 'https://example.org/' }, [307, null, '']],
    [
      { respondWith: 'firstIncomingItem', options: { responseKey: 'got' } },
      [200, 'application/json; charset=utf-8', expect.stringMatching(/^{"got":{"headers"/)],
    ],
  ])('a Respond to Webhook node with %j', async (parameters, expected) =>
    expect(await shown(await call((await live(respond(parameters))).path))).toEqual(expected),
  )

  test('a page that a workflow answers is none of our origin', async () => {
    const { path } = await live(respond({ respondWith: 'text', responseBody: '={{ $json.query.html }}' }))
    const response = await call(`${path}?html=${encodeURIComponent('<script>alert(1)</script>')}`)
    expect(await response.text()).toBe('<script>alert(1)</script>')
    expect(response.headers.get('content-security-policy')).toMatch(/^sandbox (?!.*allow-same-origin)/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('a status that HTTP does not know is our error, told with its code', async () =>
    expect(await codeOf(await call((await live(respond({ respondWith: 'noData', options: { responseCode: 42 } }))).path))).toEqual([
      500,
      'EXECUTION_FAILED',
    ]))

  test('a workflow that fails says so, and not why', async () => {
    const { path } = await live({ steps: [{ type: 'stopAndError', parameters: { errorMessage: 'the secret of the house' } }] })
    const response = await call(path)
    const text = await response.text()
    expect([response.status, JSON.parse(text)]).toMatchObject([500, { code: 'NODE_FAILED', message: 'Error in workflow' }])
    expect(text).not.toContain('secret')
  })

  test('a workflow that never responds', async () => {
    const { path } = await live({
      parameters: { responseMode: 'responseNode' },
      steps: [
        { type: 'filter', version: 2, parameters: never },
        { type: 'respondToWebhook', version: 1.1 },
      ],
    })
    expect((await call(path)).status).toBe(500)
  })
})
describe('pages of other origins', () => {
  const preflight = (path: string, origin: string): Promise<Response> =>
    call(path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    })
  test('all may call by default', async () => {
    const { path, workflowId } = await live()
    const asked = await preflight(path, 'https://a.example')
    expect([asked.status, asked.headers.get('access-control-allow-origin'), asked.headers.get('access-control-allow-methods')]).toEqual([
      204,
      '*',
      'POST',
    ])
    expect(asked.headers.get('access-control-allow-headers')).toBe('content-type')
    expect(await executionsOf(workflowId)).toEqual([])
    expect((await call(path, { headers: { origin: 'https://a.example' } })).headers.get('access-control-allow-origin')).toBe('*')
  })
  test('or those that the node names', async () => {
    const { path } = await live({ parameters: { options: { allowedOrigins: 'https://a.example' } } })
    const allowed = async (origin: string) => (await preflight(path, origin)).headers.get('access-control-allow-origin')
    expect([await allowed('https://a.example'), await allowed('https://b.example')]).toEqual(['https://a.example', null])
  })
  test('nobody is told of what does not exist', async () =>
    expect(await codeOf(await preflight('nobody', 'https://a.example'))).toEqual([404, 'WEBHOOK_NOT_FOUND']))
})

describe('who may call', () => {
  const create = async (type: string, data: Json, context = ours()) =>
    (await instance.credentials.create({ name: `C${++made}`, type, data: data as never }, context)).credential
  const basic = (user: string, password: string) => ({ authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` })
  const tokenWith = (payload: object, secret = 'of the webhook', alg = 'HS256') => {
    const [head, body] = [{ alg, typ: 'JWT' }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    const signature = alg === 'none' ? '' : createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')
    return { authorization: `Bearer ${head}.${body}.${signature}` }
  }
  const callWith = (path: string, headers: Record<string, string> = {}) =>
    call(path, { body: '{"a":1}', headers: { 'content-type': 'application/json', ...headers } })

  test('those who know user and password; the others leave no trace', async () => {
    const { credentialId: id } = await create('httpBasicAuth', { user: 'ada', password: 'pässword' })
    const { path, workflowId } = await live({ parameters: { authentication: 'basicAuth' }, credentials: { httpBasicAuth: { id } } })
    const before = await head()
    const unproven = await callWith(path)
    expect([unproven.status, unproven.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="Webhook", charset="UTF-8"'])
    for (const wrong of [basic('ada', 'wrong'), basic('ad', 'a:pässword'), basic('', ''), { authorization: 'Bearer x' }])
      expect([401, 403]).toContain((await callWith(path, wrong)).status)
    expect(await head()).toEqual(before)
    expect((await callWith(path, basic('ada', 'pässword'))).status).toBe(200)
    expect(await executionsOf(workflowId)).toHaveLength(1)
  })

  test('those who send the header, which is not kept', async () => {
    const { name } = await create('httpHeaderAuth', { name: 'X-Door', value: 'canary-door' })
    const { path } = await live({ parameters: { authentication: 'headerAuth' }, credentials: { httpHeaderAuth: { id: 'n8n', name } } })
    expect(await codeOf(await callWith(path))).toEqual([403, 'FORBIDDEN'])
    expect(await codeOf(await callWith(path, { 'x-door': 'canary-doo' }))).toEqual([403, 'FORBIDDEN'])
    const answer = await jsonOf(await callWith(path, { 'x-door': 'canary-door', 'x-other': 'kept' }))
    expect(answer['headers']).toMatchObject({ 'x-other': 'kept' })
    expect(JSON.stringify(answer)).not.toContain('canary-door')
  })

  test('bearers of a token that was signed with the secret; the workflow sees what it says', async () => {
    const { credentialId: id } = await create('jwtAuth', { keyType: 'passphrase', secret: 'of the webhook', algorithm: 'HS256' })
    const { path } = await live({ parameters: { authentication: 'jwtAuth' }, credentials: { jwtAuth: { id } } })
    expect((await callWith(path)).status).toBe(401)
    const now = Math.floor(Date.now() / 1000)
    const refused = [
      tokenWith({ sub: 'ada' }, 'another secret'),
      tokenWith({ sub: 'ada' }, '', 'none'),
      tokenWith({ sub: 'ada' }, 'of the webhook', 'HS512'),
      tokenWith({ sub: 'ada', exp: now - 60 }),
      tokenWith({ sub: 'ada', nbf: now + 3600 }),
      { authorization: 'Bearer a.b.c' },
    ]
    for (const headers of refused) expect(await codeOf(await callWith(path, headers))).toEqual([403, 'FORBIDDEN'])
    const answer = await jsonOf(await callWith(path, tokenWith({ sub: 'ada', exp: now + 3600 })))
    expect(answer).toMatchObject({ jwtPayload: { sub: 'ada' }, body: { a: 1 } })
  })

  test('nobody, when the credential is missing, deleted, of another type, or of another organisation', async () => {
    const { credentialId: gone } = await create('httpBasicAuth', { user: 'a', password: 'b' })
    const theirs = await create('httpBasicAuth', { user: 'a', password: 'b' }, { ...ours(), organisationId: randomUUID() })
    const { credentialId: other } = await create('httpHeaderAuth', { name: 'a', value: 'b' })
    const authentication = { parameters: { authentication: 'basicAuth' } }
    const references = [undefined, {}, ...[gone, theirs.credentialId, other].map((id) => ({ httpBasicAuth: { id } }))]
    for (const credentials of references) {
      const { path } = await live({ ...authentication, ...(credentials && { credentials }) })
      if (credentials && JSON.stringify(credentials).includes(gone)) {
        expect((await callWith(path, basic('a', 'b'))).status).toBe(200)
        await instance.credentials.remove(gone, ours())
      }
      expect(await codeOf(await callWith(path, basic('a', 'b')))).toEqual([403, 'FORBIDDEN'])
    }
  })

  test('the body stays on the wire until the caller was let in', async () => {
    const { credentialId: id } = await create('httpBasicAuth', { user: 'ada', password: 'right' })
    const { path } = await live({ parameters: { authentication: 'basicAuth' }, credentials: { httpBasicAuth: { id } } })
    const request = `POST /webhook/${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\nConnection: close\r\n\r\n{`
    expect(await raw(request)).toMatch(/^HTTP\/1\.1 401 /)
  })

  test('a test address asks as well, and a refused call does not use it up', async () => {
    const { credentialId: id } = await create('httpBasicAuth', { user: 'ada', password: 'right' })
    const path = newPath()
    const workflowId = await importIt(fileOf({ path, parameters: { authentication: 'basicAuth' }, credentials: { httpBasicAuth: { id } } }))
    await instance.ingress.tests.listen(workflowId, ours())
    const send = (headers: Record<string, string>) => fetch(`${instance.url}/webhook-test/${path}`, { method: 'POST', headers })
    expect((await send({})).status).toBe(401)
    expect((await send(basic('ada', 'right'))).status).toBe(200)
  })
})

describe('paths', () => {
  test('a path with parameters answers behind its id, and nowhere else', async () => {
    const webhookId = randomUUID()
    const { path, workflowId } = await live({ path: `users-${++made}/:id/:what`, webhookId })
    const called = path.replace(':id', 'a%2Fb').replace(':what', 'k%C3%A4se')
    expect(await (await call(`${webhookId}/${called}`)).json()).toMatchObject({ params: { id: 'a/b', what: 'käse' } })
    for (const wrong of [called, `${randomUUID()}/${called}`, `:webhookId/${called}`, `%00/${called}`])
      expect(await codeOf(await call(wrong))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    await instance.projector.waitFor((await instance.journal.head()) as never)
    const { data } = await instance.graphql('query ($id: ID!) { workflow(id: $id) { webhooks { path } } }', { id: workflowId })
    expect(data.workflow.webhooks).toEqual([{ path: `${webhookId}/${path}` }])
  })
  test('without a webhookId the path is all there is', async () => {
    await live({ path: 'plain-users/:id' })
    expect(await (await call('plain-users/7')).json()).toMatchObject({ params: { id: '7' } })
  })
  test('unusual characters, encodings and slashes', async () => {
    await live({ path: "/k äse//it's(1)/" })
    for (const path of ["k%20%C3%A4se/it's(1)", 'k%20%c3%a4se/%69t%27s(1)', "/k%20%C3%A4se///it's(1)//"])
      expect((await call(path)).status).toBe(200)
    expect(await codeOf(await call('k%20%ZZ'))).toEqual([400, 'INVALID_INPUT'])
    expect(await codeOf(await call(''))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
  })
  test('a path longer than anyone needs', async () =>
    expect(await codeOf(await call('x'.repeat(10_000)))).toEqual([404, 'WEBHOOK_NOT_FOUND']))
})

describe('the same delivery again', () => {
  const counting = {
    steps: [
      {
        type: 'set',
        version: 3.4,
        parameters: { assignments: { assignments: [{ id: 'x', name: 'at', type: 'string', value: '={{ $execution.id }}' }] } },
      },
    ],
  }
  const deliver = (path: string, id: string, on = instance): Promise<Response> => call(path, { headers: { 'x-delivery-id': id } }, on)

  test('gets the answer of the first, and runs once', async () => {
    const { path, workflowId } = await live(counting)
    const first = await (await deliver(path, 'd1')).json()
    expect(await (await deliver(path, 'd1')).json()).toEqual(first)
    expect(await (await deliver(path, 'd2')).json()).not.toEqual(first)
    expect(await executionsOf(workflowId)).toHaveLength(2)
  })
  test('also when the node answers at once, and when a node responds', async () => {
    for (const given of [
      { parameters: { responseMode: 'onReceived' } },
      {
        parameters: { responseMode: 'responseNode' },
        steps: [
          { type: 'respondToWebhook', version: 1.1, parameters: { respondWith: 'json', responseBody: '={{ {id: $execution.id} }}' } },
        ],
      },
    ]) {
      const { path, workflowId } = await live(given)
      const answers = [await (await deliver(path, 'd1')).text(), await (await deliver(path, 'd1')).text()]
      expect(answers[0]).toBe(answers[1])
      expect(await executionsOf(workflowId)).toHaveLength(1)
    }
  })
  test('ids that begin alike are not the same', async () => {
    const { path, workflowId } = await live(counting)
    for (const end of ['a', 'b']) await deliver(path, 'x'.repeat(400) + end)
    expect(await executionsOf(workflowId)).toHaveLength(2)
  })
  test('also while the first still runs', async () => {
    const slow = {
      type: 'code',
      version: 2,
      parameters: { jsCode: 'for (let i = 0; i < 50_000_000; i++); return [{json: {id: $execution.id}}]' },
    }
    const { path, workflowId } = await live({ steps: [slow] })
    const answers = await Promise.all(Array.from({ length: 8 }, async () => (await deliver(path, 'd1')).text()))
    expect(new Set(answers).size).toBe(1)
    expect(JSON.parse(answers[0] ?? '')).toHaveProperty('id')
    expect(await executionsOf(workflowId)).toHaveLength(1)
  })
  test('also after a restart', async () => {
    const options: InstanceOptions = {}
    const before = await startTestInstance(options)
    const { path, workflowId } = await live(counting, before)
    const first = await (await deliver(path, 'd1', before)).text()
    await before.stop()
    const after = await startTestInstance({ folder: before.folder })
    try {
      expect(await (await deliver(path, 'd1', after)).text()).toBe(first)
      expect(await executionsOf(workflowId, after)).toHaveLength(1)
    } finally {
      await after.close()
      rmSync(before.folder, { recursive: true, force: true })
    }
  })
})

describe('what is active answers', () => {
  const saying = (value: string) => ({
    steps: [
      { type: 'set', version: 3.4, parameters: { assignments: { assignments: [{ id: 'x', name: 'says', type: 'string', value }] } } },
    ],
  })
  const rewrite = (workflowId: string, value: string) =>
    instance.graphql(
      'mutation ($id: ID!, $input: ConfigureNodeInput!) { configureNode(workflowId: $id, nodeId: "n1", input: $input) { version } }',
      {
        id: workflowId,
        input: { parameters: saying(value).steps[0]?.parameters },
      },
    )

  test('a draft changes nothing until it is activated; what is deactivated answers no more', async () => {
    const { path, workflowId } = await live(saying('one'))
    await rewrite(workflowId, 'two')
    expect(await (await call(path)).json()).toEqual({ says: 'one' })
    await activate(workflowId)
    expect(await (await call(path)).json()).toEqual({ says: 'two' })
    await instance.graphql('mutation ($id: ID!) { deactivateWorkflow(workflowId: $id) { version } }', { id: workflowId })
    expect(await codeOf(await call(path))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
  })
  const contentOf = async (workflowId: string) => (await instance.workflows.load(workflowId, ours().organisationId)).workflow
  test('an activation that was cut off before the workflow knew of it leaves the version before', async () => {
    const { path, workflowId } = await live(saying('one'))
    const before = await call(path)
    expect(await before.json()).toEqual({ says: 'one' })
    await rewrite(workflowId, 'two')
    await instance.graphql('mutation ($id: ID!) { publishWorkflow(workflowId: $id) { version } }', { id: workflowId })
    await instance.registrations.register(workflowId, 2, await contentOf(workflowId), ours())
    expect(await (await call(path)).json()).toEqual({ says: 'one' })
    await activate(workflowId)
    expect(await (await call(path)).json()).toEqual({ says: 'two' })
  })
  test('and where nothing was active before, nothing answers', async () => {
    const path = newPath()
    const workflowId = await importIt(fileOf({ path }))
    await instance.graphql('mutation ($id: ID!) { publishWorkflow(workflowId: $id) { version } }', { id: workflowId })
    await instance.registrations.register(workflowId, 1, await contentOf(workflowId), ours())
    expect(await codeOf(await call(path))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    await activate(workflowId)
    expect((await call(path)).status).toBe(200)
  })
  test('a path of another workflow is refused, with its holder', async () => {
    const { path, workflowId } = await live()
    const other = await importIt(fileOf({ path }))
    const { errors } = await instance.graphql('mutation ($id: ID!) { activateWorkflow(workflowId: $id) { version } }', { id: other })
    expect(errors).toMatchObject([{ message: expect.stringContaining(workflowId), extensions: { code: 'WEBHOOK_PATH_TAKEN' } }])
  })
})

describe('test addresses', () => {
  const listen = (workflowId: string, forSeconds?: number) =>
    instance.graphql(
      'mutation ($id: ID!, $forSeconds: Int) { listenForTestWebhook(workflowId: $id, forSeconds: $forSeconds) { urls { method path } expiresAt } }',
      { id: workflowId, forSeconds },
    )
  const stop = async (id: string) =>
    (await instance.graphql('mutation ($id: ID!) { stopListeningForTestWebhook(workflowId: $id) }', { id })).data
      .stopListeningForTestWebhook
  const callTest = (path: string): Promise<Response> => fetch(`${instance.url}/webhook-test/${path}`, { method: 'POST' })

  test('one call runs the draft, while somebody listens', async () => {
    const path = newPath()
    const workflowId = await importIt(fileOf({ path }))
    expect(await codeOf(await callTest(path))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    const { data } = await listen(workflowId)
    expect(data.listenForTestWebhook).toEqual({ urls: [{ method: 'POST', path: `/webhook-test/${path}` }], expiresAt: expect.any(String) })
    const response = await callTest(`${path}?a=1`)
    expect([response.status, await response.json()]).toMatchObject([200, { query: { a: '1' }, executionMode: 'test' }])
    expect(await codeOf(await callTest(path))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    expect(await codeOf(await call(path))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    expect(await executionsOf(workflowId)).toMatchObject([{ status: 'completed', workflowVersion: 0 }])
  })
  test('of many calls at once one is taken', async () => {
    const path = newPath()
    const workflowId = await importIt(fileOf({ path }))
    await listen(workflowId)
    const statuses = await Promise.all(Array.from({ length: 6 }, async () => (await callTest(path)).status))
    expect(statuses.sort()).toEqual([200, 404, 404, 404, 404, 404])
  })
  test('for two minutes, or as long as was asked for', async () => {
    const path = newPath()
    const id = await importIt(fileOf({ path }))
    const until = async (forSeconds?: number) => Date.parse((await listen(id, forSeconds)).data.listenForTestWebhook.expiresAt)
    const before = Date.now()
    expect(Math.round(((await until()) - before) / 10_000)).toBe(12)
    const wrong = await fetch(`${instance.url}/webhook-test/${path}`)
    expect([wrong.headers.get('allow'), await codeOf(wrong)]).toEqual(['POST', [405, 'METHOD_NOT_ALLOWED']])
    await until(1)
    const looked = async () => (await fetch(`${instance.url}/webhook-test/${path}`)).status
    await expect.poll(looked, { timeout: 60_000 }).toBe(404)
    expect(await codeOf(await callTest(path))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    for (const wrong of [0, 3601]) expect((await listen(id, wrong)).errors[0]?.extensions.code).toBe('INVALID_INPUT')
  })
  test('until nobody wants it any more; then the path is free at once', async () => {
    const path = newPath()
    const [id, other] = [await importIt(fileOf({ path })), await importIt(fileOf({ path }))]
    await listen(id)
    expect([await stop(other), await stop(id), await stop(id)]).toEqual([false, true, false])
    expect(await codeOf(await callTest(path))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    expect((await listen(other)).errors).toEqual([])
    expect((await callTest(path)).status).toBe(200)
  })
  test('the live version goes on answering at its own address', async () => {
    const { path, workflowId } = await live()
    await listen(workflowId)
    expect(await (await call(path)).json()).toMatchObject({ executionMode: 'production' })
    expect(await (await callTest(path)).json()).toMatchObject({ executionMode: 'test' })
  })
  test('only for workflows that exist and have a webhook, and only one at a path', async () => {
    const codes = async (workflowId: string) => (await listen(workflowId)).errors.map(({ extensions }) => extensions.code)
    expect(await codes(randomUUID())).toEqual(['NOT_FOUND'])
    const manual = {
      name: 'm',
      nodes: [{ id: 'a', name: 'A', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} }],
      connections: {},
    }
    expect(await codes(await importIt(manual))).toEqual(['INVALID_INPUT'])
    const path = newPath()
    expect(await codes(await importIt(fileOf({ path })))).toEqual([])
    expect(await codes(await importIt(fileOf({ path })))).toEqual(['WEBHOOK_PATH_TAKEN'])
  })
})

test('requests one after the other share a connection', async () => {
  const { path } = await live({ parameters: { responseMode: 'onReceived' } })
  const url = new URL(`${instance.url}/webhook/${path}`)
  const text = `POST ${url.pathname} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=1`
  const answers = await raw(`${text}${text}${text.replace('Host: x', 'Host: x\r\nConnection: close')}`)
  expect(answers.match(/HTTP\/1.1 200/g)).toHaveLength(3)
})

describe('an execution that waits for a call (n8n #13633, PR #10992: who called first is answered, and who ends the wait)', () => {
  /** Answers the first call with the address of the second. */
  const asking = async (parameters: Json = {}, behind: Given['steps'] = [], credentials: Json = {}) => {
    const { path } = await live({
      parameters: { responseMode: 'responseNode' },
      steps: [
        {
          type: 'respondToWebhook',
          version: 1.1,
          parameters: { respondWith: 'text', responseBody: '={{ $execution.resumeUrl }}', options: {} },
        },
        { type: 'wait', version: 1.1, parameters: { resume: 'webhook', httpMethod: 'POST', ...parameters }, credentials },
        ...behind,
      ],
    })
    const url = new URL(await (await post(path, '{}', 'application/json')).text())
    const address = `${instance.url}${url.pathname}${url.search}`
    const id = url.pathname.split('/')[2] ?? ''
    await expect.poll(async () => (await instance.executions.view(id, defaultOrganisationId)).status, { timeout: 20_000 }).toBe('waiting')
    return { id, address }
  }
  const send = (address: string, init: RequestInit = {}): Promise<Response> =>
    fetch(address, { method: 'POST', body: '{"approved":true}', headers: { 'content-type': 'application/json' }, ...init })

  test('goes on with the body, and answers with its last node', async () => {
    const { id, address } = await asking({ responseMode: 'lastNode' }, [
      {
        type: 'set',
        version: 3.4,
        parameters: {
          assignments: { assignments: [{ id: 'a', name: 'said', value: '={{ $json.body.approved }}', type: 'boolean' }] },
          options: {},
        },
      },
    ])
    const answer = await send(address)
    expect([answer.status, await jsonOf(answer)]).toEqual([200, { said: true }])
    expect(await codeOf(await send(address))).toEqual([409, 'INVALID_STATE'])
    // The signature is what lets a caller in: it is recorded where it was given out, and not with the call.
    const events = await instance.executions.events(id, defaultOrganisationId)
    const resumed = events.find(({ type }) => type === 'ExecutionResumed')
    expect(JSON.stringify(resumed?.data)).toContain('approved')
    expect(JSON.stringify(resumed?.data)).not.toContain('signature')
  })

  test('at a suffix, by its method, with its signature only', async () => {
    const { address } = await asking({ options: { webhookSuffix: 'approve' } })
    const [path, query] = address.split('?')
    expect(await codeOf(await send(address))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    expect(await codeOf(await send(`${path}/approve?${query}x`))).toEqual([403, 'FORBIDDEN'])
    expect(await codeOf(await send(`${path}/approve`))).toEqual([403, 'FORBIDDEN'])
    expect(await codeOf(await fetch(`${path}/approve?${query}`))).toEqual([405, 'METHOD_NOT_ALLOWED'])
    const answer = await send(`${path}/approve?${query}`)
    expect([answer.status, (await jsonOf(answer))['message']]).toEqual([200, 'Workflow was started'])
  })

  test('asks who calls where the node says so, and leaves out bots', async () => {
    const data = { user: 'ada', password: 'canary-waiting' }
    const { credentialId: id } = (await instance.credentials.create({ name: 'Resume', type: 'httpBasicAuth', data }, ours())).credential
    const parameters = { incomingAuthentication: 'basicAuth', options: { ignoreBots: true } }
    const { id: execution, address } = await asking(parameters, [], { httpBasicAuth: { id } })
    const from = (authorization: string, agent = 'Chrome/126.0') => ({ headers: { authorization, 'user-agent': agent } })
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    expect(await codeOf(await send(address))).toEqual([401, 'UNAUTHENTICATED'])
    expect(await codeOf(await send(address, from(basic('ada:no'))))).toEqual([403, 'FORBIDDEN'])
    expect(await codeOf(await send(address, from(basic('ada:canary-waiting'), 'Googlebot/2.1')))).toEqual([403, 'FORBIDDEN'])
    expect((await send(address, from(basic('ada:canary-waiting')))).status).toBe(200)
    expect(JSON.stringify(await instance.executions.events(execution, defaultOrganisationId))).not.toContain(basic('ada:canary-waiting'))
  })

  test('is told so when nothing waits, or nothing ever was', async () => {
    const { id, address } = await asking()
    expect(await instance.executions.resume(id, [{ json: {} }], ours())).toMatchObject({ stream: `execution-${id}` })
    expect(await codeOf(await send(address))).toEqual([409, 'INVALID_STATE'])
    expect(await codeOf(await send(`${instance.url}/webhook-waiting/${randomUUID()}?signature=x`))).toEqual([403, 'FORBIDDEN'])
  })
})
