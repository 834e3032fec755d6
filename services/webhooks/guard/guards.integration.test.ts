import { createHmac, randomUUID } from 'node:crypto'
import type { JsonObject } from '@weconnect/contracts/json'
import { startTestInstance } from '@weconnect/testing/gateway-fixture'
import { activateOn, credentialOn, importOn, webhookFile, webhooksOf } from '@weconnect/testing/live-webhook'
import { afterAll, describe, expect, test, vi } from 'vitest'

const instance = await startTestInstance({ trustProxy: '127.0.0.0/8, ::1' })
afterAll(() => instance.close())
const { executionsOf, head, live: activeWebhook } = webhooksOf(instance)

type Json = Record<string, unknown>
const live = (parameters: JsonObject, credentials: JsonObject = {}) => activeWebhook({ parameters, credentials })
const call = (path: string, headers: Record<string, string> = {}, body = '{"a":1}', door = 'webhook'): Promise<Response> =>
  fetch(`${instance.url}/${door}/${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
const told = async (response: Response): Promise<[number, unknown]> => {
  const body = (await response.json()) as Json
  return [response.status, ((body['error'] ?? {}) as Json)['code'] ?? 'taken']
}
const nowSeconds = (): number => Math.floor(Date.now() / 1000)
const hmac = (secret: string | Buffer, text: string, encoding: 'hex' | 'base64' = 'hex', algorithm = 'sha256'): string =>
  createHmac(algorithm, secret).update(text).digest(encoding)

describe('signatures', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const signed = async (parameters: JsonObject, data: JsonObject = { secret }) =>
    live({ authentication: 'signature', ...parameters }, await credentialOn(instance, 'webhookSignature', data))
  const body = '{ "id" : "evt_1",\n "ä": 1 }'

  type Sign = (text: string, key: string, at: number) => Record<string, string>
  const schemes: readonly (readonly [string, JsonObject, Sign])[] = [
    ['GitHub', { signatureScheme: 'github' }, (text, key) => ({ 'x-hub-signature-256': `sha256=${hmac(key, text)}` })],
    [
      'Stripe (CVE-2026-21894)',
      { signatureScheme: 'stripe' },
      (text, key, at) => ({ 'stripe-signature': `t=${at},v0=00,v1=${hmac('another', text)},v1=${hmac(key, `${at}.${text}`)}` }),
    ],
    [
      'Slack',
      { signatureScheme: 'slack' },
      (text, key, at) => ({ 'x-slack-request-timestamp': `${at}`, 'x-slack-signature': `v0=${hmac(key, `v0:${at}:${text}`)}` }),
    ],
    [
      'Standard Webhooks',
      { signatureScheme: 'standardWebhooks' },
      (text, key, at) => ({
        'webhook-id': `msg-${at}`,
        'webhook-timestamp': `${at}`,
        'webhook-signature': `v1,AAAA v1,${hmac(Buffer.from(key.slice(6), 'base64'), `msg-${at}.${at}.${text}`, 'base64')}`,
      }),
    ],
    [
      'generic',
      {
        signatureScheme: 'generic',
        signature: {
          ...{ header: 'X-Sig', algorithm: 'sha512', encoding: 'base64', prefix: 'hmac ' },
          ...{ content: '{header.X-App}|{timestamp}|{body}|end', timestampHeader: 'X-Time' },
        },
      },
      (text, key, at) => ({
        'x-app': 'one',
        'x-time': `${at}`,
        'x-sig': `hmac ${hmac(key, `one|${at}|${text}|end`, 'base64', 'sha512')}`,
      }),
    ],
  ]

  test.each(schemes)('%s: over the bytes as they came, and nothing recorded of what does not fit', async (_name, parameters, sign) => {
    const { path, workflowId } = await signed(parameters)
    const at = nowSeconds()
    const good = sign(body, secret, at)
    const answer = await call(path, good, body)
    expect([answer.status, ((await answer.json()) as Json)['body']]).toEqual([200, { id: 'evt_1', ä: 1 }])
    const before = await head()
    expect(await told(await call(path, good, body.replace('evt_1', 'evt_2')))).toEqual([403, 'FORBIDDEN'])
    expect(await told(await call(path, good, JSON.stringify(JSON.parse(body))))).toEqual([403, 'FORBIDDEN'])
    expect(await told(await call(path, sign(body, 'whsec_AAAA', at), body))).toEqual([403, 'FORBIDDEN'])
    expect(await told(await call(path, {}, body))).toEqual([401, 'UNAUTHENTICATED'])
    // What nobody signed is not read: it is not even known that it is broken.
    expect(await told(await call(path, good, '{"broken'))).toEqual([403, 'FORBIDDEN'])
    expect(await told(await call(path, sign('{"broken', secret, at), '{"broken'))).toEqual([400, 'MALFORMED_JSON'])
    expect(await head()).toEqual(before)
    expect(await executionsOf(workflowId)).toHaveLength(1)
  })

  test.each(schemes.filter(([name]) => name !== 'GitHub'))(
    '%s: an old signature is no longer one, nor one of the future',
    async (_name, parameters, sign) => {
      const { path } = await signed(parameters)
      for (const off of [-400, 400])
        expect(await told(await call(path, sign(body, secret, nowSeconds() + off), body))).toEqual([403, 'FORBIDDEN'])
      expect((await call(path, sign(body, secret, nowSeconds() - 200), body)).status).toBe(200)
    },
  )

  test('what signs is not recorded; both secrets count while they change; an empty one is none', async () => {
    const { path } = await signed({ signatureScheme: 'github' }, { secret: 'new', previousSecret: 'old' })
    for (const key of ['new', 'old']) {
      const answer = await call(path, { 'x-hub-signature-256': `sha256=${hmac(key, body)}` }, body)
      expect([answer.status, await answer.text()]).toEqual([200, expect.not.stringContaining('x-hub-signature')])
    }
    expect((await call(path, { 'x-hub-signature-256': `sha256=${hmac('', body)}` }, body)).status).toBe(403)
  })

  test('test addresses ask as well', async () => {
    const path = randomUUID()
    const reference = await credentialOn(instance, 'webhookSignature', { secret })
    const id = await importOn(instance, webhookFile(path, { parameters: { authentication: 'signature' }, credentials: reference }))
    await instance.graphql('mutation ($id: ID!) { listenForTestWebhook(workflowId: $id) { expiresAt } }', { id })
    expect((await call(path, {}, body, 'webhook-test')).status).toBe(401)
    const good = { 'x-hub-signature-256': `sha256=${hmac(secret, body)}` }
    expect((await call(path, good, body, 'webhook-test')).status).toBe(200)
  })
})

describe('who may call', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address })
  test.each([
    ['10.1.2.3, 192.168.0.0/16', '10.1.2.3', 200],
    ['10.1.2.3, 192.168.0.0/16', '192.168.77.1', 200],
    ['10.1.2.3, 192.168.0.0/16', '10.1.2.4', 403],
    ['10.0.0.0/8', '::ffff:10.9.9.9', 200],
    ['2001:db8::/32', '2001:db8:1::7', 200],
    ['2001:db8::/32', '2001:db9::7', 403],
  ])('%s: a call from %s gets %d', async (ipWhitelist, address, status) => {
    const { path } = await live({ options: { ipWhitelist } })
    expect((await call(path, from(address))).status).toBe(status)
  })

  test('only a proxy that is trusted says who calls', async () => {
    const plain = await startTestInstance()
    try {
      const path = randomUUID()
      await activateOn(plain, await importOn(plain, webhookFile(path, { parameters: { options: { ipWhitelist: '10.1.2.3' } } })))
      const answer = await fetch(`${plain.url}/webhook/${path}`, { method: 'POST', headers: from('10.1.2.3') })
      expect(await told(answer)).toEqual([403, 'FORBIDDEN'])
    } finally {
      await plain.close()
    }
  })

  test('bots are not answered where they are ignored', async () => {
    const { path } = await live({ options: { ignoreBots: true } })
    expect((await call(path, { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' })).status).toBe(
      403,
    )
    expect((await call(path, { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0' })).status).toBe(200)
  })
})

describe('schema', () => {
  const requestSchema = {
    values: {
      body: JSON.stringify({
        type: 'object',
        required: ['items'],
        properties: { items: { items: { properties: { price: { type: 'number' } } } } },
      }),
      query: { properties: { page: { pattern: '^\\d+$' } } },
    },
  }
  test('what fits is taken; what does not is refused with its place, and nothing is written', async () => {
    const { path } = await live({ options: { requestSchema } })
    expect((await call(`${path}?page=2`, {}, '{"items":[{"price":1}]}')).status).toBe(200)
    const before = await head()
    const problem = async (at: string, body: string) => {
      const answer = await call(at, {}, body)
      const { error } = (await answer.json()) as { error: Json }
      return [answer.status, error['code'], (error['problems'] as Json[])[0]?.['path']]
    }
    expect(await problem(path, '{"items":[{"price":1},{"price":"2"}]}')).toEqual([400, 'INVALID_INPUT', '$.body.items[1].price'])
    expect(await problem(path, '{}')).toEqual([400, 'INVALID_INPUT', '$.body'])
    expect(await problem(`${path}?page=x`, '{"items":[]}')).toEqual([400, 'INVALID_INPUT', '$.query.page'])
    expect(await head()).toEqual(before)
  })
})

describe('rates', () => {
  test('of a webhook: the rest is told when to come again, and comes again then', async () => {
    const { path } = await live({ options: { rateLimit: { values: { calls: 2, per: 'minute' } } } })
    expect([(await call(path)).status, (await call(path)).status]).toEqual([200, 200])
    const refused = await call(path)
    expect([refused.headers.get('retry-after'), ...(await told(refused))]).toEqual(['30', 429, 'RATE_LIMITED'])
    instance.advance(30_000)
    expect((await call(path)).status).toBe(200)
  })

  test('of each caller: by address, or by the header that names it', async () => {
    const values = { calls: 1, per: 'hour' }
    const { path } = await live({ options: { callerRateLimit: { values } } })
    const calls = async (at: string, name: string, callers: readonly string[]) => {
      const statuses: number[] = []
      for (const caller of callers) statuses.push((await call(at, { [name]: caller })).status)
      return statuses
    }
    expect(await calls(path, 'x-forwarded-for', ['10.0.0.1', '10.0.0.2', '10.0.0.1'])).toEqual([200, 200, 429])
    const named = await live({ options: { callerRateLimit: { values: { ...values, callerHeader: 'X-Client' } } } })
    expect(await calls(named.path, 'x-client', ['a', 'b', 'a', 'b'])).toEqual([200, 200, 429, 429])
  })

  test('nobody uses up the rate of a webhook who was not let in', async () => {
    const reference = await credentialOn(instance, 'webhookSignature', { secret: 's' })
    const { path } = await live({ authentication: 'signature', options: { rateLimit: { values: { calls: 1 } } } }, reference)
    for (let n = 0; n < 3; n += 1) expect((await call(path, { 'x-hub-signature-256': 'sha256=00' })).status).toBe(403)
    expect((await call(path, { 'x-hub-signature-256': `sha256=${hmac('s', '{"a":1}')}` })).status).toBe(200)
  })
})

describe('the same delivery again (n8n #31837, #18929: one webhook, two or three executions)', () => {
  const once = (values: JsonObject, more: JsonObject = {}) => live({ options: { deduplication: { values } }, ...more })

  test('by body: 20 at once and later ones are one execution, with one answer', async () => {
    const { path, workflowId } = await once({ by: 'body', windowSeconds: 3600 }, { responseMode: 'onReceived' })
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(path).then((answer) => answer.json())))
    const later = await (await call(path)).json()
    expect(new Set([...answers, later].map((answer) => (answer as Json)['executionId'])).size).toBe(1)
    expect((await call(path, {}, '{"a":2}')).status).toBe(200)
    expect(await executionsOf(workflowId)).toHaveLength(2)
  })

  test('by a field, also when the rest differs; a call without it is one of its own', async () => {
    const { path, workflowId } = await once({ by: 'field', field: 'body.event.id', windowSeconds: 60 })
    const first = await (await call(path, {}, '{"event":{"id":7},"try":1}')).json()
    expect(await (await call(path, {}, '{"event":{"id":7},"try":2}')).json()).toEqual(first)
    await call(path, {}, '{}')
    await call(path, {}, '{}')
    expect(await executionsOf(workflowId)).toHaveLength(3)
  })

  test('by a header of the sender', async () => {
    const { path, workflowId } = await once({ by: 'header', header: 'X-Event', windowSeconds: 60 })
    for (const event of ['1', '1', '2']) await call(path, { 'x-event': event }, `{"n":"${randomUUID()}"}`)
    expect(await executionsOf(workflowId)).toHaveLength(2)
  })

  test('within the window only', async () => {
    const { path, workflowId } = await once({ by: 'body', windowSeconds: 1000 })
    for (let seconds = 0; seconds < 900; seconds += 300) {
      await call(path)
      instance.advance(300_000)
    }
    expect(await executionsOf(workflowId)).toHaveLength(1)
    instance.advance(101_000)
    await call(path)
    expect(await executionsOf(workflowId)).toHaveLength(2)
  })
})

test('statistics: what was taken, how it ended, what was a repetition, what was refused and why', async () => {
  const options = {
    requestSchema: { values: { body: '{"type":"object"}' } },
    rateLimit: { values: { calls: 6, per: 'day' } },
    deduplication: { values: { by: 'body' } },
  }
  const { path, workflowId } = await live({ options })
  for (const body of ['{"n":1}', '{"n":1}', '{"n":2}', '[]', '{', '{"n":3}', '{"n":4}']) await call(path, {}, body)
  const query = `query ($filter: WebhookFilter) { webhooks(filter: $filter) { edges { node {
    statistics rateLimiting requestValidation responseConfig authentication } } } }`
  await vi.waitFor(
    async () => {
      const { data } = await instance.graphql(query, { filter: { workflowId } })
      expect(data.webhooks.edges[0].node).toMatchObject({
        statistics: {
          ...{ calls: 3, succeeded: 3, failed: 0, averageMs: expect.any(Number), duplicates: 1, refused: 3 },
          refusedBy: { who: 0, rate: 1, content: 2, other: 0 },
        },
        rateLimiting: { webhook: { calls: 6, seconds: 86_400, burst: 6 } },
        requestValidation: { deduplication: { by: 'body', windowSeconds: 86_400 } },
        responseConfig: { mode: 'lastNode', code: 200 },
        authentication: null,
      })
    },
    { timeout: 60_000, interval: 200 },
  )
})

test('an imported file comes out as it went in, whatever it asks of its calls', async () => {
  const options = {
    ipWhitelist: '10.0.0.0/8',
    callerRateLimit: { values: { calls: 5, per: 'hour' } },
    requestSchema: { values: { body: '{"type":"object"}' } },
    deduplication: { values: { by: 'field', field: 'body.id', windowSeconds: 60 } },
  }
  const parameters = { authentication: 'signature', signatureScheme: 'stripe', signature: { toleranceSeconds: 60 }, options }
  const file = webhookFile(randomUUID(), { parameters })
  const id = await importOn(instance, file)
  const { data } = await instance.graphql('query ($id: ID!) { exportWorkflow(id: $id) }', { id })
  expect(data.exportWorkflow).toMatchObject({ nodes: file['nodes'] })
})
