import type { NodeProperty } from '@weconnect/contracts/node'
import { choice, collection, group, groups, json, number, show, text } from '../../sdk/property.ts'

/** Settings of a webhook that are ours: n8n has none of them, and leaves alone what it does not know. */

const perUnit = choice(
  'Per',
  'per',
  [
    ['Second', 'second'],
    ['Minute', 'minute'],
    ['Hour', 'hour'],
    ['Day', 'day'],
  ],
  'minute',
)
const rate = [
  number('Calls', 'calls', 60),
  perUnit,
  number('At Once', 'burst', 0, { description: 'Calls that may come at the same moment; 0 = as many as in a whole unit of time' }),
]

/** Members of the node's options. */
export const guardOptions: readonly NodeProperty[] = [
  groups('Rate Limit', 'rateLimit', [group('Values', 'values', rate)]),
  groups('Rate Limit per Caller', 'callerRateLimit', [
    group('Values', 'values', [
      ...rate,
      text('Caller Header', 'callerHeader', '', { description: 'Header that names the caller; without it, the address it calls from' }),
    ]),
  ]),
  groups('Request Schema', 'requestSchema', [
    group('Values', 'values', [json('Body', 'body'), json('Query', 'query'), json('Headers', 'headers')]),
  ]),
  groups('Deduplication', 'deduplication', [
    group('Values', 'values', [
      choice(
        'By',
        'by',
        [
          ['Delivery ID', 'deliveryId'],
          ['Header', 'header'],
          ['Body', 'body'],
          ['Field', 'field'],
        ],
        'deliveryId',
      ),
      text('Header', 'header', '', show({ by: ['header'] })),
      text('Field', 'field', '', { description: 'For example body.id', ...show({ by: ['field'] }) }),
      number('Window (Seconds)', 'windowSeconds', 86_400),
    ]),
  ]),
]

const signed = show({ authentication: ['signature'] })
const generic = (name: string) => ({ displayOptions: { show: { '/signatureScheme': [name] } } })

/** What goes with the authentication `signature`. */
export const signatureProperties: readonly NodeProperty[] = [
  choice(
    'Signature Scheme',
    'signatureScheme',
    [
      ['GitHub', 'github'],
      ['Stripe', 'stripe'],
      ['Slack', 'slack'],
      ['Standard Webhooks', 'standardWebhooks'],
      ['Generic', 'generic'],
    ],
    'github',
    signed,
  ),
  collection(
    'Signature',
    'signature',
    [
      number('Tolerance (Seconds)', 'toleranceSeconds', 300, {
        description: 'How far the time that is signed may be from now; 0 = any',
      }),
      text('Header', 'header', 'x-signature', generic('generic')),
      choice(
        'Algorithm',
        'algorithm',
        [
          ['SHA-256', 'sha256'],
          ['SHA-512', 'sha512'],
          ['SHA-384', 'sha384'],
          ['SHA-1', 'sha1'],
        ],
        'sha256',
        generic('generic'),
      ),
      choice(
        'Encoding',
        'encoding',
        [
          ['Hex', 'hex'],
          ['Base64', 'base64'],
          ['Base64 URL', 'base64url'],
        ],
        'hex',
        generic('generic'),
      ),
      text('Prefix', 'prefix', '', { description: 'Text before the signature, such as sha256=', ...generic('generic') }),
      text('Signed Content', 'content', '{body}', {
        description: '{body}, {timestamp} and {header.NAME} stand for what they name; the rest stands for itself',
        ...generic('generic'),
      }),
      text('Timestamp Header', 'timestampHeader', '', generic('generic')),
    ],
    signed,
  ),
]
