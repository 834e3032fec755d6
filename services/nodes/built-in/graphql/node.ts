import type { Item } from '@weconnect/contracts/items'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { NodeDefinition } from '@weconnect/contracts/node'
import type { HttpRequest, HttpResponse, NodeContext, NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { choice, group, groups, json, show, text, toggle } from '../../sdk/property.ts'
import { eachItem } from '../each-item.ts'
import { BadAnswer, checkStatus, textOf } from '../httpRequest/answer.ts'
import { BadParameter, pairsOf, type Read } from '../httpRequest/body.ts'
import { credentialFields, urlWith } from '../httpRequest/request.ts'
import { asText, nodeFailure } from '../per-item.ts'

const asJson = show({ requestFormat: ['json'] })
const requestFormat = (version: number, value: string) =>
  choice(
    'Request Format',
    'requestFormat',
    [
      ['GraphQL (Raw)', 'graphql'],
      ['JSON', 'json'],
    ],
    value,
    show({ requestMethod: ['POST'], '@version': [version] }),
  )

const definition: NodeDefinition = {
  name: 'n8n-nodes-base.graphql',
  displayName: 'GraphQL',
  description: 'Makes a GraphQL request and returns the received data',
  category: 'core',
  versions: [1, 1.1],
  properties: [
    choice(
      'Authentication',
      'authentication',
      [
        ['Basic Auth', 'basicAuth'],
        ['Custom Auth', 'customAuth'],
        ['Digest Auth', 'digestAuth'],
        ['Header Auth', 'headerAuth'],
        ['None', 'none'],
        ['OAuth1', 'oAuth1'],
        ['OAuth2', 'oAuth2'],
        ['Query Auth', 'queryAuth'],
      ],
      'none',
    ),
    choice(
      'HTTP Request Method',
      'requestMethod',
      [
        ['GET', 'GET'],
        ['POST', 'POST'],
      ],
      'POST',
    ),
    text('Endpoint', 'endpoint', '', { required: true }),
    toggle('Ignore SSL Issues (Insecure)', 'allowUnauthorizedCerts'),
    requestFormat(1, 'graphql'),
    requestFormat(1.1, 'json'),
    text('Query', 'query', '', { required: true }),
    json('Variables', 'variables', '', asJson),
    text('Operation Name', 'operationName', '', asJson),
    choice(
      'Response Format',
      'responseFormat',
      [
        ['JSON', 'json'],
        ['String', 'string'],
      ],
      'json',
    ),
    text('Response Data Property Name', 'dataPropertyName', 'data', show({ responseFormat: ['string'] })),
    groups('Headers', 'headerParametersUi', [group('Parameter', 'parameter', [text('Name', 'name'), text('Value', 'value')])], {
      many: true,
    }),
  ],
  inputs: main,
  outputs: main,
  effects: 'external',
  defaultTimeoutMs: 300_000,
}

/** @throws BadParameter with n8n's words */
const variablesOf = (value: JsonValue | undefined): JsonObject => {
  if (value === undefined || value === '') return {}
  if (isJsonObject(value)) return value
  const refused = (why: string) => new BadParameter('variables', `Using variables failed:\n${asText(value)}\n\n${why}`)
  if (typeof value !== 'string') throw refused('GraphQL variables should be either an object or a string.')
  try {
    return (JSON.parse(value) as JsonObject | null) ?? {}
  } catch {
    throw refused('The variables are not valid JSON.')
  }
}

const headersOf = (read: Read, contentType: string | undefined): Readonly<Record<string, string>> => {
  const own = pairsOf(read('headerParametersUi'), 'parameter').map(({ name, value }) => [name.toLowerCase(), asText(value)] as const)
  return {
    accept: 'application/json',
    'user-agent': 'WeConnect',
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...Object.fromEntries(own),
  }
}

/** @throws BadParameter */
const requestOf = (read: Read): HttpRequest => {
  const query = asText(read('query'))
  const endpoint = asText(read('endpoint')).trim()
  const shared = { ...credentialFields(read), ...(read('allowUnauthorizedCerts') === true ? { allowUnauthorizedCerts: true } : {}) }
  if (read('requestMethod') === 'GET')
    return { method: 'GET', url: urlWith(endpoint, [['query', query]], 'repeat'), headers: headersOf(read, undefined), ...shared }
  const isJson = read('requestFormat') === 'json'
  const operationName = asText(read('operationName')) || null
  const body = isJson ? JSON.stringify({ query, variables: variablesOf(read('variables')), operationName }) : query
  const headers = headersOf(read, isJson ? 'application/json' : 'application/graphql')
  return { method: 'POST', url: urlWith(endpoint, [], 'repeat'), headers, body, ...shared }
}

const parsed = (answer: HttpResponse): JsonObject => {
  try {
    const value: unknown = JSON.parse(textOf(answer))
    if (isJsonObject(value)) return value
  } catch {
    // Told below.
  }
  throw new BadAnswer('Response body is not valid JSON. Change "Response Format" to "String"')
}

/** @throws BadAnswer for an error status, and for what GraphQL calls errors */
const dataOf = (answer: HttpResponse, read: Read): JsonObject => {
  checkStatus(answer, { neverError: false })
  if (read('responseFormat') === 'string') return { [asText(read('dataPropertyName'), 'data')]: textOf(answer) }
  const body = parsed(answer)
  const { errors } = body
  if (errors === undefined || errors === null) return body
  const messages = (Array.isArray(errors) ? errors : [errors]).map((error) =>
    isJsonObject(error) ? asText(error['message']) : asText(error),
  )
  throw new BadAnswer(messages.filter(Boolean).join(', ') || 'Unexpected error')
}

const ask = async (context: NodeContext, read: Read, index: number): Promise<Item> => {
  try {
    const answer = await context.http(requestOf(read))
    return { json: dataOf(answer, read), pairedItem: { item: index } }
  } catch (error) {
    if (error instanceof BadParameter) throw nodeFailure(context, error.message, error.parameter, index)
    throw error instanceof BadAnswer ? nodeFailure(context, error.message, undefined, index) : error
  }
}

const names = [...new Set(definition.properties.map(({ name }) => name))]

/** One GraphQL request per item. */
export const graphql: NodeType = {
  definition,
  execute: async (context) => [
    await eachItem(context, names, (_item, index, columns) => ask(context, (name) => columns(name, index), index)),
  ],
  validate: ({ endpoint, query }) =>
    [
      ['endpoint', endpoint],
      ['query', query],
    ].flatMap(([parameter, value]) =>
      asText(value).trim() === '' ? [{ parameter: String(parameter), message: `Parameter "${parameter}" is required` }] : [],
    ),
}
