import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { eachItem } from '../each-item.ts'
import { asObject, asText, type Columns, nodeFailure, unsupported } from '../per-item.ts'
import { definition } from './definition.ts'
import { type Decoded, decode, signToken, verifyToken } from './token.ts'

type Operation = (context: NodeContext, read: (name: string) => JsonValue | undefined, index: number) => Promise<JsonObject>

const secondsOf = (time: string): number => Math.floor(Date.parse(time) / 1000)
const algorithmOf = (options: JsonObject, credential: JsonObject): string =>
  asText(options['algorithm'] ?? credential['algorithm'], 'HS256')

const parsed = (context: NodeContext, value: JsonValue | undefined, index: number): JsonObject => {
  try {
    const json = typeof value === 'string' ? (JSON.parse(value) as JsonValue) : value
    if (isJsonObject(json)) return json
  } catch {
    // Told below.
  }
  throw nodeFailure(context, 'The payload claims must be a JSON object', 'claimsJson', index)
}

/** The claims keep the names that the node gives them; only the times have the names of the standard, as in n8n. */
const claimsOf = ({ expiresIn, notBefore, ...claims }: JsonObject, now: number): JsonObject => ({
  ...claims,
  ...(expiresIn === undefined ? {} : { exp: now + Number(expiresIn) }),
  ...(notBefore === undefined ? {} : { nbf: now + Number(notBefore) }),
})

const sign: Operation = async (context, read, index) => {
  const options = asObject(read('options'))
  const credential = await context.credential('jwtAuth')
  const now = secondsOf(await context.now())
  const payload = read('useJson') === true ? parsed(context, read('claimsJson'), index) : claimsOf(asObject(read('claims')), now)
  return { token: await signToken(payload, credential, { algorithm: algorithmOf(options, credential), kid: asText(options['kid']), now }) }
}

const shown = ({ header, payload, signature }: Decoded, options: JsonObject): JsonObject =>
  options['complete'] === true ? { header, payload, signature } : { payload }

const verify: Operation = async (context, read) => {
  const options = asObject(read('options'))
  const credential = await context.credential('jwtAuth')
  const decoded = await verifyToken(asText(read('token')), credential, {
    algorithm: algorithmOf(options, credential),
    now: secondsOf(await context.now()),
    tolerance: Number(options['clockTolerance'] ?? 0),
    ignoreExpiration: options['ignoreExpiration'] === true,
    ignoreNotBefore: options['ignoreNotBefore'] === true,
  })
  return shown(decoded, options)
}

const operations: Readonly<Record<string, Operation>> = {
  sign,
  verify,
  decode: async (_context, read) => shown(decode(asText(read('token'))), asObject(read('options'))),
}

const operate = async (context: NodeContext, columns: Columns, index: number): Promise<JsonObject> => {
  const name = asText(columns('operation', index))
  if (!Object.hasOwn(operations, name)) throw unsupported(context, `Operation "${name}"`, 'operation')
  return operations[name]!(context, (parameter) => columns(parameter, index), index)
}

/** Signs, verifies and reads JSON Web Tokens. */
export const jwt: NodeType = {
  definition,
  execute: async (context) => [
    await eachItem(context, ['operation', 'useJson', 'claims', 'claimsJson', 'token', 'options'], async (_item, index, columns) => ({
      json: await operate(context, columns, index),
      pairedItem: { item: index },
    })),
  ],
  validate: () => [],
}
