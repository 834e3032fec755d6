import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Credentials } from '@weconnect/connectors/credentials'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { verifyToken } from '@weconnect/nodes/jwt-token'
import type { SignatureRules, WebhookAuthentication } from '@weconnect/nodes/sdk/node'
import { checkSignature } from './signature.ts'

/** Nobody proved who they are; `challenge` says how to. */
export class Unproven extends WeConnectError {
  readonly challenge: string
  constructor(challenge: string) {
    super('UNAUTHENTICATED', 'Authorization is required')
    this.challenge = challenge
  }
}

/** Who was let in. */
export interface Admitted {
  /** What a token says of its bearer. */
  readonly jwtPayload?: JsonValue
  /** Lower-case name of the header that proved it: it is not recorded. */
  readonly secretHeader?: string
  /** Proof that lies in the body: to be called with its bytes as they came, before they are read. @throws as `Admit` does */
  readonly checkBytes?: (body: Buffer) => void
}

/** What a door asks for: a kind of proof, and the credential that it is compared with. */
export interface Lock {
  readonly authentication: WebhookAuthentication
  /** The reference of the node. */
  readonly reference: JsonValue | undefined
  /** Of the authentication `signature`. */
  readonly signature?: SignatureRules | undefined
}

export type Admit = (lock: Lock | undefined, headers: IncomingHttpHeaders, organisationId: string) => Promise<Admitted>

export const wrong = (): WeConnectError => new WeConnectError('FORBIDDEN', 'Authorization data is wrong!')

/** As long for any two texts of their lengths, wherever they differ. */
const isEqual = (a: string, b: string): boolean => {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

const textOf = (data: JsonObject, name: string): string => String(data[name] ?? '')

const basic = (data: JsonObject, { authorization = '' }: IncomingHttpHeaders): Admitted => {
  const encoded = /^basic\s+(\S+)\s*$/i.exec(authorization)?.[1]
  if (encoded === undefined) throw new Unproven('Basic realm="Webhook", charset="UTF-8"')
  const given = Buffer.from(encoded, 'base64').toString()
  if (!isEqual(given, `${textOf(data, 'user')}:${textOf(data, 'password')}`)) throw wrong()
  return {}
}

const header = (data: JsonObject, headers: IncomingHttpHeaders): Admitted => {
  const name = textOf(data, 'name').toLowerCase()
  const given = headers[name]
  const value = textOf(data, 'value')
  if (name === '' || value === '' || typeof given !== 'string' || !isEqual(given, value)) throw wrong()
  return { secretHeader: name }
}

const token = async (data: JsonObject, { authorization = '' }: IncomingHttpHeaders, nowMs: number): Promise<Admitted> => {
  const bearer = /^bearer\s+(\S+)\s*$/i.exec(authorization)?.[1]
  if (bearer === undefined) throw new Unproven('Bearer')
  const algorithm = textOf(data, 'algorithm') || 'HS256'
  const checks = { algorithm, now: Math.floor(nowMs / 1000), tolerance: 0, ignoreExpiration: false, ignoreNotBefore: false }
  // An empty secret would be one that everybody knows.
  if (data['keyType'] !== 'pemKey' && textOf(data, 'secret') === '') throw wrong()
  const { payload } = await verifyToken(bearer, data, checks).catch(() => {
    throw wrong()
  })
  return { jwtPayload: payload }
}

/** Who signs is known once the body is here; what can be told without it is told now. */
const signed = (rules: SignatureRules, data: JsonObject, headers: IncomingHttpHeaders, nowMs: number): Admitted => {
  if (typeof headers[rules.header] !== 'string') throw new Unproven('Signature')
  const secrets = [textOf(data, 'secret'), textOf(data, 'previousSecret')].filter((secret) => secret !== '')
  // An empty secret would be one that everybody knows.
  if (secrets.length === 0) throw wrong()
  const checkBytes = (body: Buffer): void => {
    if (!checkSignature(rules, secrets, headers, body, nowMs)) throw wrong()
  }
  return { secretHeader: rules.header, checkBytes }
}

/** Type of the credential that each kind of proof is compared with. */
const credentialTypes: Readonly<Record<WebhookAuthentication, string>> = {
  basicAuth: 'httpBasicAuth',
  headerAuth: 'httpHeaderAuth',
  jwtAuth: 'jwtAuth',
  signature: 'webhookSignature',
}
export const credentialTypeOf = (authentication: WebhookAuthentication): string => credentialTypes[authentication]

/**
 * Lets in who proves to know the credential of the webhook, before anything of the body is read.
 * @param now milliseconds since the epoch
 * The function it gives throws WeConnectError UNAUTHENTICATED (nothing was shown), FORBIDDEN (it was wrong, or there is nothing to compare it with)
 */
export const openAdmission = (credentials: Pick<Credentials, 'resolve'>, now: () => number): Admit => {
  const compare = ({ authentication, signature }: Lock, data: JsonObject, headers: IncomingHttpHeaders): Admitted | Promise<Admitted> => {
    if (authentication === 'basicAuth') return basic(data, headers)
    if (signature) return signed(signature, data, headers, now())
    return authentication === 'headerAuth' ? header(data, headers) : token(data, headers, now())
  }
  return async (lock, headers, organisationId) => {
    if (lock === undefined) return {}
    const type = credentialTypeOf(lock.authentication)
    const { data } = await credentials.resolve(organisationId, type, lock.reference).catch((error: unknown) => {
      if (!isWeConnectError(error, 'NODE_FAILED')) throw error
      throw new WeConnectError('FORBIDDEN', 'This webhook asks for a credential that is not there, so it answers nobody')
    })
    return compare(lock, data, headers)
  }
}
