import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { describeWebhook, validateWebhook } from './describe.ts'
import { webhook } from './node.ts'
import { compileSchema } from './request-schema.ts'

test('what a webhook listens to comes from its parameters and their defaults', () => {
  expect(describeWebhook({ path: '/orders/:id', httpMethod: 'POST', options: {} }, 2)).toMatchObject({
    methods: ['POST'],
    path: 'orders/:id',
    responseMode: 'onReceived',
    responseCode: 200,
    responseData: 'firstEntryJson',
    rawBody: false,
  })
})

test('the response code is a parameter of version 1 and an option later', () => {
  expect(describeWebhook({ path: 'a', responseCode: 201 }, 1).responseCode).toBe(201)
  expect(describeWebhook({ path: 'a', options: { responseCode: { values: { responseCode: 204 } } } }, 2).responseCode).toBe(204)
  const custom = { values: { responseCode: 'customCode', customCode: 418 } }
  expect(describeWebhook({ path: 'a', options: { responseCode: custom } }, 2).responseCode).toBe(418)
})

test.each([1, 1.1, 2, 2.1])('version %d listens to the method it was given, GET when none', (version) => {
  expect(describeWebhook({ path: 'a', httpMethod: 'POST' }, version).methods).toEqual(['POST'])
  expect(describeWebhook({ path: 'a' }, version).methods).toEqual(['GET'])
})

test('headers and a silent answer', () => {
  const options = { noResponseBody: true, responseHeaders: { entries: [{ name: 'X-A', value: 'b' }] } }
  expect(describeWebhook({ path: 'a', options }, 2)).toMatchObject({ responseData: 'noData', responseHeaders: { 'X-A': 'b' } })
})

test('several methods are several outputs', async () => {
  const parameters = { multipleMethods: true, httpMethod: ['GET', 'POST'], path: 'a' }
  expect(webhook.outputCount?.(parameters, 2)).toBe(2)
  const { outputs } = await runNode(webhook, { parameters, typeVersion: 2, inputs: [[], itemsOf({ body: 1 })] })
  expect(outputs).toEqual([[], itemsOf({ body: 1 })])
})

test.each([
  [{ path: '' }, 'path'],
  [{ path: '={{ 1 }}' }, 'path'],
  [{ path: 'a', authentication: 'someAuth' }, 'authentication'],
  [{ path: 'a', authentication: '={{ "none" }}' }, 'authentication'],
  [{ path: 'a', options: { ipWhitelist: '10.0.0.300' } }, 'options.ipWhitelist'],
  [{ path: 'a', options: { ipWhitelist: '10.0.0.0/33' } }, 'options.ipWhitelist'],
  [{ path: 'a', options: { ipWhitelist: '10.0.0.1, example.org' } }, 'options.ipWhitelist'],
  [{ path: 'a', options: { ipWhitelist: '={{ "10.0.0.1" }}' } }, 'options.ipWhitelist'],
  [{ path: 'a', options: { rateLimit: { values: { calls: 0 } } } }, 'options.rateLimit.values.calls'],
  [{ path: 'a', options: { rateLimit: { values: { calls: 5, per: 'fortnight' } } } }, 'options.rateLimit.values.per'],
  [{ path: 'a', options: { callerRateLimit: { values: { calls: 5, burst: 1.5 } } } }, 'options.callerRateLimit.values.burst'],
  [{ path: 'a', options: { requestSchema: { values: { body: '{' } } } }, 'options.requestSchema.values.body'],
  [{ path: 'a', options: { requestSchema: { values: { body: '{"type":"text"}' } } } }, 'options.requestSchema.values.body'],
  [
    { path: 'a', options: { requestSchema: { values: { query: '{"$ref":"https://example.org/a.json"}' } } } },
    'options.requestSchema.values.query',
  ],
  [{ path: 'a', options: { requestSchema: { values: { body: '{"pattern":"(?=x)(a+)+$"}' } } } }, 'options.requestSchema.values.body'],
  [{ path: 'a', options: { deduplication: { values: { by: 'header' } } } }, 'options.deduplication.values.header'],
  [{ path: 'a', options: { deduplication: { values: { by: 'field', field: 'id' } } } }, 'options.deduplication.values.field'],
  [{ path: 'a', options: { deduplication: { values: { windowSeconds: 0 } } } }, 'options.deduplication.values.windowSeconds'],
  [{ path: 'a', authentication: 'signature', signatureScheme: 'paypal' }, 'signatureScheme'],
  [{ path: 'a', authentication: 'signature', signatureScheme: 'generic', signature: { content: '{timestamp}' } }, 'signature.content'],
  [{ path: 'a', responseMode: 'streaming' }, 'responseMode'],
])('%j is a problem of %s at publish', (parameters, parameter) => {
  expect(validateWebhook(parameters, 2)[0]).toMatchObject({ parameter })
})

