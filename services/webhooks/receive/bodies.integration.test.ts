import { randomUUID } from 'node:crypto'
import type { JsonObject } from '@weconnect/contracts/json'
import { startTestInstance } from '@weconnect/testing/gateway-fixture'
import { activateOn, codeOf, importOn, jsonOf, webhookFile, webhooksOf } from '@weconnect/testing/live-webhook'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const instance = await startTestInstance({ bodyIdleMs: 300 })
afterAll(() => instance.close())
const { live, call, post, raw, executionsOf, head } = webhooksOf(instance)

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
    const path = randomUUID()
    const file = webhookFile(path, {
      parameters: { multipleMethods: true, httpMethod: ['GET', 'POST', 'DELETE'] },
      steps: ['got', 'posted', 'deleted'].map((value) => ({
        type: 'set',
        version: 3.4,
        parameters: { assignments: { assignments: [{ id: 'x', name: 'branch', type: 'string', value }] } },
      })),
    })
    const targets = ['N1', 'N2', 'N3'].map((node) => [{ node, type: 'main', index: 0 }])
    await activateOn(instance, await importOn(instance, { ...file, connections: { N0: { main: targets } } }))
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
  const received = async (response: Response): Promise<JsonObject> => ((await response.json()) as JsonObject[])[0] as JsonObject

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

test('requests one after the other share a connection', async () => {
  const { path } = await live({ parameters: { responseMode: 'onReceived' } })
  const url = new URL(`${instance.url}/webhook/${path}`)
  const text = `POST ${url.pathname} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=1`
  const answers = await raw(`${text}${text}${text.replace('Host: x', 'Host: x\r\nConnection: close')}`)
  expect(answers.match(/HTTP\/1.1 200/g)).toHaveLength(3)
})
