import type { NodeDefinition, NodeProperty } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, collection, credentialsSelect, group, groups, hide, json, number, show, text, toggle } from '../../sdk/property.ts'
import { definition } from './definition.ts'

const withBody = { requestMethod: ['PATCH', 'POST', 'PUT', 'DELETE'] }

const pairs = (displayName: string, name: string, conditions: Readonly<Record<string, readonly (string | boolean)[]>>): NodeProperty =>
  groups(displayName, name, [group('Parameter', 'parameter', [text('Name', 'name'), text('Value', 'value')])], {
    many: true,
    ...show({ jsonParameters: [false], ...conditions }),
  })
const asJson = (
  displayName: string,
  name: string,
  conditions: Readonly<Record<string, readonly (string | boolean)[]>> = {},
): NodeProperty => json(displayName, name, '', show({ jsonParameters: [true], ...conditions }))

const ofVersionOne = choice(
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
  show({ '@version': [1] }),
)
const ofVersionTwo = choice(
  'Authentication',
  'authentication',
  [
    ['None', 'none'],
    ['Predefined Credential Type', 'predefinedCredentialType'],
    ['Generic Credential Type', 'genericCredentialType'],
  ],
  'none',
  show({ '@version': [2] }),
)

const options = collection('Options', 'options', [
  number('Batch Interval', 'batchInterval', 1000),
  number('Batch Size', 'batchSize', 50),
  choice(
    'Body Content Type',
    'bodyContentType',
    [
      ['JSON', 'json'],
      ['RAW/Custom', 'raw'],
      ['Form-Data Multipart', 'multipart-form-data'],
      ['Form Urlencoded', 'form-urlencoded'],
    ],
    'json',
    show({ '/requestMethod': withBody.requestMethod }),
  ),
  toggle('Full Response', 'fullResponse'),
  toggle('Follow All Redirects', 'followAllRedirects'),
  toggle('Follow GET Redirect', 'followRedirect', true),
  toggle('Ignore Response Code', 'ignoreResponseCode'),
  text('MIME Type', 'bodyContentCustomMimeType', '', show({ '/requestMethod': withBody.requestMethod })),
  text('Proxy', 'proxy'),
  toggle('Split Into Items', 'splitIntoItems', false, show({ '/responseFormat': ['json'] })),
  number('Timeout', 'timeout', 10000),
  toggle('Use Querystring', 'useQueryString'),
])

/** HTTP Request as its first versions had it. */
export const classicDefinition: NodeDefinition = {
  ...definition,
  versions: [1, 2],
  inputs: main,
  outputs: main,
  properties: [
    ofVersionOne,
    ofVersionTwo,
    credentialsSelect('Credential Type', 'nodeCredentialType', '', show({ authentication: ['predefinedCredentialType'], '@version': [2] })),
    credentialsSelect('Generic Auth Type', 'genericAuthType', '', show({ authentication: ['genericCredentialType'], '@version': [2] })),
    choice(
      'Request Method',
      'requestMethod',
      ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'].map((method) => [method, method] as const),
      'GET',
    ),
    text('URL', 'url', '', { required: true }),
    toggle('Ignore SSL Issues (Insecure)', 'allowUnauthorizedCerts'),
    choice(
      'Response Format',
      'responseFormat',
      [
        ['File', 'file'],
        ['JSON', 'json'],
        ['String', 'string'],
      ],
      'json',
    ),
    text('Property Name', 'dataPropertyName', 'data', hide({ responseFormat: ['json'] })),
    toggle('JSON/RAW Parameters', 'jsonParameters'),
    options,
    toggle('Send Binary File', 'sendBinaryData', false, show({ jsonParameters: [true], requestMethod: ['PATCH', 'POST', 'PUT'] })),
    text('Input Binary Field', 'binaryPropertyName', 'data', show({ jsonParameters: [true], sendBinaryData: [true] })),
    asJson('Body Parameters', 'bodyParametersJson', withBody),
    pairs('Body Parameters', 'bodyParametersUi', withBody),
    asJson('Headers', 'headerParametersJson'),
    pairs('Headers', 'headerParametersUi', {}),
    asJson('Query Parameters', 'queryParametersJson'),
    pairs('Query Parameters', 'queryParametersUi', {}),
  ],
}
