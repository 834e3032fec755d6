import type { NodeDefinition, NodeProperty } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, collection, credentialsSelect, group, groups, json, number, show, since, text, toggle, until } from '../../sdk/property.ts'

const methods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'].map((method) => [method, method] as const)

const byPairsOrJson = [
  ['Using Fields Below', 'keypair'],
  ['Using JSON', 'json'],
] as const

const pairs = (displayName: string, name: string, extra: Partial<NodeProperty>): NodeProperty =>
  groups(displayName, name, [group('Parameter', 'parameters', [text('Name', 'name'), text('Value', 'value')])], {
    many: true,
    value: { parameters: [{ name: '', value: '' }] },
    ...extra,
  })

const authentication: readonly NodeProperty[] = [
  choice(
    'Authentication',
    'authentication',
    [
      ['None', 'none'],
      ['Predefined Credential Type', 'predefinedCredentialType'],
      ['Generic Credential Type', 'genericCredentialType'],
    ],
    'none',
    { noDataExpression: true },
  ),
  credentialsSelect('Credential Type', 'nodeCredentialType', '', {
    required: true,
    ...show({ authentication: ['predefinedCredentialType'] }),
  }),
  credentialsSelect('Generic Auth Type', 'genericAuthType', '', { required: true, ...show({ authentication: ['genericCredentialType'] }) }),
  toggle('SSL Certificates', 'provideSslCertificates'),
]

const query: readonly NodeProperty[] = [
  toggle('Send Query Parameters', 'sendQuery', false, { noDataExpression: true }),
  choice('Specify Query Parameters', 'specifyQuery', byPairsOrJson, 'keypair', show({ sendQuery: [true] })),
  pairs('Query Parameters', 'queryParameters', show({ sendQuery: [true], specifyQuery: ['keypair'] })),
  json('JSON', 'jsonQuery', '', show({ sendQuery: [true], specifyQuery: ['json'] })),
]

const headers: readonly NodeProperty[] = [
  toggle('Send Headers', 'sendHeaders', false, { noDataExpression: true }),
  choice('Specify Headers', 'specifyHeaders', byPairsOrJson, 'keypair', show({ sendHeaders: [true] })),
  pairs('Header Parameters', 'headerParameters', show({ sendHeaders: [true], specifyHeaders: ['keypair'] })),
  json('JSON', 'jsonHeaders', '', show({ sendHeaders: [true], specifyHeaders: ['json'] })),
]

const multipartParameters = groups(
  'Body Parameters',
  'bodyParameters',
  [
    group('Parameter', 'parameters', [
      choice(
        'Parameter Type',
        'parameterType',
        [
          ['n8n Binary File', 'formBinaryData'],
          ['Form Data', 'formData'],
        ],
        'formData',
      ),
      text('Name', 'name'),
      text('Value', 'value', '', show({ parameterType: ['formData'] })),
      text('Input Data Field Name', 'inputDataFieldName', '', { noDataExpression: true, ...show({ parameterType: ['formBinaryData'] }) }),
    ]),
  ],
  { many: true, value: { parameters: [{ name: '', value: '' }] }, ...show({ sendBody: [true], contentType: ['multipart-form-data'] }) },
)

const body: readonly NodeProperty[] = [
  toggle('Send Body', 'sendBody', false, { noDataExpression: true }),
  choice(
    'Body Content Type',
    'contentType',
    [
      ['Form Urlencoded', 'form-urlencoded'],
      ['Form-Data', 'multipart-form-data'],
      ['JSON', 'json'],
      ['n8n Binary File', 'binaryData'],
      ['Raw', 'raw'],
    ],
    'json',
    show({ sendBody: [true] }),
  ),
  choice('Specify Body', 'specifyBody', byPairsOrJson, 'keypair', show({ sendBody: [true], contentType: ['json'] })),
  pairs('Body Parameters', 'bodyParameters', show({ sendBody: [true], contentType: ['json'], specifyBody: ['keypair'] })),
  json('JSON', 'jsonBody', '', show({ sendBody: [true], contentType: ['json'], specifyBody: ['json'] })),
  multipartParameters,
  choice(
    'Specify Body',
    'specifyBody',
    [
      ['Using Fields Below', 'keypair'],
      ['Using Single Field', 'string'],
    ],
    'keypair',
    show({ sendBody: [true], contentType: ['form-urlencoded'] }),
  ),
  pairs('Body Parameters', 'bodyParameters', show({ sendBody: [true], contentType: ['form-urlencoded'], specifyBody: ['keypair'] })),
  text('Body', 'body', '', show({ sendBody: [true], specifyBody: ['string'] })),
  text('Input Data Field Name', 'inputDataFieldName', '', {
    noDataExpression: true,
    ...show({ sendBody: [true], contentType: ['binaryData'] }),
  }),
  text('Content Type', 'rawContentType', '', show({ sendBody: [true], contentType: ['raw'] })),
  text('Body', 'body', '', show({ sendBody: [true], contentType: ['raw'] })),
]

