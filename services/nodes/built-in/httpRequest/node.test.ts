import { WeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { describe, expect, test } from 'vitest'
import type { HttpRequest, HttpResponse, NodeContext } from '../../sdk/node.ts'
import { httpRequest, httpRequestClassic } from './node.ts'

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
  readonly items?: readonly Item[]
  readonly onError?: NodeContext['node']['onError']
  readonly parameters: JsonObject
  readonly typeVersion?: number
  readonly answer?: (request: HttpRequest, call: number) => HttpResponse
}

const run = async ({ items = [{ json: {} }], typeVersion = 4.2, parameters, onError = 'stopWorkflow', answer = () => ok('{}') }: Run) => {
  const requests: HttpRequest[] = []
  const waits: number[] = []
  const { outputs } = await runNode(typeVersion < 3 ? httpRequestClassic : httpRequest, {
    items,
    typeVersion,
    parameters,
    onError,
    waits: (ms) => waits.push(ms),
    http: async (request) => {
      requests.push(request)
      return answer(request, requests.length - 1)
    },
  })
  return { items: outputs[0] ?? [], requests, waits }
}
const requestFor = async (parameters: JsonObject, typeVersion = 4.2): Promise<HttpRequest> =>
  (await run({ parameters, typeVersion })).requests[0]!
