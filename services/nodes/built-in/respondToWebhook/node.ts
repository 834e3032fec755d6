import type { Item } from '@weconnect/contracts/items'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { withValueAt } from '../../parameters/paths.ts'
import type { NodeContext, NodeResponse, NodeType } from '../../sdk/node.ts'
import { signToken } from '../jwt/token.ts'
import { asObject, asObjects, asText, nodeFailure, passOn, unsupported } from '../per-item.ts'
import { definition } from './definition.ts'

interface Answer {
  readonly body: JsonValue
  readonly bodyEncoding: NodeResponse['bodyEncoding']
  readonly headers?: Readonly<Record<string, string>>
  readonly statusCode?: number
}
type Make = (context: NodeContext, items: readonly Item[], options: JsonObject) => Promise<Answer>

const inField = (options: JsonObject, value: JsonValue): JsonValue =>
  asText(options['responseKey']) === '' ? value : withValueAt({}, asText(options['responseKey']), value)

const parsedBody = async (context: NodeContext): Promise<JsonValue> => {
  const body = await context.parameter('responseBody', 0)
  if (typeof body !== 'string') return body ?? null
  try {
    return JSON.parse(body) as JsonValue
  } catch {
    throw nodeFailure(context, "Invalid JSON in 'Response Body' field", 'responseBody', 0)
  }
}

const parsedObject = async (context: NodeContext, parameter: string): Promise<JsonObject> => {
  const value = await context.parameter(parameter, 0)
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value
    if (isJsonObject(parsed)) return parsed
  } catch {
    // Told below.
  }
  throw nodeFailure(context, 'The payload must be a JSON object', parameter, 0)
}

const binaryNames = async (context: NodeContext, item: Item | undefined): Promise<string> => {
  if ((await context.parameter('responseDataSource', 0)) === 'set') return asText(await context.parameter('inputFieldName', 0))
  const [name] = Object.keys(item?.binary ?? {})
  if (name === undefined) throw nodeFailure(context, 'No binary data exists on the first item!')
  return name
}

const binaryAnswer: Make = async (context, [item]) => {
  const name = await binaryNames(context, item)
  const data = item?.binary && Object.hasOwn(item.binary, name) ? item.binary[name] : undefined
  if (!data) throw nodeFailure(context, `The first item has no binary field "${name}"`, 'inputFieldName', 0)
  return { body: { ...data }, bodyEncoding: 'binary', headers: { 'content-type': data.mimeType } }
}

const answers: Readonly<Record<string, Make>> = {
  firstIncomingItem: async (_context, [item], options) => ({ body: inField(options, item?.json ?? {}), bodyEncoding: 'json' }),
  allIncomingItems: async (_context, items, options) => ({
    body: inField(
      options,
      items.map((item) => item.json),
    ),
    bodyEncoding: 'json',
  }),
  json: async (context) => ({ body: await parsedBody(context), bodyEncoding: 'json' }),
  jwt: async (context) => {
    const credential = await context.credential('jwtAuth')
    const now = Math.floor(Date.parse(await context.now()) / 1000)
    const payload = await parsedObject(context, 'payload')
    const token = await signToken(payload, credential, { algorithm: asText(credential['algorithm'], 'HS256'), kid: '', now })
    return { body: { token }, bodyEncoding: 'json' }
  },
  text: async (context) => ({
    body: asText(await context.parameter('responseBody', 0)),
    bodyEncoding: 'text',
    headers: { 'content-type': 'text/html; charset=utf-8' },
  }),
  noData: async () => ({ body: null, bodyEncoding: 'empty' }),
  redirect: async (context) => ({
    body: null,
    bodyEncoding: 'empty',
    statusCode: 307,
    headers: { location: asText(await context.parameter('redirectURL', 0)) },
  }),
  binary: binaryAnswer,
}

const headersOf = (options: JsonObject): Record<string, string> =>
  Object.fromEntries(
    asObjects(asObject(options['responseHeaders'])['entries']).map((entry) => [
      asText(entry['name']).toLowerCase(),
      asText(entry['value']),
    ]),
  )

const responseOf = (answer: Answer, options: JsonObject): NodeResponse => ({
  statusCode: Number(options['responseCode'] ?? answer.statusCode ?? 200),
  headers: { ...answer.headers, ...headersOf(options) },
  body: answer.body,
  bodyEncoding: answer.bodyEncoding,
})

const describe = (response: NodeResponse): Item => ({
  json: {
    response: {
      statusCode: response.statusCode,
      headers: response.headers,
      body: response.bodyEncoding === 'binary' ? null : response.body,
    },
  },
  pairedItem: { item: 0 },
})

export const respondToWebhook: NodeType = {
  definition,
  execute: async (context) => {
    const items = await context.items()
    const kind = asText(await context.parameter('respondWith', 0))
    const make = Object.hasOwn(answers, kind) ? answers[kind] : undefined
    if (!make) throw unsupported(context, `Responding with "${kind}"`, 'respondWith')
    const options = asObject(await context.parameter('options', 0))
    const response = responseOf(await make(context, items, options), options)
    await context.respond(response)
    const passed = items.map((item, index) => passOn(item, index))
    return (await context.rawParameter('enableResponseOutput')) === true ? [passed, [describe(response)]] : [passed]
  },
  validate: () => [],
  outputCount: (parameters) => (parameters['enableResponseOutput'] === true ? 2 : 1),
}