const responseOption = groups('Response', 'response', [
  group('Response', 'response', [
    toggle('Include Response Headers and Status', 'fullResponse'),
    toggle('Never Error', 'neverError'),
    choice(
      'Response Format',
      'responseFormat',
      [
        ['Autodetect', 'autodetect'],
        ['File', 'file'],
        ['JSON', 'json'],
        ['Text', 'text'],
      ],
      'autodetect',
    ),
    text('Put Output in Field', 'outputPropertyName', 'data', { required: true, ...show({ responseFormat: ['file', 'text'] }) }),
  ]),
])

const mode = (value: string) => show({ paginationMode: [value] })
const pages = { paginationMode: ['updateAParameterInEachRequest', 'responseContainsNextURL'] }
const pagination = groups('Pagination', 'pagination', [
  group('Pagination', 'pagination', [
    choice(
      'Pagination Mode',
      'paginationMode',
      [
        ['Off', 'off'],
        ['Update a Parameter in Each Request', 'updateAParameterInEachRequest'],
        ['Response Contains Next URL', 'responseContainsNextURL'],
      ],
      'updateAParameterInEachRequest',
    ),
    text('Next URL', 'nextURL', '', mode('responseContainsNextURL')),
    groups(
      'Parameters',
      'parameters',
      [
        group('Parameter', 'parameters', [
          choice(
            'Type',
            'type',
            [
              ['Body', 'body'],
              ['Header', 'headers'],
              ['Query', 'qs'],
            ],
            'qs',
          ),
          text('Name', 'name'),
          text('Value', 'value'),
        ]),
      ],
      { many: true, value: { parameters: [{ type: 'qs', name: '', value: '' }] }, ...mode('updateAParameterInEachRequest') },
    ),
    choice(
      'Pagination Complete When',
      'paginationCompleteWhen',
      [
        ['Response Is Empty', 'responseIsEmpty'],
        ['Receive Specific Status Code(s)', 'receiveSpecificStatusCodes'],
        ['Other', 'other'],
      ],
      'responseIsEmpty',
      show(pages),
    ),
    text('Status Code(s) when Complete', 'statusCodesWhenComplete', '', show({ paginationCompleteWhen: ['receiveSpecificStatusCodes'] })),
    text('Complete Expression', 'completeExpression', '', show({ paginationCompleteWhen: ['other'] })),
    toggle('Limit Pages Fetched', 'limitPagesFetched', false, { noDataExpression: true, ...show(pages) }),
    number('Max Pages', 'maxRequests', 100, show({ limitPagesFetched: [true] })),
    number('Interval Between Requests (ms)', 'requestInterval', 0, show(pages)),
  ]),
])

const options = collection('Options', 'options', [
  groups('Batching', 'batching', [
    group('Batching', 'batch', [number('Items per Batch', 'batchSize', 50), number('Batch Interval (ms)', 'batchInterval', 1000)]),
  ]),
  toggle('Ignore SSL Issues (Insecure)', 'allowUnauthorizedCerts', false, { noDataExpression: true }),
  choice(
    'Array Format in Query Parameters',
    'queryParameterArrays',
    [
      ['No Brackets', 'repeat'],
      ['Brackets Only', 'brackets'],
      ['Brackets with Indices', 'indices'],
    ],
    'brackets',
  ),
  toggle('Lowercase Headers', 'lowercaseHeaders', true),
  groups('Redirects', 'redirect', [
    group('Redirect', 'redirect', [
      toggle('Follow Redirects', 'followRedirects', false, { noDataExpression: true, ...show({ '@version': [until(3)] }) }),
      toggle('Follow Redirects', 'followRedirects', true, { noDataExpression: true, ...show({ '@version': [since(4)] }) }),
      number('Max Redirects', 'maxRedirects', 21, show({ followRedirects: [true] })),
    ]),
  ]),
  responseOption,
  pagination,
  text('Proxy', 'proxy'),
  number('Timeout', 'timeout', 10000),
  toggle('Send Credentials on Cross-Origin Redirect', 'sendCredentialsOnCrossOriginRedirect', false, show({ '@version': [since(4.4)] })),
])

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.httpRequest',
  displayName: 'HTTP Request',
  description: 'Makes an HTTP request and returns the response data',
  category: 'core',
  color: '#0004F5',
  versions: [3, 4, 4.1, 4.2, 4.3, 4.4],
  inputs: main,
  outputs: main,
  properties: [
    choice('Method', 'method', methods, 'GET'),
    text('URL', 'url', '', { required: true }),
    ...authentication,
    ...query,
    ...headers,
    ...body,
    options,
  ],
  effects: 'external',
  defaultTimeoutMs: 300_000,
}
