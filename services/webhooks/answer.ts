import type { Outputs } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import type { RunEnd } from '@weconnect/executions/runner'
import type { NodeResponse, WebhookDescription } from '@weconnect/nodes/sdk/node'

/** What goes back to the caller. */
export interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer | undefined
}

const jsonType = { 'content-type': 'application/json; charset=utf-8' }
const json = (statusCode: number, body: JsonValue, headers: Readonly<Record<string, string>> = {}): Answer => ({
  statusCode,
  headers: { ...jsonType, ...headers },
  body: JSON.stringify(body),
})

export const answerAtOnce = (description: WebhookDescription, executionId: string): Answer =>
  description.responseData === 'noData'
    ? { statusCode: description.responseCode, headers: description.responseHeaders, body: undefined }
    : json(description.responseCode, { message: 'Workflow was started', executionId }, description.responseHeaders)

/** The answer that a Respond to Webhook node gave. */
export const answerOfNode = ({ statusCode, headers, body, bodyEncoding }: NodeResponse): Answer => {
  if (bodyEncoding === 'empty') return { statusCode, headers, body: undefined }
  if (bodyEncoding === 'json') return json(statusCode, body, headers)
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  const type: Readonly<Record<string, string>> = named ? {} : { 'content-type': 'text/html; charset=utf-8' }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { statusCode, headers: { ...type, ...headers }, body: bodyEncoding === 'base64' ? Buffer.from(text, 'base64') : text }
}

/** The answer of a run that ended without one of its own. */
export const answerOfEnd = (end: RunEnd, description: WebhookDescription, executionId: string): Answer => {
  if (end.kind === 'completed') {
    if (description.responseMode === 'lastNode') return answerOfItems(end.outputs, description)
    return json(500, { code: 'EXECUTION_FAILED', message: 'The workflow ended without running a Respond to Webhook node', executionId })
  }
  if (end.kind === 'failed') return json(500, { code: end.code, message: 'Error in workflow', executionId })
  if (end.kind === 'paused') return json(202, { message: 'The workflow waits; it will go on later', executionId })
  return json(503, { code: 'UNAVAILABLE', message: `The workflow did not end here (${end.kind})`, executionId })
}

const answerOfItems = (outputs: Outputs, description: WebhookDescription): Answer => {
  const items = outputs.find((list) => list && list.length > 0) ?? []
  const { responseCode, responseHeaders, responseData } = description
  if (responseData === 'noData') return { statusCode: responseCode, headers: responseHeaders, body: undefined }
  if (responseData === 'allEntries')
    return json(
      responseCode,
      items.map((item) => item.json),
      responseHeaders,
    )
  const first = items[0]
  if (responseData !== 'firstEntryBinary') return json(responseCode, first?.json ?? {}, responseHeaders)
  const file = first?.binary?.[description.responseBinaryProperty ?? 'data']
  if (!file) return json(500, { code: 'EXECUTION_FAILED', message: 'The last node gave no binary data to answer with' })
  return {
    statusCode: responseCode,
    headers: { 'content-type': file.mimeType, ...responseHeaders },
    body: Buffer.from(file.data, 'base64'),
  }
}
