import { isWeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import type { NodeResponse, WebhookDescription } from '@weconnect/nodes/sdk/node'
import { describe, expect, test } from 'vitest'
import { type Answer, answerAtOnce, answerOfEnd, answerOfNode } from './answer.ts'
import { originHeaders, preflightAnswer } from './cross-origin.ts'
import { sendable } from './sendable.ts'

const plain: WebhookDescription = {
  methods: ['POST'],
  path: 'a',
  responseMode: 'lastNode',
  responseCode: 200,
  responseHeaders: {},
  responseData: 'firstEntryJson',
  rawBody: false,
}
const json = 'application/json; charset=utf-8'
const html = 'text/html; charset=utf-8'
const shown = ({ statusCode, headers, body }: Answer) => [statusCode, headers['content-type'], body?.toString()]

describe('at once', () => {
  test.each([
    [{}, [200, json, '{"message":"Workflow was started","executionId":"e1"}']],
    [{ responseCode: 202, responseText: 'thanks' }, [202, html, 'thanks']],
    [{ responseText: '{}', responseHeaders: { 'Content-Type': 'application/json' } }, [200, 'application/json', '{}']],
    [{ responseData: 'noData', responseText: 'thanks', responseCode: 204 }, [204, undefined, undefined]],
  ] as const)('%j', (changes, expected) => expect(shown(answerAtOnce({ ...plain, ...changes }, 'e1'))).toEqual(expected))
})

describe('from the last node', () => {
  const items: readonly Item[] = [
    { json: { n: 1, text: 'hi', deep: { list: ['x', 'y'] } }, binary: { data: { data: 'aGk=', mimeType: 'image/png' } } },
    { json: { n: 2 } },
  ]
  const end = (outputs: readonly (readonly Item[] | null)[]) => ({ kind: 'completed', outputs }) as const
  test.each([
    [{}, [200, json, JSON.stringify(items[0]?.json)]],
    [{ responseCode: 201, responseData: 'allEntries' }, [201, json, JSON.stringify(items.map((item) => item.json))]],
    [{ responseData: 'noData' }, [200, undefined, undefined]],
    [{ responseData: 'firstEntryBinary' }, [200, 'image/png', 'hi']],
    [{ responseData: 'firstEntryBinary', responseHeaders: { 'Content-Type': 'a/b' } }, [200, 'a/b', 'hi']],
    [{ responsePropertyName: 'n' }, [200, json, '1']],
    [{ responsePropertyName: 'text' }, [200, html, 'hi']],
    [{ responsePropertyName: 'text', responseContentType: 'text/csv' }, [200, 'text/csv', 'hi']],
    [{ responsePropertyName: 'deep.list[1]' }, [200, html, 'y']],
    [{ responsePropertyName: 'constructor' }, [200, undefined, undefined]],
    [{ responseContentType: 'application/xml' }, [200, 'application/xml', JSON.stringify(items[0]?.json)]],
  ] as const)('%j', (changes, expected) => expect(shown(answerOfEnd(end([null, items]), { ...plain, ...changes }, 'e1'))).toEqual(expected))

  test('a file that is not there is said to be missing', () => {
    const description = { ...plain, responseData: 'firstEntryBinary', responseBinaryProperty: 'photo' } as const
    const { statusCode, body } = answerOfEnd(end([items]), description, 'e1')
    expect([statusCode, JSON.parse(String(body))]).toMatchObject([
      500,
      { code: 'EXECUTION_FAILED', message: expect.stringContaining('photo') },
    ])
  })
  test.each([
    [{ kind: 'failed', code: 'NODE_FAILED', error: { message: 'secret' } }, 500],
    [{ kind: 'paused' }, 202],
    [{ kind: 'cancelled' }, 503],
    [{ kind: 'timeout' }, 504],
    [{ kind: 'stopped' }, 503],
  ] as const)('%j is %i, and says nothing of why', (kind, status) => {
    const { statusCode, body } = answerOfEnd(kind, plain, 'e1')
    expect(statusCode).toBe(status)
    expect(body).not.toContain('secret')
  })
  test('nobody responded', () => expect(answerOfEnd(end([items]), { ...plain, responseMode: 'responseNode' }, 'e1').statusCode).toBe(500))
})

describe('from a Respond to Webhook node', () => {
  const response = (changes: Partial<NodeResponse>): NodeResponse => ({
    statusCode: 200,
    headers: {},
    body: null,
    bodyEncoding: 'json',
    ...changes,
  })
  test.each([
    [{ body: { a: 1 } }, [200, json, '{"a":1}']],
    [{ body: 'a' }, [200, json, '"a"']],
    [{ body: 'a', bodyEncoding: 'text' }, [200, html, 'a']],
    [{ body: 'a', bodyEncoding: 'text', headers: { 'Content-TYPE': 'text/csv' } }, [200, 'text/csv', 'a']],
    [{ body: 'aGk=', bodyEncoding: 'base64', headers: { 'content-type': 'image/png' } }, [200, 'image/png', 'hi']],
    [{ body: { data: 'aGk=', mimeType: 'image/png' }, bodyEncoding: 'binary', statusCode: 201 }, [201, 'image/png', 'hi']],
    [{ bodyEncoding: 'empty', statusCode: 307, headers: { location: '/x' } }, [307, undefined, undefined]],
  ] as const)('%j', (changes, expected) => expect(shown(answerOfNode(response(changes as Partial<NodeResponse>)))).toEqual(expected))
})

describe('what goes out', () => {
  const headersOf = (headers: Record<string, string>) => sendable({ statusCode: 200, headers, body: '' }).headers
  test.each(['text/html', 'image/svg+xml', 'application/xhtml+xml', 'text/xml', 'multipart/x-mixed-replace'])(
    'a browser runs %s in a sandbox of no origin',
    (type) => {
      const policy = headersOf({ 'content-type': type })['content-security-policy']
      expect(policy).toContain('sandbox')
      expect(policy).not.toContain('allow-same-origin')
    },
  )
  test('also when the type is missing, and when the workflow has a policy of its own', () => {
    expect(headersOf({})['content-security-policy']).toContain('sandbox')
    expect(headersOf({ 'content-security-policy': 'sandbox allow-same-origin' })['content-security-policy']).toMatch(
      /^sandbox (?!.*allow-same-origin[^,]*,).*, sandbox allow-same-origin$/,
    )
  })
  test('JSON needs none', () =>
    expect(headersOf({ 'content-type': json })).toEqual({ 'content-type': json, 'x-content-type-options': 'nosniff' }))
  test('the connection is not the workflow’s', () =>
    expect(
      Object.keys(headersOf({ 'content-length': '1', 'transfer-encoding': 'chunked', connection: 'upgrade', 'x-a': 'b' })),
    ).not.toEqual(expect.arrayContaining(['content-length'])))
  test.each([
    [99, {}],
    [199, {}],
    [600, {}],
    [Number.NaN, {}],
    [200, { 'bad name': 'x' }],
    [200, { 'x-a': 'two\r\nset-cookie: lines' }],
  ])('status %d with %j cannot be sent', (statusCode, headers) => {
    const send = () => sendable({ statusCode, headers: headers as Record<string, string>, body: '' })
    expect(send).toThrow(expect.toSatisfy((error) => isWeConnectError(error, 'EXECUTION_FAILED')))
  })
})

describe('other origins', () => {
  test.each([
    [undefined, 'https://a.example', '*'],
    ['*', 'https://a.example', '*'],
    ['https://a.example, https://b.example/', 'https://b.example', 'https://b.example'],
    ['https://a.example', 'https://evil.example', undefined],
    ['https://a.example', 'https://a.example.evil.example', undefined],
    ['https://a.example', 'null', undefined],
    ['*', undefined, undefined],
  ])('%s allows %s: %s', (allowedOrigins, origin, expected) =>
    expect(originHeaders({ ...(allowedOrigins !== undefined && { allowedOrigins }) }, origin)['access-control-allow-origin']).toBe(
      expected,
    ),
  )
  test('preflight', () =>
    expect(preflightAnswer({}, ['GET', 'PUT'], { origin: 'https://a.example', 'access-control-request-headers': 'x-a' })).toEqual({
      statusCode: 204,
      headers: {
        'access-control-allow-origin': '*',
        allow: 'GET, PUT',
        'access-control-allow-methods': 'GET, PUT',
        'access-control-allow-headers': 'x-a',
        'access-control-max-age': '300',
      },
      body: undefined,
    }))
})