test('a plain webhook has no problems', () => {
  expect(validateWebhook({ path: 'a', httpMethod: 'POST', responseMode: 'responseNode', options: {} }, 2.1)).toEqual([])
})

test('what a webhook asks of its calls comes from its options; nothing asked is nothing to look at', () => {
  expect(describeWebhook({ path: 'a', options: { rawBody: true } }, 2).guards).toBeUndefined()
  const options = {
    ipWhitelist: '10.0.0.0/8, ::1',
    ignoreBots: true,
    rateLimit: { values: { calls: 10, per: 'second' } },
    callerRateLimit: { values: { calls: 100, per: 'hour', burst: 5, callerHeader: 'X-Client' } },
    requestSchema: { values: { body: '{"type":"object"}' } },
    deduplication: { values: { by: 'field', field: 'body.id', windowSeconds: 60 } },
  }
  expect(validateWebhook({ path: 'a', options }, 2)).toEqual([])
  expect(describeWebhook({ path: 'a', options }, 2).guards).toEqual({
    addresses: ['10.0.0.0/8', '::1'],
    ignoreBots: true,
    rate: { calls: 10, seconds: 1, burst: 10 },
    callerRate: { calls: 100, seconds: 3600, burst: 5, callerHeader: 'x-client' },
    schema: { body: '{"type":"object"}' },
    deduplication: { by: 'field', header: '', field: 'body.id', windowSeconds: 60 },
  })
})

test.each([
  ['the place of a wrong value', { properties: { items: { items: { required: ['id'] } } } }, { items: [{ id: 1 }, {}] }, '.items[1]'],
  ['a name that is no identifier', { properties: { 'a b': { type: 'string' } } }, { 'a b': 1 }, '["a b"]'],
  ['a format', { properties: { mail: { format: 'email' } } }, { mail: 'no' }, '.mail'],
  ['draft 7', { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] }, [1], '[0]'],
  ['draft 2020-12', { prefixItems: [{ type: 'string' }] }, [1], '[0]'],
])('a schema finds %s', (_what, schema, value, path) => {
  expect(compileSchema(schema as never)(value as never)).toMatchObject({ path })
})
test('a schema that fits', () => expect(compileSchema('{"type":"object"}')({})).toBeUndefined())
test('a pattern of a schema takes linear time, or refuses what is too long for it', () => {
  const misfit = compileSchema({ pattern: '^(a+)+$' })
  expect(misfit('a'.repeat(20_000))).toBeUndefined()
  expect(misfit(`${'a'.repeat(20_000)}b`)).toMatchObject({ path: '' })
})
test('a schema cannot smuggle code into its checker', () => {
  const name = "a'];globalThis.smuggled=1;//"
  const misfit = compileSchema({ properties: { [name]: { type: 'string', enum: ['"+(globalThis.smuggled=1)+"'] } }, required: [name] })
  expect(misfit({ [name]: 1 })).toBeDefined()
  expect('smuggled' in globalThis).toBe(false)
})
test('a schema cannot reach the prototypes of its checker, nor make later ones say yes (CVE-2026-110842)', () => {
  const names = ['__proto__', 'constructor', 'prototype', '$defs']
  const property = { type: 'object', properties: { valid: { default: true, const: true } }, default: { valid: true } }
  for (const name of names) {
    const text = `{"type":"object","properties":{${JSON.stringify(name)}:${JSON.stringify(property)}}}`
    try {
      compileSchema(text)(JSON.parse(`{${JSON.stringify(name)}:{"valid":1}}`) as never)
    } catch (error) {
      expect(error, name).toMatchObject({ code: 'INVALID_INPUT' })
    }
  }
  expect('valid' in {}).toBe(false)
  expect(compileSchema({ type: 'object', required: ['role'] })({})).toMatchObject({ path: '' })
})
