import type { NodeDefinition } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, collection, group, groups, json, number, show, since, text, toggle } from '../../sdk/property.ts'

const bodyOf = { ...show({ respondWith: ['json'] }), typeOptions: { rows: 4 } }

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.respondToWebhook',
  displayName: 'Respond to Webhook',
  description: 'Returns data for Webhook',
  category: 'core',
  versions: [1, 1.1, 1.2, 1.3, 1.4, 1.5],
  credentials: [{ name: 'jwtAuth', required: true, ...show({ respondWith: ['jwt'] }) }],
  properties: [
    toggle('Enable Response Output Branch', 'enableResponseOutput', false, show({ '@version': [since(1.4)] })),
    choice(
      'Respond With',
      'respondWith',
      [
        ['All Incoming Items', 'allIncomingItems'],
        ['Binary File', 'binary'],
        ['First Incoming Item', 'firstIncomingItem'],
        ['JSON', 'json'],
        ['JWT Token', 'jwt'],
        ['No Data', 'noData'],
        ['Redirect', 'redirect'],
        ['Text', 'text'],
      ],
      'firstIncomingItem',
    ),
    text('Redirect URL', 'redirectURL', '', { required: true, ...show({ respondWith: ['redirect'] }) }),
    json('Response Body', 'responseBody', '{\n  "myField": "value"\n}', bodyOf),
    json('Payload', 'payload', '{\n  "myField": "value"\n}', show({ respondWith: ['jwt'] })),
    text('Response Body', 'responseBody', '', show({ respondWith: ['text'] })),
    choice(
      'Response Data Source',
      'responseDataSource',
      [
        ['Choose Automatically From Input', 'automatically'],
        ['Specify Myself', 'set'],
      ],
      'automatically',
      show({ respondWith: ['binary'] }),
    ),
    text('Input Field Name', 'inputFieldName', 'data', {
      required: true,
      ...show({ respondWith: ['binary'], responseDataSource: ['set'] }),
    }),
    collection('Options', 'options', [
      number('Response Code', 'responseCode', 200),
      groups('Response Headers', 'responseHeaders', [group('Entries', 'entries', [text('Name', 'name'), text('Value', 'value')])], {
        many: true,
      }),
      text('Put Response in Field', 'responseKey', '', show({ '/respondWith': ['allIncomingItems', 'firstIncomingItem'] })),
      toggle(
        'Enable Streaming',
        'enableStreaming',
        true,
        show({ '/respondWith': ['allIncomingItems', 'firstIncomingItem', 'text', 'json', 'jwt'], '@version': [since(1.5)] }),
      ),
    ]),
  ],
  inputs: main,
  outputs: main,
  effects: 'pure',
}
