import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { describeWebhook, validateWebhook } from './describe.ts'
import { webhook } from './node.ts'

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
  [{ path: 'a', options: { ipWhitelist: '10.0.0.1' } }, 'options.ipWhitelist'],
  [{ path: 'a', responseMode: 'streaming' }, 'responseMode'],
])('%j is a problem of %s at publish', (parameters, parameter) => {
  expect(validateWebhook(parameters, 2)).toMatchObject([{ parameter }])
})

test('a plain webhook has no problems', () => {
  expect(validateWebhook({ path: 'a', httpMethod: 'POST', responseMode: 'responseNode', options: {} }, 2.1)).toEqual([])
})
