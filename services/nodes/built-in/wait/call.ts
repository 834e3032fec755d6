import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeDefinition, NodeProperty } from '@weconnect/contracts/node'
import { isExpression } from '../../parameters/resolve.ts'
import type { NodeType, WebhookDescription } from '../../sdk/node.ts'
import { choice, collection, dateTime, group, groups, number, show, text, toggle } from '../../sdk/property.ts'
import { asObject, asText } from '../per-item.ts'
import { guardProblems } from '../webhook/check-guards.ts'
import { httpMethods } from '../webhook/definition.ts'
import { describeWebhook } from '../webhook/describe.ts'

const onCall = show({ resume: ['webhook'] })
const limited = (type: string) => show({ resume: ['webhook'], limitWaitTime: [true], limitType: [type] })
const units = ['minutes', 'hours', 'days', 'seconds'].map((unit) => [unit[0]!.toUpperCase() + unit.slice(1), unit] as const)

const proven = (by: string) => show({ resume: ['webhook'], incomingAuthentication: [by] })

/** What callers prove to know. */
export const callCredentials: NonNullable<NodeDefinition['credentials']> = [
  { name: 'httpBasicAuth', required: true, ...proven('basicAuth') },
  { name: 'httpHeaderAuth', required: true, ...proven('headerAuth') },
  { name: 'jwtAuth', required: true, ...proven('jwtAuth') },
]

/** Parameters of a wait that a call ends: as those of a Webhook node, and a limit. */
export const callProperties: readonly NodeProperty[] = [
  choice(
    'Authentication',
    'incomingAuthentication',
    [
      ['Basic Auth', 'basicAuth'],
      ['Header Auth', 'headerAuth'],
      ['JWT Auth', 'jwtAuth'],
      ['None', 'none'],
    ],
    'none',
    onCall,
  ),
  choice(
    'HTTP Method',
    'httpMethod',
    httpMethods.map((method) => [method, method] as const),
    'GET',
    onCall,
  ),
  number('Response Code', 'responseCode', 200, {
    displayOptions: { show: { resume: ['webhook'] }, hide: { responseMode: ['responseNode'] } },
  }),
  choice(
    'Respond',
    'responseMode',
    [
      ['Immediately', 'onReceived'],
      ['When Last Node Finishes', 'lastNode'],
      ["Using 'Respond to Webhook' Node", 'responseNode'],
    ],
    'onReceived',
    onCall,
  ),
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
    show({ resume: ['webhook'], responseMode: ['lastNode'] }),
  ),
  text('Property Name', 'responseBinaryPropertyName', 'data', show({ resume: ['webhook'], responseData: ['firstEntryBinary'] })),
  toggle('Limit Wait Time', 'limitWaitTime', false, onCall),
  choice(
    'Limit Type',
    'limitType',
    [
      ['After Time Interval', 'afterTimeInterval'],
      ['At Specified Time', 'atSpecifiedTime'],
    ],
    'afterTimeInterval',
    show({ resume: ['webhook'], limitWaitTime: [true] }),
  ),
  number('Amount', 'resumeAmount', 1, limited('afterTimeInterval')),
  choice('Unit', 'resumeUnit', units, 'hours', limited('afterTimeInterval')),
  dateTime('Max Date and Time', 'maxDateAndTime', '', limited('atSpecifiedTime')),
  collection(
    'Options',
    'options',
    [
      text('Field Name for Binary Data', 'binaryPropertyName', 'data'),
      toggle('Ignore Bots', 'ignoreBots'),
      text('IP(s) Allowlist', 'ipWhitelist'),
      toggle('No Response Body', 'noResponseBody', false),
      toggle('Raw Body', 'rawBody', false),
      text('Response Data', 'responseData', ''),
      text('Response Content-Type', 'responseContentType', ''),
      groups('Response Headers', 'responseHeaders', [group('Entries', 'entries', [text('Name', 'name'), text('Value', 'value')])], {
        many: true,
      }),
      text('Property Name', 'responsePropertyName', 'data'),
      text('Webhook Suffix', 'webhookSuffix', ''),
    ],
    onCall,
  ),
]

const suffixOf = (parameters: JsonObject): string => asText(asObject(parameters['options'])['webhookSuffix']).replace(/^\/+|\/+$/g, '')

const authentications = ['none', 'basicAuth', 'headerAuth', 'jwtAuth']

/** A call that ends a wait is described as a Webhook node is, version 1, whose path is the suffix of the execution's address. */
export const describeCall = (parameters: JsonObject): WebhookDescription =>
  describeWebhook({ ...parameters, authentication: parameters['incomingAuthentication'] ?? 'none', path: suffixOf(parameters) }, 1)

/** What would keep callers out, and is not built, is refused rather than ignored. */
export const validateCall: (parameters: JsonObject) => ReturnType<NodeType['validate']> = (parameters) => {
  if (parameters['resume'] !== 'webhook') return []
  const authentication = asText(parameters['incomingAuthentication'], 'none')
  return [
    ...(authentications.includes(authentication)
      ? []
      : [{ parameter: 'incomingAuthentication', message: `There is no authentication "${authentication}" of a waiting address` }]),
    ...(isExpression(suffixOf(parameters))
      ? [{ parameter: 'options.webhookSuffix', message: 'The suffix of a waiting address cannot be an expression' }]
      : []),
    ...guardProblems(asObject(parameters['options'])),
  ]
}
