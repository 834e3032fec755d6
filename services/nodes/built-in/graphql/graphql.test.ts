import type { JsonObject } from '@weconnect/contracts/json'
import { runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import type { HttpRequest, HttpResponse } from '../../sdk/node.ts'
import { graphql } from './node.ts'

const endpoint = 'http://x.test/graphql'
const run = async (parameters: JsonObject, body = '{"data":{"a":1}}', more: Partial<HttpResponse> = {}, typeVersion = 1.1) => {
  const requests: HttpRequest[] = []
  const { outputs } = await runNode(graphql, {
    parameters: { endpoint, query: '{ a }', ...parameters },
    typeVersion,
    http: async (request) => {
      requests.push(request)
      return { status: 200, statusText: 'OK', headers: {}, body, bodyEncoding: 'utf8', url: endpoint, ...more }
    },
  })
  return { request: requests[0], json: outputs[0]?.[0]?.json }
}

test('a query goes out as JSON with its variables', async () => {
  const { request, json } = await run({ variables: '{"n":1}', operationName: 'Op', authentication: 'headerAuth' })
  expect(JSON.parse(request?.body ?? '')).toEqual({ query: '{ a }', variables: { n: 1 }, operationName: 'Op' })
  expect(request).toMatchObject({ method: 'POST', credential: 'httpHeaderAuth', headers: { 'content-type': 'application/json' } })
  expect(json).toEqual({ data: { a: 1 } })
})
test('raw, and in the address', async () => {
  expect((await run({}, undefined, {}, 1)).request).toMatchObject({ body: '{ a }', headers: { 'content-type': 'application/graphql' } })
  expect((await run({ requestMethod: 'GET' })).request).toMatchObject({ method: 'GET', url: `${endpoint}?query=%7B+a+%7D` })
})
test('the answer as text', async () =>
  expect((await run({ responseFormat: 'string', dataPropertyName: 'text' })).json).toEqual({ text: '{"data":{"a":1}}' }))
test.each([
  ['what GraphQL calls errors', {}, '{"errors":[{"message":"no a"},{"message":"no b"}]}', {}, 'no a, no b'],
  ['a status', {}, '{}', { status: 403 }, 'Forbidden'],
  ['no JSON', {}, '<p>', {}, 'not valid JSON'],
  ['variables that are none', { variables: 1 }, '{}', {}, 'GraphQL variables should be either an object or a string.'],
  ['variables that are no JSON', { variables: '{' }, '{}', {}, 'Using variables failed:\n{'],
])('%s fails the node', async (_what, parameters, body, more, message) => {
  await expect(run(parameters, body, more)).rejects.toThrow(message)
})
test('endpoint and query are required', () =>
  expect(graphql.validate({}, 1).map(({ parameter }) => parameter)).toEqual(['endpoint', 'query']))
