import type { JsonObject } from '@weconnect/contracts/json'
import { ifTrue, type NodeSketch, setFields, workflowFile } from '../n8n-workflow.ts'

export interface TestWorkflow {
  /** Below /webhook/. */
  readonly path: string
  readonly file: JsonObject
}

export const webhook = (path: string, responseMode: 'onReceived' | 'responseNode' | 'lastNode'): NodeSketch => ({
  type: 'n8n-nodes-base.webhook',
  version: 2,
  parameters: { httpMethod: 'POST', path, responseMode, options: {} },
})
export const respond: NodeSketch = {
  type: 'n8n-nodes-base.respondToWebhook',
  version: 1.1,
  parameters: { respondWith: 'firstIncomingItem', options: {} },
}
/** To a service of which the user says that it honours the key of a call, so that it may be asked again after a crash. */
export const post = (url: string, body: string): NodeSketch => ({
  type: 'n8n-nodes-base.httpRequest',
  version: 4.2,
  parameters: { method: 'POST', url, sendBody: true, specifyBody: 'json', jsonBody: body, options: {} },
  options: { afterCrash: 'repeat' },
})

/** Pure steps, answered by a node: one durable append before the answer. */
export const hello: TestWorkflow = {
  path: 'hello',
  file: workflowFile(
    'Answered by a node',
    {
      Webhook: webhook('hello', 'responseNode'),
      Set: setFields({ greeting: '=Hello {{ $json.body.n }}' }),
      If: ifTrue('={{ $json.body.n !== undefined }}'),
      Respond: respond,
    },
    ['Webhook -> Set', 'Set -> If', 'If -> Respond'],
  ),
}

/** Answered as soon as the delivery is on disk, run afterwards. */
export const later: TestWorkflow = {
  path: 'later',
  file: workflowFile(
    'Answered at once',
    {
      Webhook: webhook('later', 'onReceived'),
      One: setFields({ one: '={{ $json.body.n }}' }),
      Two: setFields({ two: '={{ $json.one }}' }),
    },
    ['Webhook -> One', 'One -> Two'],
  ),
}

/** Waits for a person. */
export const asking: TestWorkflow = {
  path: 'asking',
  file: workflowFile('Asks a person', { Webhook: webhook('asking', 'onReceived'), Ask: { type: 'weconnect.approval' } }, [
    'Webhook -> Ask',
  ]),
}

/** Two calls to the world outside, one after the other. */
export const effects = (path: string, ledgerUrl: string, responseMode: 'onReceived' | 'responseNode'): TestWorkflow => ({
  path,
  file: workflowFile(
    `Two effects, ${responseMode}`,
    {
      Webhook: webhook(path, responseMode),
      First: post(`${ledgerUrl}/first`, '={{ { "delivery": $json.body.delivery } }}'),
      Second: post(`${ledgerUrl}/second`, `={{ { "delivery": $('Webhook').item.json.body.delivery } }}`),
      ...(responseMode === 'responseNode' && { Respond: respond }),
    },
    ['Webhook -> First', 'First -> Second', ...(responseMode === 'responseNode' ? ['Second -> Respond'] : [])],
  ),
})

/** Fails in every run, after the delivery was accepted. */
export const failing: TestWorkflow = {
  path: 'failing',
  file: workflowFile(
    'Fails',
    {
      Webhook: webhook('failing', 'onReceived'),
      Stop: { type: 'n8n-nodes-base.stopAndError', parameters: { errorType: 'errorMessage', errorMessage: '=no {{ $json.body.n }}' } },
    },
    ['Webhook -> Stop'],
  ),
}

/** Starts every second; what is missed is treated by this policy. */
export const everySecond = (missedRuns: 'all' | 'one' | 'skip'): JsonObject =>
  workflowFile(
    `Every second, ${missedRuns}`,
    {
      Clock: {
        type: 'n8n-nodes-base.scheduleTrigger',
        version: 1.2,
        parameters: { rule: { interval: [{ field: 'seconds', secondsInterval: 1 }] }, options: { missedRuns } },
      },
      Note: { type: 'n8n-nodes-base.noOp' },
    },
    ['Clock -> Note'],
  )

/** Looks for news where nobody answers. */
export const feedReader: JsonObject = workflowFile(
  'News',
  {
    Feed: {
      type: 'n8n-nodes-base.rssFeedReadTrigger',
      parameters: { feedUrl: 'http://127.0.0.1:1/feed', pollTimes: { item: [{ mode: 'everyMinute' }] } },
    },
    Note: { type: 'n8n-nodes-base.noOp' },
  },
  ['Feed -> Note'],
)
