import type { JsonObject } from '@weconnect/contracts/json'
import { startTestInstance } from '@weconnect/testing/gateway-fixture'
import { codeOf, webhooksOf } from '@weconnect/testing/live-webhook'
import { afterAll, describe, expect, test } from 'vitest'

const instance = await startTestInstance()
afterAll(() => instance.close())
const { live, call, executionsOf } = webhooksOf(instance)

const never = {
  conditions: {
    combinator: 'and',
    options: { caseSensitive: true, leftValue: '', typeValidation: 'strict' },
    conditions: [{ id: 'c', leftValue: 'a', rightValue: 'b', operator: { type: 'string', operation: 'equals' } }],
  },
  options: {},
}

describe('answers', () => {
  const respond = (parameters: JsonObject) => ({
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
