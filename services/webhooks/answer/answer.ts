import { WeConnectError } from '@weconnect/contracts/errors'
import type { BinaryData, Item, Outputs } from '@weconnect/contracts/items'
import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { RunEnd } from '@weconnect/executions/run-end'
import type { NodeResponse, WebhookDescription } from '@weconnect/nodes/sdk/node'

/** What goes back to the caller. */
export interface Answer {
  readonly statusCode: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer | undefined
}
type Headers = Readonly<Record<string, string>>

const lowerCased = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** `type` is what the body is when the headers do not say. */
const answer = (statusCode: number, headers: Headers, body: string | Buffer | undefined, type?: string): Answer => ({
  statusCode,
  headers: { ...(type !== undefined && { 'content-type': type }), ...lowerCased(headers) },
  body,
})

const jsonType = 'application/json; charset=utf-8'
const htmlType = 'text/html; charset=utf-8'
const noHeaders: Headers = {}

const json = (statusCode: number, body: JsonValue, headers = noHeaders): Answer =>
  answer(statusCode, headers, JSON.stringify(body), jsonType)
const empty = (statusCode: number, headers: Headers): Answer => answer(statusCode, headers, undefined)
const bytes = (statusCode: number, { data, mimeType }: BinaryData, headers: Headers): Answer =>
  answer(statusCode, headers, Buffer.from(data, 'base64'), mimeType)

export const answerAtOnce = (
  { responseCode, responseHeaders, responseData, responseText }: WebhookDescription,
  executionId: string,
): Answer => {
  if (responseData === 'noData') return empty(responseCode, responseHeaders)
  if (responseText !== undefined) return answer(responseCode, responseHeaders, responseText, htmlType)
  return json(responseCode, { message: 'Workflow was started', executionId }, responseHeaders)
}

/** A singleton was busy: that is no failure, and sending it again would be none of the caller's business. */
export const answerOfSkipped = (message: string): Answer => json(200, { code: 'EXECUTION_SKIPPED', message })

/** The answer that a Respond to Webhook node gave. */
export const answerOfNode = ({ statusCode, headers, body, bodyEncoding }: NodeResponse): Answer => {
  switch (bodyEncoding) {
    case 'empty':
      return empty(statusCode, headers)
    case 'json':
      return json(statusCode, body, headers)
    case 'binary':
      return bytes(statusCode, body as unknown as BinaryData, headers)
    case 'base64':
      return answer(statusCode, headers, Buffer.from(textOf(body), 'base64'), htmlType)
    case 'text':
      return answer(statusCode, headers, textOf(body), htmlType)
  }
}

const textOf = (body: JsonValue): string => (typeof body === 'string' ? body : JSON.stringify(body))

/** The answer of a run that ended without one of its own. */
export const answerOfEnd = (end: RunEnd, description: WebhookDescription, executionId: string): Answer => {
  switch (end.kind) {
    case 'completed':
      return description.responseMode === 'lastNode' ? answerOfItems(end.outputs, description, executionId) : unanswered(executionId)
    case 'failed':
      return json(500, { code: end.code, message: 'Error in workflow', executionId })
    case 'paused':
      return json(202, { message: 'The workflow waits; it will go on later', executionId: end.within ?? executionId })
    case 'cancelled':
      return json(503, { code: 'EXECUTION_CANCELLED', message: 'The workflow was cancelled', executionId })
    case 'timeout':
      return json(504, { code: 'EXECUTION_TIMEOUT', message: 'The workflow took longer than its limit', executionId })
    case 'stopped':
      return json(503, { code: 'UNAVAILABLE', message: 'The server is stopping; the workflow will go on', executionId })
  }
}

const failed = (message: string, executionId: string): Answer => json(500, { code: 'EXECUTION_FAILED', message, executionId })
const unanswered = (executionId: string): Answer => failed('The workflow ended without running a Respond to Webhook node', executionId)

const answerOfItems = (outputs: Outputs, description: WebhookDescription, executionId: string): Answer => {
  const items = outputs.find((list) => list && list.length > 0) ?? []
  const { responseCode, responseHeaders } = description
  switch (description.responseData) {
    case 'noData':
      return empty(responseCode, responseHeaders)
    case 'allEntries':
      return json(
        responseCode,
        items.map((item) => item.json),
        responseHeaders,
      )
    case 'firstEntryBinary':
      return answerOfFile(items[0], description, executionId)
    case 'firstEntryJson':
      return answerOfFirst(items[0]?.json ?? {}, description)
  }
}

const answerOfFile = (item: Item | undefined, description: WebhookDescription, executionId: string): Answer => {
  const property = description.responseBinaryProperty ?? 'data'
  const file = item?.binary && Object.hasOwn(item.binary, property) ? item.binary[property] : undefined
  if (!file) return failed(`The first item of the last node has no binary data "${property}" to answer with`, executionId)
  return bytes(description.responseCode, file, description.responseHeaders)
}

const answerOfFirst = (item: JsonValue, description: WebhookDescription): Answer => {
  const { responseCode, responseHeaders, responsePropertyName, responseContentType } = description
  const value = responsePropertyName === undefined ? item : memberAt(item, responsePropertyName)
  if (value === undefined) return empty(responseCode, responseHeaders)
  const type = responseContentType ?? (typeof value === 'string' ? htmlType : jsonType)
  return answer(responseCode, responseHeaders, textOf(value), type)
}

/** `a.b[0]` within a value. */
const memberAt = (value: JsonValue, path: string): JsonValue | undefined =>
  path
    .split(/[.[\]]+/)
    .filter((key) => key !== '')
    .reduce<JsonValue | undefined>((inside, key) => {
      if (Array.isArray(inside)) return inside[Number(key)]
      return isJsonObject(inside) && Object.hasOwn(inside, key) ? inside[key] : undefined
    }, value)

/** The first delivery is not on disk, so this one cannot be either. */
export const firstIsLost = (): WeConnectError =>
  new WeConnectError('UNAVAILABLE', 'An earlier delivery with this id was not taken; send this one again')