const dataFor = async (response: HttpResponse, options: JsonObject = {}) =>
  (await run({ parameters: { url: 'http://x.test/', options }, answer: () => response })).items.map(({ json }) => json)

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
  test('a dot in the name of a JSON field makes an object, from version 4 on', async () => {
    const parameters = { url: 'http://x.test/', method: 'POST', sendBody: true, bodyParameters: pairs(row('a.b', 1), row('a.c', 2)) }
    expect((await requestFor(parameters, 4.2)).body).toBe('{"a":{"b":1,"c":2}}')
    expect((await requestFor(parameters, 3)).body).toBe('{"a.b":1,"a.c":2}')
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
  test('redirects are followed by default from version 4 on, before when it is asked for', async () => {
    const url = 'http://x.test/'
    const asked = { redirect: { redirect: { followRedirects: true } } }
    expect(await requestFor({ url }, 4)).toMatchObject({ maxRedirects: 21 })
    expect(await requestFor({ url }, 3)).toMatchObject({ maxRedirects: 0 })
    expect(await requestFor({ url, options: { redirect: { redirect: {} } } }, 3)).toMatchObject({ maxRedirects: 0 })
    expect(await requestFor({ url, options: asked }, 3)).toMatchObject({ maxRedirects: 21 })
  })
  test.each<[string, JsonObject, RegExp]>([
    ['no credential type', { authentication: 'genericCredentialType' }, /No credential type was chosen/],
    ['client certificates', { provideSslCertificates: true }, /Client certificates are not supported yet/],
    ['a file that is not there', { sendBody: true, contentType: 'binaryData', inputDataFieldName: 'data' }, /none was found/],
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
  test('keys that reach prototypes are dropped', async () => {
    const [data] = await dataFor(ok('{"__proto__":{"polluted":1},"a":1}'))
    expect(Object.getOwnPropertyNames(data)).toEqual(['a'])
  })
})

describe('files', () => {
  const file = { data: Buffer.from([0, 255]).toString('base64'), mimeType: 'image/png', fileName: 'a"b.png' }
  const items: readonly Item[] = [{ json: {}, binary: { photo: file } }]
  const url = 'http://x.test/files/photo%20one.png?x=1'
  const response = (more: JsonObject = {}) => ({ response: { response: { responseFormat: 'file', ...more } } })
  const png = ok(file.data, 'image/png; q=1', { bodyEncoding: 'base64', url })

  test('an answer becomes a file beside those of the item', async () => {
    const named = await run({ items, parameters: { url, options: response({ outputPropertyName: 'page' }) }, answer: () => png })
    expect(named.items).toMatchObject([
      { json: {}, binary: { photo: file, page: { mimeType: 'image/png', fileName: 'photo one.png', bytes: 2 } } },
    ])
    const found = await run({ parameters: { url, options: {} }, answer: () => png })
    expect(found.items[0]?.binary?.['data']).toMatchObject({ mimeType: 'image/png', data: file.data })
  })
  test.each([
    ['attachment; filename="../../etc/passwd"', 'passwd'],
    ["attachment; filename*=UTF-8''gr%C3%BC%C3%9Fe.txt; filename=x", 'grüße.txt'],
    ['attachment; filename=plain.csv', 'plain.csv'],
  ])('its name is what %s says, without folders', async (disposition, fileName) => {
    const answer = () => ok('x', 'text/plain', { url, headers: { 'content-disposition': disposition } })
    const { items: made } = await run({ parameters: { url, options: response({ fullResponse: true }) }, answer })
    expect(made).toMatchObject([{ json: { statusCode: 200 }, binary: { data: { fileName } } }])
  })
  test('a file is the body, or a part of it', async () => {
    const send = { url, method: 'POST', sendBody: true, inputDataFieldName: 'photo' }
    const alone = (await run({ items, parameters: { ...send, contentType: 'binaryData' } })).requests[0]
    expect(alone).toMatchObject({ headers: { 'content-type': 'image/png' }, body: file.data, bodyEncoding: 'base64' })
    const rows = { parameters: [row('n', 1), { parameterType: 'formBinaryData', name: 'f', inputDataFieldName: 'photo' }] }
    const part = (await run({ items, parameters: { ...send, contentType: 'multipart-form-data', bodyParameters: rows } })).requests[0]
    const body = Buffer.from(part?.body ?? '', 'base64').toString('latin1')
    expect(body).toContain('Content-Disposition: form-data; name="n"\r\n\r\n1\r\n')
    expect(body).toContain('name="f"; filename="a%22b.png"\r\nContent-Type: image/png\r\n\r\n\x00\xff\r\n')
  })
})

describe('credentials', () => {
  const url = 'http://x.test/'
  test('a request names the type, never the secret', async () => {
    expect(await requestFor({ url, authentication: 'genericCredentialType', genericAuthType: 'httpBasicAuth' })).toMatchObject({
      credential: 'httpBasicAuth',
    })
    expect(await requestFor({ url, authentication: 'predefinedCredentialType', nodeCredentialType: 'slackApi' })).toMatchObject({
      credential: 'slackApi',
    })
    expect(await requestFor({ url, authentication: 'oAuth1' }, 1)).toMatchObject({ credential: 'oAuth1Api' })
    expect(await requestFor({ url, authentication: 'genericCredentialType', genericAuthType: 'httpQueryAuth' }, 2)).toMatchObject({
      credential: 'httpQueryAuth',
    })
    expect(await requestFor({ url })).not.toHaveProperty('credential')
  })
  test('only version 4.4 may send them on', async () => {
    const parameters = { url, options: { sendCredentialsOnCrossOriginRedirect: true } }
    expect(await requestFor(parameters, 4.4)).toMatchObject({ secretsFollowRedirects: true })
    expect(await requestFor(parameters, 4.2)).not.toHaveProperty('secretsFollowRedirects')
  })
})

describe('pagination', () => {
  const url = 'http://x.test/list'
  const paged = (pagination: JsonObject, more: JsonObject = {}) => ({ url, options: { pagination: { pagination }, ...more } })
  const page = (name: string) => ({ parameters: [{ type: 'qs', name, value: '={{ $pageCount + 1 }}' }] })
  const pages = [[{ n: 1 }, { n: 2 }], [{ n: 3 }], []]
  const list = (_: HttpRequest, call: number) => ok(JSON.stringify(pages[call] ?? []))

  test('a parameter counts the pages until one is empty', async () => {
    const { items, requests, waits } = await run({ parameters: paged({ parameters: page('page'), requestInterval: 5 }), answer: list })
    expect(requests.map(({ url: sent }) => sent)).toEqual([1, 2, 3].map((number) => `${url}?page=${number}`))
    expect(items).toEqual([1, 2, 3].map((n) => ({ json: { n }, pairedItem: { item: 0 } })))
    expect(waits).toEqual([5, 5])
  })
  test('headers and bodies change as well, and see the last answer', async () => {
    const parameters = [
      { type: 'headers', name: 'x-page', value: '={{ $pageCount }}' },
      { type: 'body', name: 'after', value: '={{ $response.body.next }}' },
    ]
    const answer = (_: HttpRequest, call: number) => ok(call < 2 ? `{"next":"c${call}"}` : '{}')
    const { requests } = await run({ parameters: { ...paged({ parameters: { parameters } }), method: 'POST' }, answer })
    expect(requests.map(({ headers, body }) => [headers?.['x-page'], body])).toEqual([
      ['0', undefined],
      ['1', '{"after":"c0"}'],
      ['2', '{"after":"c1"}'],
    ])
  })
  test('the answer names the next page, until it does not', async () => {
    const answer = (_: HttpRequest, call: number) => ok(JSON.stringify({ n: call, next: call < 2 ? `/list?c=${call}` : null }))
    const { requests, items } = await run({
      parameters: paged({ paginationMode: 'responseContainsNextURL', nextURL: '={{ $response.body.next }}' }),
      answer,
    })
    expect(requests.map(({ url: sent }) => sent)).toEqual([url, `${url}?c=0`, `${url}?c=1`])
    expect(items.map(({ json }) => json['n'])).toEqual([0, 1, 2])
  })
  test('a status ends it, and is no page', async () => {
    const answer = (_: HttpRequest, call: number) => (call < 2 ? ok(`{"n":${call}}`) : ok('gone', 'text/plain', { status: 404 }))
    const complete = { paginationCompleteWhen: 'receiveSpecificStatusCodes', statusCodesWhenComplete: '410, 404', parameters: page('p') }
    expect((await run({ parameters: paged(complete), answer })).items.map(({ json }) => json)).toEqual([{ n: 0 }, { n: 1 }])
  })
  test('an expression ends it, and so does the limit', async () => {
    const answer = (_: HttpRequest, call: number) => ok(`{"n":${call}}`)
    const other = { paginationCompleteWhen: 'other', completeExpression: '={{ $response.body.n === 2 }}', parameters: page('p') }
    expect((await run({ parameters: paged(other), answer })).items).toHaveLength(3)
    expect((await run({ parameters: paged({ ...other, limitPagesFetched: true, maxRequests: 2 }), answer })).items).toHaveLength(2)
  })
  test('answers that never change stop it', () =>
    expect(run({ parameters: paged({ parameters: page('p') }), answer: () => ok('{"n":1}') })).rejects.toThrow('identical 5x'))
  test('a failing page fails the item', async () => {
    const answer = (_: HttpRequest, call: number) => (call === 0 ? ok('[1]') : ok('', 'text/plain', { status: 500 }))
    await expect(run({ parameters: paged({ parameters: page('p') }), answer })).rejects.toThrow('not able to process')
  })
})

describe('versions 1 and 2', () => {
  const url = 'http://x.test/'
  const given = async (response: HttpResponse, parameters: JsonObject = {}) =>
    (await run({ typeVersion: 1, parameters: { url, ...parameters }, answer: () => response })).items.map(({ json }) => json)

  test('parameters from lists and as JSON', async () => {
    const list = (...rows: readonly JsonObject[]) => ({ parameter: rows })
    const lists = {
      requestMethod: 'POST',
      queryParametersUi: list(row('q', 1)),
      headerParametersUi: list(row('X-A', 'b')),
      bodyParametersUi: list(row('n', 'v')),
    }
    expect(await requestFor({ url, ...lists }, 1)).toMatchObject({
      url: `${url}?q=1`,
      headers: { 'X-A': 'b' },
      body: '{"n":"v"}',
      maxRedirects: 0,
    })
    const asJson = {
      requestMethod: 'PUT',
      jsonParameters: true,
      queryParametersJson: '{"q":[1,2]}',
      bodyParametersJson: '{"deep":{"n":1}}',
    }
    expect(await requestFor({ url, ...asJson }, 2)).toMatchObject({ url: `${url}?q%5B0%5D=1&q%5B1%5D=2`, body: '{"deep":{"n":1}}' })
    const form = { ...lists, options: { bodyContentType: 'form-urlencoded', followAllRedirects: true } }
    expect(await requestFor({ url, ...form }, 2)).toMatchObject({ body: 'n=v', maxRedirects: 21 })
    expect(await requestFor({ url, bodyParametersUi: list(row('n', 'v')) }, 1)).not.toHaveProperty('body')
  })
  test('a list is one item, or split', async () => {
    expect(await given(ok('[{"a":1},{"a":2}]'))).toEqual([[{ a: 1 }, { a: 2 }]])
    expect(await given(ok('[{"a":1},{"a":2}]'), { options: { splitIntoItems: true } })).toEqual([{ a: 1 }, { a: 2 }])
  })
  test('text, and the whole answer', async () => {
    expect(await given(ok('{"a":1}'), { responseFormat: 'string', dataPropertyName: 'page' })).toEqual([{ page: '{"a":1}' }])
    expect(await given(ok('{"a":1}'), { options: { fullResponse: true } })).toMatchObject([{ body: { a: 1 }, statusCode: 200 }])
  })
  test('what failed is a text', async () => {
    const { items } = await run({
      typeVersion: 1,
      parameters: { url },
      onError: 'continueRegularOutput',
      answer: () => ok('', '', { status: 404 }),
    })
    expect(items).toEqual([{ json: { error: 'The resource you are requesting could not be found' }, pairedItem: { item: 0 } }])
  })
})

describe('items', () => {
  const three = itemsOf({ n: 0 }, { n: 1 }, { n: 2 })
  const parameters = { url: '=http://x.test/{{ $json.n }}', options: { batching: { batch: { batchSize: 2, batchInterval: 7 } } } }
  const failSecond = (request: HttpRequest): HttpResponse => {
    if (request.url.endsWith('/1')) throw new WeConnectError('EGRESS_FAILED', 'refused')
    return ok(`{"url":"${request.url}"}`)
  }

  test('one request each, in order, and items know where they came from', async () => {
    const { items, requests, waits } = await run({ items: three, parameters, answer: ({ url }) => ok(`[{"url":"${url}"},{}]`) })
    expect(requests.map(({ url }) => url)).toEqual(['http://x.test/0', 'http://x.test/1', 'http://x.test/2'])
    expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 0, 1, 1, 2, 2].map((item) => ({ item })))
    expect(waits).toEqual([7])
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
      { json: { error: { message: 'refused', name: 'Error' } }, pairedItem: { item: 1 } },
      { json: { url: 'http://x.test/2' }, pairedItem: { item: 2 } },
    ])
    const { items: missing } = await run({
      parameters: { url: 'http://x.test/' },
      answer: () => ok('{"a":1}', '', { status: 404 }),
      onError: 'continueRegularOutput',
    })
    expect(missing[0]?.json).toEqual({
      error: { message: '404 - "{\\"a\\":1}"', name: 'AxiosError', code: 'ERR_BAD_REQUEST', status: 404 },
    })
  })
  test('no items, no requests', async () => expect(await run({ items: [], parameters })).toEqual({ items: [], requests: [], waits: [] }))
})

test('a URL is required', () => {
  expect(httpRequest.validate({}, 4.2)).toEqual([{ parameter: 'url', message: 'Parameter "URL" is required' }])
  expect(httpRequest.validate({ url: '={{ $json.url }}' }, 4.2)).toEqual([])
})
