import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { choice, collection, number } from '../../sdk/property.ts'
import { eachItem } from '../each-item.ts'
import { asObject, asText, nodeFailure, unsupported } from '../per-item.ts'
import { fromBase32, oneTimePassword, type PasswordKind } from './one-time-password.ts'

const hashes: Readonly<Record<string, string>> = {
  SHA1: 'sha1',
  SHA224: 'sha224',
  SHA256: 'sha256',
  SHA384: 'sha384',
  SHA512: 'sha512',
  'SHA3-224': 'sha3-224',
  'SHA3-256': 'sha3-256',
  'SHA3-384': 'sha3-384',
  'SHA3-512': 'sha3-512',
}

const kindOf = (context: NodeContext, options: JsonObject, index: number): PasswordKind => {
  const hash = hashes[asText(options['algorithm'], 'SHA1')]
  if (hash === undefined) throw nodeFailure(context, 'The algorithm is not supported', 'options', index)
  const [digits, period] = [Number(options['digits'] ?? 6), Number(options['period'] ?? 30)]
  if (!(Number.isInteger(digits) && digits >= 1 && digits <= 10))
    throw nodeFailure(context, 'Digits must be from 1 to 10', 'options', index)
  if (!(period >= 1)) throw nodeFailure(context, 'Period must be at least 1 second', 'options', index)
  return { hash, digits, period }
}

/** Makes time-based one-time passwords from the secret of a credential. */
export const totp: NodeType = {
  definition: {
    name: 'n8n-nodes-base.totp',
    displayName: 'TOTP',
    description: 'Generate a time-based one-time password',
    category: 'data',
    versions: [1],
    credentials: [{ name: 'totpApi', required: true }],
    properties: [
      choice('Operation', 'operation', [['Generate Secret', 'generateSecret']], 'generateSecret', { noDataExpression: true }),
      collection('Options', 'options', [
        choice(
          'Algorithm',
          'algorithm',
          Object.keys(hashes).map((name) => [name, name]),
          'SHA1',
        ),
        number('Digits', 'digits', 6),
        number('Period', 'period', 30),
      ]),
    ],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => {
    const operation = asText(await context.parameter('operation', 0))
    if (operation !== 'generateSecret') throw unsupported(context, `Operation "${operation}"`, 'operation')
    const secret = fromBase32(asText((await context.credential('totpApi'))['secret']))
    const seconds = Math.floor(Date.parse(await context.now()) / 1000)
    return [
      await eachItem(context, ['options'], (_item, index, read) => {
        const kind = kindOf(context, asObject(read('options', index)), index)
        const secondsRemaining = kind.period - (seconds % kind.period)
        return { json: { token: oneTimePassword(secret, seconds, kind), secondsRemaining }, pairedItem: { item: index } }
      }),
    ]
  },
  validate: () => [],
}
