import { WeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { describe, expect, test } from 'vitest'
import type { HttpRequest, HttpResponse, NodeContext } from '../../sdk/node.ts'
import { httpRequest } from './node.ts'

const ok = (body: string, contentType = 'application/json', more: Partial<HttpResponse> = {}): HttpResponse => ({
  status: 200,
  statusText: 'OK',
  headers: { 'content-type': contentType },
  body,
  bodyEncoding: 'utf8',
  url: 'http://x.test/',
  ...more,
})

interface Run {
  readonly items?: readonly JsonObject[]
  readonly onError?: NodeContext['node']['onError']
  /** Parameters of an item. */
  readonly parameters: (index: number) => JsonObject
  readonly answer?: (request: HttpRequest, call: number) => HttpResponse
}

const run = async ({ items = [{}], onError = 'stopWorkflow', parameters, answer = () => ok('{}') }: Run) => {
  const requests: HttpRequest[] = []
  const read = async (name: string, index: number): Promise<JsonValue | undefined> => parameters(index)[name]
  const context: Partial<NodeContext> = {
    node: { id: 'n1', name: 'HTTP Request', type: 'n8n-nodes-base.httpRequest', typeVersion: 4.2, onError },
    items: async () => items.map((json): Item => ({ json })),
    parameter: read,
    parameterOfEach: (name) => Promise.all(items.map((_item, index) => read(name, index))),
    random: async () => 0.5,
    log: async () => undefined,
    signal: new AbortController().signal,
    http: async (request) => {
      requests.push(request)
      return answer(request, requests.length - 1)
    },
  }
  const outputs = await httpRequest.execute(context as NodeContext)
  return { items: outputs[0] ?? [], requests }
}
const requestFor = async (parameters: JsonObject): Promise<HttpRequest> => (await run({ parameters: () => parameters })).requests[0]!
const dataFor = async (response: HttpResponse, options: JsonObject = {}) =>
  (await run({ parameters: () => ({ url: 'http://x.test/', options }), answer: () => response })).items.map(({ json }) => json)

const pairs = (...rows: readonly JsonObject[]): JsonObject => ({ parameters: rows })
const row = (name: string, value: JsonValue): JsonObject => ({ name, value })

describe('requests', () => {
  test('method, URL and defaults', async () => {
    expect(await requestFor({ method: 'DELETE', url: ' https://x.test/a?b=1 ' })).toMatchObject({
      method: 'DELETE',
      url: 'https://x.test/a?b=1',
      maxRedirects: 21,
      headers: { 'user-agent': 'WeConnect' },
    })
  })
  test('query from pairs and from JSON', async () => {
    const query = { url: 'http://x.test/?a=1', sendQuery: true }
    expect((await requestFor({ ...query, queryParameters: pairs(row('b', 'x y'), row('', 'ignored'), row('c', 3)) })).url).toBe(
      'http://x.test/?a=1&b=x+y&c=3',
    )
    expect((await requestFor({ ...query, specifyQuery: 'json', jsonQuery: '{"b": true}' })).url).toBe('http://x.test/?a=1&b=true')
    expect((await requestFor({ ...query, sendQuery: false, queryParameters: pairs(row('b', 1)) })).url).toBe('http://x.test/?a=1')
  })
  test.each([
    ['brackets', 'a[]=1&a[]=2'],
    ['repeat', 'a=1&a=2'],
    ['indices', 'a[0]=1&a[1]=2'],
  ])('arrays in the query: %s', async (queryParameterArrays, expected) => {
    const { url } = await requestFor({
      url: 'http://x.test/',
      sendQuery: true,
      queryParameters: pairs(row('a', [1, 2])),
      options: { queryParameterArrays },
    })
    expect(decodeURIComponent(new URL(url).search)).toBe(`?${expected}`)
  })
  test('headers, in lower case unless told', async () => {
    const headers = { url: 'http://x.test/', sendHeaders: true, headerParameters: pairs(row('X-One', 1), row('Accept', 'a/b')) }
    expect((await requestFor(headers)).headers).toEqual({ 'x-one': '1', accept: 'a/b', 'user-agent': 'WeConnect' })
    expect((await requestFor({ ...headers, options: { lowercaseHeaders: false } })).headers).toMatchObject({ 'X-One': '1', Accept: 'a/b' })
    expect((await requestFor({ ...headers, specifyHeaders: 'json', jsonHeaders: '{"X-Two": "2"}' })).headers).toMatchObject({
      'x-two': '2',
    })
  })
  test.each<[string, JsonObject, string, string]>([
    ['JSON from pairs', { bodyParameters: pairs(row('a', 1), row('b', { c: [] })) }, 'application/json', '{"a":1,"b":{"c":[]}}'],
    ['JSON from text', { specifyBody: 'json', jsonBody: '{ "a": [1] }' }, 'application/json', '{"a":[1]}'],
    ['JSON from an expression', { specifyBody: 'json', jsonBody: [{ a: 1 }] }, 'application/json', '[{"a":1}]'],
    ['a form', { contentType: 'form-urlencoded', bodyParameters: pairs(row('a', 'x&y')) }, 'application/x-www-form-urlencoded', 'a=x%26y'],
    ['a form as text', { contentType: 'form-urlencoded', specifyBody: 'string', body: 'a=1' }, 'application/x-www-form-urlencoded', 'a=1'],
    ['raw', { contentType: 'raw', rawContentType: 'text/xml', body: '<a/>' }, 'text/xml', '<a/>'],
  ])('body: %s', async (_kind, parameters, contentType, body) => {
    expect(await requestFor({ method: 'POST', url: 'http://x.test/', sendBody: true, ...parameters })).toMatchObject({
      body,
      headers: { 'content-type': contentType },
    })
  })
  test('body: multipart, names cannot break out of their header', async () => {
    const bodyParameters = pairs({ ...row('a"\r\nX: 1', 'v'), parameterType: 'formData' }, row('b', 2))
    const { headers, body } = await requestFor({
      url: 'http://x.test/',
      sendBody: true,
      contentType: 'multipart-form-data',
      bodyParameters,
    })
    const boundary = headers?.['content-type']?.split('boundary=')[1]
    expect(body).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="a%22%0D%0AX: 1"\r\n\r\nv\r\n--${boundary}\r\nContent-Disposition: form-data; name="b"\r\n\r\n2\r\n--${boundary}--\r\n`,
    )
  })
  test('options', async () => {
    const options = { timeout: 5, redirect: { redirect: { followRedirects: false } }, allowUnauthorizedCerts: true }
    expect(await requestFor({ url: 'http://x.test/', options })).toMatchObject({
      timeoutMs: 5,
      maxRedirects: 0,
      allowUnauthorizedCerts: true,
    })
    expect(await requestFor({ url: 'http://x.test/', options: { redirect: { redirect: { maxRedirects: 3 } } } })).toMatchObject({
      maxRedirects: 3,
    })
  })
  test.each<[string, JsonObject, RegExp]>([
    ['credentials', { authentication: 'genericCredentialType' }, /credentials is not supported yet/],
    [
      'pagination',
      { options: { pagination: { pagination: { paginationMode: 'updateAParameterInEachRequest' } } } },
      /Pagination is not supported yet/,
    ],
    ['files', { options: { response: { response: { responseFormat: 'file' } } } }, /"File" is not supported yet/],
    ['sending files', { sendBody: true, contentType: 'binaryData' }, /Sending files is not supported yet/],
    ['a URL without http', { url: 'x.test' }, /URL must start with "http" or "https"/],
    ['broken JSON', { sendBody: true, specifyBody: 'json', jsonBody: '{' }, /"jsonBody" field is not valid JSON/],
    ['a query that is a list', { sendQuery: true, specifyQuery: 'json', jsonQuery: '[1]' }, /must be a JSON object/],
  ])('refused: %s', async (_what, parameters, message) => {
    await expect(requestFor({ url: 'http://x.test/', ...parameters })).rejects.toMatchObject({
      code: 'NODE_FAILED',
      message: expect.stringMatching(message),
    })
  })
})

describe('answers', () => {
  const format = (responseFormat: string, more: JsonObject = {}) => ({ response: { response: { responseFormat, ...more } } })

  test('a JSON object is an item, a list one item per entry', async () => {
    expect(await dataFor(ok('{"a":1}'))).toEqual([{ a: 1 }])
    expect(await dataFor(ok('[{"a":1},2]', 'application/json; charset=utf-8'))).toEqual([{ a: 1 }, { data: 2 }])
    expect(await dataFor(ok('[]'))).toEqual([])
  })
  test('text goes in a field', async () => {
    expect(await dataFor(ok('{"a":1}', 'text/plain'))).toEqual([{ data: '{"a":1}' }])
    expect(await dataFor(ok('<p>', 'text/html'), format('text', { outputPropertyName: 'page' }))).toEqual([{ page: '<p>' }])
    expect(await dataFor(ok('{"a":1}', 'text/plain'), format('json'))).toEqual([{ a: 1 }])
  })
  test('text in another charset is read', async () => {
    const body = Buffer.from('grüß', 'latin1').toString('base64')
    expect(await dataFor(ok(body, 'text/plain; charset="ISO-8859-1"', { bodyEncoding: 'base64' }))).toEqual([{ data: 'grüß' }])
  })
  test('the full response', async () => {
    const headers = { 'content-type': 'application/json' }
    expect(await dataFor(ok('[1]'), format('autodetect', { fullResponse: true }))).toEqual([
      { body: [1], headers, statusCode: 200, statusMessage: 'OK' },
    ])
    expect(await dataFor(ok('x', 'text/plain'), format('autodetect', { fullResponse: true }))).toMatchObject([
      { data: 'x', statusCode: 200 },
    ])
  })
  test('an error status fails, unless it never should', async () => {
    const missing = ok('{"why":"gone"}', 'application/json', { status: 404 })
    await expect(dataFor(missing)).rejects.toMatchObject({
      code: 'NODE_FAILED',
      message: 'The resource you are requesting could not be found',
    })
    expect(await dataFor(missing, format('autodetect', { neverError: true }))).toEqual([{ why: 'gone' }])
  })
  test('what says that it is JSON, and is not', () => expect(dataFor(ok('<p>'))).rejects.toThrow('Response body is not valid JSON'))
  test('a file is refused', () =>
    expect(dataFor(ok('', 'image/png', { bodyEncoding: 'base64' }))).rejects.toThrow('reading files is not supported yet'))
  test('keys that reach prototypes are dropped', async () => {
    const [data] = await dataFor(ok('{"__proto__":{"polluted":1},"a":1}'))
    expect(Object.getOwnPropertyNames(data)).toEqual(['a'])
  })
})

describe('items', () => {
  const three = [{ n: 0 }, { n: 1 }, { n: 2 }]
  const parameters = (index: number) => ({ url: `http://x.test/${index}`, options: { batching: { batch: { batchSize: 2 } } } })
  const failSecond = (request: HttpRequest): HttpResponse => {
    if (request.url.endsWith('/1')) throw new WeConnectError('EGRESS_FAILED', 'refused')
    return ok(`{"url":"${request.url}"}`)
  }

  test('one request each, in order, and items know where they came from', async () => {
    const { items, requests } = await run({ items: three, parameters, answer: ({ url }) => ok(`[{"url":"${url}"},{}]`) })
    expect(requests.map(({ url }) => url)).toEqual(['http://x.test/0', 'http://x.test/1', 'http://x.test/2'])
    expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 0, 1, 1, 2, 2].map((item) => ({ item })))
  })
  test('a failure stops the node after its batch', async () => {
    const calls: string[] = []
    const answer = (request: HttpRequest) => {
      calls.push(request.url)
      return failSecond(request)
    }
    await expect(run({ items: three, parameters, answer })).rejects.toMatchObject({ code: 'EGRESS_FAILED' })
    expect(calls).toEqual(['http://x.test/0', 'http://x.test/1'])
  })
  test('a node that continues gives the error as the item', async () => {
    const { items } = await run({ items: three, parameters, answer: failSecond, onError: 'continueRegularOutput' })
    expect(items).toEqual([
      { json: { url: 'http://x.test/0' }, pairedItem: { item: 0 } },
      { json: { error: 'refused' }, pairedItem: { item: 1 } },
      { json: { url: 'http://x.test/2' }, pairedItem: { item: 2 } },
    ])
  })
  test('no items, no requests', async () => expect(await run({ items: [], parameters })).toEqual({ items: [], requests: [] }))
})

test('a URL is required', () => {
  expect(httpRequest.validate({}, 4.2)).toEqual([{ parameter: 'url', message: 'Parameter "URL" is required' }])
  expect(httpRequest.validate({ url: '={{ $json.url }}' }, 4.2)).toEqual([])
})
