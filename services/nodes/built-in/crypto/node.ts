import { createHash, createHmac, createSign, type Hash, type Hmac, type Sign } from 'node:crypto'
import type { Item } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import { setField } from '../../parameters/paths.ts'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { bytesIn } from '../binary-data.ts'
import { eachItem } from '../each-item.ts'
import { asText, nodeFailure, unsupported } from '../per-item.ts'
import { randomBytes, randomUuid } from '../random-bytes.ts'
import { definition } from './definition.ts'

type Read = (name: string) => JsonValue | undefined
type Action = (context: NodeContext, read: Read, index: number, item: Item) => Promise<string> | string

const longest = 65_536
const encodingOf = (read: Read): 'base64' | 'hex' => (read('encoding') === 'base64' ? 'base64' : 'hex')

/** Tells the user which parameter the crypto library did not take; its own message names no secret. */
const made = <Made extends Hash | Hmac | Sign>(context: NodeContext, make: () => Made, parameter: string, index: number): Made => {
  try {
    return make()
  } catch {
    throw nodeFailure(context, 'The algorithm is not supported', parameter, index)
  }
}

/** What is hashed: a text, or the bytes of a file. */
const contentOf = async (context: NodeContext, read: Read, index: number, item: Item): Promise<string | Buffer> =>
  read('binaryData') === true ? bytesIn(context, item, asText(read('binaryPropertyName'), 'data'), index) : asText(read('value'))

const hash: Action = async (context, read, index, item) =>
  made(context, () => createHash(asText(read('type'))), 'type', index)
    .update(await contentOf(context, read, index, item))
    .digest(encodingOf(read))

/** A parameter in version 1, afterwards a field of the credential. */
const secretOf = async (context: NodeContext, read: Read, parameter: string, field: string): Promise<string> =>
  asText(context.node.typeVersion < 2 ? read(parameter) : (await context.credential('crypto'))[field])

const hmac: Action = async (context, read, index, item) => {
  const secret = await secretOf(context, read, 'secret', 'hmacSecret')
  return made(context, () => createHmac(asText(read('type')), secret), 'type', index)
    .update(await contentOf(context, read, index, item))
    .digest(encodingOf(read))
}

const sign: Action = async (context, read, index) => {
  const key = await secretOf(context, read, 'privateKey', 'signPrivateKey')
  const signer = made(context, () => createSign(asText(read('algorithm'))), 'algorithm', index).update(asText(read('value')))
  try {
    return signer.sign(key, encodingOf(read))
  } catch {
    throw nodeFailure(context, 'The private key cannot be used to sign with this algorithm', 'privateKey', index)
  }
}

const printable = (bytes: Buffer): string => Buffer.from(bytes.map((byte) => 33 + (byte % 94))).toString('ascii')

const generate: Action = async (context, read, index) => {
  const kind = asText(read('encodingType'))
  if (kind === 'uuid') return randomUuid(context)
  const length = Number(read('stringLength'))
  if (!Number.isInteger(length) || length < 1 || length > longest)
    throw nodeFailure(context, `The length must be a whole number from 1 to ${longest}`, 'stringLength', index)
  const bytes = await randomBytes(context, length)
  return kind === 'ascii' ? printable(bytes) : bytes.toString(kind === 'base64' ? 'base64' : 'hex').slice(0, length)
}

const actions: Readonly<Record<string, Action>> = { hash, hmac, sign, generate }
const names = [
  ...['action', 'type', 'binaryData', 'binaryPropertyName', 'value', 'secret', 'dataPropertyName', 'encoding', 'algorithm', 'privateKey'],
  ...['encodingType', 'stringLength'],
]

/** Hashes, signs, or makes random texts. */
export const crypto: NodeType = {
  definition,
  execute: async (context) => [
    await eachItem(context, names, async (item, index, columns): Promise<Item> => {
      const read: Read = (name) => columns(name, index)
      const action = asText(read('action'))
      if (!Object.hasOwn(actions, action)) throw unsupported(context, `Action "${action}"`, 'action')
      const json: Record<string, JsonValue | undefined> = { ...item.json }
      setField(json, asText(read('dataPropertyName')), await actions[action]!(context, read, index, item), true)
      return { json, ...(item.binary ? { binary: item.binary } : {}), pairedItem: { item: index } }
    }),
  ],
  validate: () => [],
}
