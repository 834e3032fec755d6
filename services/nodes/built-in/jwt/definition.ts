import type { NodeDefinition } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, collection, json, number, show, text, toggle } from '../../sdk/property.ts'

export const algorithms = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
] as const

const sign = { operation: ['sign'] }
const operations = [
  ['Decode', 'decode'],
  ['Sign', 'sign'],
  ['Verify', 'verify'],
] as const

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.jwt',
  displayName: 'JWT',
  description: 'JWT',
  category: 'data',
  versions: [1],
  credentials: [{ name: 'jwtAuth', required: true }],
  properties: [
    choice('Operation', 'operation', operations, 'sign', { noDataExpression: true }),
    toggle('Use JSON to Build Payload', 'useJson', false, show(sign)),
    collection(
      'Payload Claims',
      'claims',
      [
        text('Audience', 'audience'),
        number('Expires In', 'expiresIn', 3600),
        text('Issuer', 'issuer'),
        text('JWT ID', 'jwtid'),
        number('Not Before', 'notBefore', 0),
        text('Subject', 'subject'),
      ],
      show({ ...sign, useJson: [false] }),
    ),
    json(
      'Payload Claims (JSON)',
      'claimsJson',
      '{\n  "my_field_1": "value 1",\n  "my_field_2": "value 2"\n}\n',
      show({ ...sign, useJson: [true] }),
    ),
    text('Token', 'token', '', { required: true, ...show({ operation: ['verify', 'decode'] }) }),
    collection('Options', 'options', [
      choice(
        'Override Algorithm',
        'algorithm',
        algorithms.map((name) => [name, name]),
        'HS256',
        show({ '/operation': ['sign', 'verify'] }),
      ),
      toggle('Return Additional Info', 'complete', false, show({ '/operation': ['verify', 'decode'] })),
      toggle('Ignore Expiration', 'ignoreExpiration', false, show({ '/operation': ['verify'] })),
      toggle('Ignore Not Before Claim', 'ignoreNotBefore', false, show({ '/operation': ['verify'] })),
      number('Clock Tolerance', 'clockTolerance', 0, show({ '/operation': ['verify'] })),
      text('Override Key ID', 'kid', '', show({ '/operation': ['sign'] })),
    ]),
  ],
  inputs: main,
  outputs: main,
  effects: 'pure',
}
