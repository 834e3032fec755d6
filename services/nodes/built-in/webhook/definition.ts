import type { NodeDefinition } from '@weconnect/contracts/node'
import { main, noPorts } from '../../sdk/ports.ts'
import { choice, choices, collection, group, groups, number, show, since, text, toggle, until } from '../../sdk/property.ts'
import { guardOptions, signatureProperties } from './guard-properties.ts'

export const httpMethods = ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'] as const
const methodOptions = httpMethods.map((method) => [method, method] as const)

const responseCodes = [200, 201, 204, 301, 302, 304, 400, 401, 403, 404] as const
const options = collection('Options', 'options', [
  toggle('Binary File', 'binaryData', false, show({ '/httpMethod': ['PATCH', 'PUT', 'POST'], '@version': [1] })),
  text('Put Output File in Field', 'binaryPropertyName', 'data', show({ binaryData: [true], '@version': [1] })),
  text('Field Name for Binary Data', 'binaryPropertyName', 'data', { displayOptions: { hide: { '@version': [1] } } }),
  toggle('Ignore Bots', 'ignoreBots'),
  text('IP(s) Allowlist', 'ipWhitelist'),
  toggle('No Response Body', 'noResponseBody', false, show({ '/responseMode': ['onReceived'] })),
  toggle('Raw Body', 'rawBody', false),
  text('Response Data', 'responseData', '', show({ '/responseMode': ['onReceived'] })),
  text('Response Content-Type', 'responseContentType', '', show({ '/responseData': ['firstEntryJson'], '/responseMode': ['lastNode'] })),
  groups('Response Headers', 'responseHeaders', [group('Entries', 'entries', [text('Name', 'name'), text('Value', 'value')])], {
    many: true,
  }),
  text('Property Name', 'responsePropertyName', 'data', show({ '/responseData': ['firstEntryJson'], '/responseMode': ['lastNode'] })),
  text('Allowed Origins (CORS)', 'allowedOrigins', '*'),
  ...guardOptions,
  groups(
    'Response Code',
    'responseCode',
    [
      group('Values', 'values', [
        choice(
          'Response Code',
          'responseCode',
          [...responseCodes.map((code) => [String(code), code] as const), ['Custom Code', 'customCode']],
          200,
        ),
        number('Code', 'customCode', 200, show({ responseCode: ['customCode'] })),
      ]),
    ],
    {
      value: { values: { responseCode: 200 } },
      displayOptions: { show: { '@version': [since(2)] }, hide: { '/responseMode': ['responseNode'] } },
    },
  ),
])

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.webhook',
  displayName: 'Webhook',
  description: 'Starts the workflow when a webhook is called',
  category: 'trigger',
  versions: [1, 1.1, 2, 2.1],
  properties: [
    toggle('Allow Multiple HTTP Methods', 'multipleMethods', false, { noDataExpression: true, ...show({ '@version': [since(2)] }) }),
    choice('HTTP Method', 'httpMethod', methodOptions, 'GET', show({ '@version': [until(1.1)] })),
    choice('HTTP Method', 'httpMethod', methodOptions, 'GET', show({ multipleMethods: [false] })),
    choices('HTTP Methods', 'httpMethod', methodOptions, ['GET', 'POST'], show({ multipleMethods: [true] })),
    text('Path', 'path', '', { required: true }),
    choice(
      'Authentication',
      'authentication',
      [
        ['Basic Auth', 'basicAuth'],
        ['Header Auth', 'headerAuth'],
        ['JWT Auth', 'jwtAuth'],
        ['Signature', 'signature'],
        ['None', 'none'],
      ],
      'none',
    ),
    ...signatureProperties,
    choice(
      'Respond',
      'responseMode',
      [
        ['Immediately', 'onReceived'],
        ['When Last Node Finishes', 'lastNode'],
        ["Using 'Respond to Webhook' Node", 'responseNode'],
        ['Streaming', 'streaming'],
      ],
      'onReceived',
    ),
    number('Response Code', 'responseCode', 200, {
      displayOptions: { show: { '@version': [until(1.1)] }, hide: { responseMode: ['responseNode'] } },
    }),
    choice(
      'Response Data',
      'responseData',
      [
        ['All Entries', 'allEntries'],
        ['First Entry JSON', 'firstEntryJson'],
        ['First Entry Binary', 'firstEntryBinary'],
        ['No Response Body', 'noData'],
      ],
      'firstEntryJson',
      show({ responseMode: ['lastNode'] }),
    ),
    text('Property Name', 'responseBinaryPropertyName', 'data', { required: true, ...show({ responseData: ['firstEntryBinary'] }) }),
    options,
  ],
  credentials: [
    { name: 'httpBasicAuth', required: true, ...show({ authentication: ['basicAuth'] }) },
    { name: 'httpHeaderAuth', required: true, ...show({ authentication: ['headerAuth'] }) },
    { name: 'jwtAuth', required: true, ...show({ authentication: ['jwtAuth'] }) },
    { name: 'webhookSignature', required: true, ...show({ authentication: ['signature'] }) },
  ],
  inputs: noPorts,
  outputs: main,
  isTrigger: true,
  isWebhook: true,
  webhookMethods: httpMethods,
  effects: 'pure',
}
