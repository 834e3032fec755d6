import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { respondToWebhook } from './node.ts'

const items = itemsOf({ a: 1 }, { a: 2 })
const answer = async (parameters: JsonObject) => (await runNode(respondToWebhook, { items, parameters })).responses[0]

test.each([
  [{}, { statusCode: 200, bodyEncoding: 'json', body: { a: 1 } }],
  [{ respondWith: 'allIncomingItems' }, { bodyEncoding: 'json', body: [{ a: 1 }, { a: 2 }] }],
  [{ respondWith: 'allIncomingItems', options: { responseKey: 'x.y' } }, { body: { x: { y: [{ a: 1 }, { a: 2 }] } } }],
  [
    { respondWith: 'json', responseBody: '={{ { b: $json.a } }}' },
    { bodyEncoding: 'json', body: { b: 1 } },
  ],
  [
    { respondWith: 'json', responseBody: '{"b": 2}' },
    { bodyEncoding: 'json', body: { b: 2 } },
  ],
  [
    { respondWith: 'text', responseBody: '=a is {{ $json.a }}' },
    { bodyEncoding: 'text', body: 'a is 1' },
  ],
  [
    { respondWith: 'noData', options: { responseCode: 204 } },
    { statusCode: 204, bodyEncoding: 'empty' },
  ],
  [
    { respondWith: 'redirect', redirectURL: 'https://example.org' },
    { statusCode: 307, headers: { location: 'https://example.org' } },
  ],
])('%j answers %j', async (parameters, expected) => {
  expect(await answer(parameters)).toMatchObject(expected)
})

test('headers are those of the option, over those of the kind of answer', async () => {
  const options = { responseHeaders: { entries: [{ name: 'Content-Type', value: 'text/markdown' }] } }
  expect((await answer({ respondWith: 'text', responseBody: '# a', options }))?.headers).toEqual({ 'content-type': 'text/markdown' })
})

test('the items go on as they are', async () => {
  const { outputs } = await runNode(respondToWebhook, { items })
  expect(outputs[0]!.map((item) => item.json)).toEqual([{ a: 1 }, { a: 2 }])
  expect(outputs[0]![0]!.json).toBe(items[0]!.json)
})

test('binary data is answered by reference', async () => {
  const data = { data: 'blob:1', mimeType: 'image/png' }
  const { responses } = await runNode(respondToWebhook, {
    items: [{ json: {}, binary: { picture: data } }],
    parameters: { respondWith: 'binary' },
  })
  expect(responses[0]).toMatchObject({ bodyEncoding: 'binary', body: data, headers: { 'content-type': 'image/png' } })
})

test('what is not built yet and what is broken is refused', async () => {
  await expect(answer({ respondWith: 'other' })).rejects.toThrow('not supported yet')
  await expect(answer({ respondWith: 'json', responseBody: '{' })).rejects.toThrow('Invalid JSON')
  await expect(runNode(respondToWebhook, { items, parameters: { respondWith: 'binary' } })).rejects.toThrow('No binary data')
})

test('a token is signed with the credential', async () => {
  const credentials = { jwtAuth: { keyType: 'passphrase', secret: 'of the test', algorithm: 'HS384' } }
  const parameters = { respondWith: 'jwt', payload: '={{ { a: $json.a } }}' }
  const { responses } = await runNode(respondToWebhook, { items, parameters, credentials })
  const { token } = (responses[0]?.body ?? { token: '' }) as { readonly token: string }
  const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  expect(JSON.parse(header ?? '')).toMatchObject({ alg: 'HS384' })
  expect(JSON.parse(payload ?? '')).toMatchObject({ a: 1, iat: expect.any(Number) })
  await expect(runNode(respondToWebhook, { items, parameters: { ...parameters, payload: '[]' }, credentials })).rejects.toThrow(
    'JSON object',
  )
})
