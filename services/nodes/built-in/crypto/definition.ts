import { getHashes } from 'node:crypto'
import type { NodeDefinition } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, number, show, text, toggle } from '../../sdk/property.ts'

const hashes = ['MD5', 'SHA256', 'SHA3-256', 'SHA3-384', 'SHA3-512', 'SHA384', 'SHA512'] as const
const named = (names: readonly string[]) => names.map((name) => [name, name] as const)
const encodings = [
  ['BASE64', 'base64'],
  ['HEX', 'hex'],
] as const
const actions = [
  ['Generate', 'generate'],
  ['Hash', 'hash'],
  ['Hmac', 'hmac'],
  ['Sign', 'sign'],
] as const

const digest = { action: ['hash', 'hmac'] }
export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.crypto',
  displayName: 'Crypto',
  description: 'Provide cryptographic utilities',
  category: 'data',
  color: '#408000',
  versions: [1, 2],
  // From version 2 on, secrets stand in no parameter.
  credentials: [{ name: 'crypto', required: true, ...show({ '@version': [2], action: ['hmac', 'sign'] }) }],
  properties: [
    choice('Action', 'action', actions, 'hash'),
    choice('Type', 'type', named(hashes), 'MD5', show(digest)),
    toggle('Binary File', 'binaryData', false, show(digest)),
    text('Binary Property Name', 'binaryPropertyName', 'data', show({ ...digest, binaryData: [true] })),
    text('Value', 'value', '', show({ ...digest, binaryData: [false] })),
    text('Value', 'value', '', show({ action: ['sign'] })),
    text('Secret', 'secret', '', show({ '@version': [1], action: ['hmac'] })),
    text('Property Name', 'dataPropertyName', 'data'),
    choice('Encoding', 'encoding', encodings, 'hex', show({ action: ['hash', 'hmac', 'sign'] })),
    choice('Algorithm Name or ID', 'algorithm', named(getHashes()), '', show({ action: ['sign'] })),
    text('Private Key', 'privateKey', '', show({ '@version': [1], action: ['sign'] })),
    choice(
      'Type',
      'encodingType',
      [
        ['ASCII', 'ascii'],
        ['BASE64', 'base64'],
        ['HEX', 'hex'],
        ['UUID', 'uuid'],
      ],
      'uuid',
      show({ action: ['generate'] }),
    ),
    number('Length', 'stringLength', 32, show({ action: ['generate'], encodingType: ['ascii', 'base64', 'hex'] })),
  ],
  inputs: main,
  outputs: main,
  effects: 'pure',
}
