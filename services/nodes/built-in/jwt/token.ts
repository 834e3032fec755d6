import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { CompactSign, compactVerify } from 'jose'
import { asText } from '../per-item.ts'

const failure = (message: string): WeConnectError => new WeConnectError('NODE_FAILED', message)

/** The key of a `jwtAuth` credential: a secret, or one half of a pair in PEM. */
const keyOf = ({ keyType, secret, privateKey, publicKey }: JsonObject, use: 'sign' | 'verify'): Uint8Array | KeyObject => {
  if (keyType !== 'pemKey') return new TextEncoder().encode(asText(secret))
  try {
    return use === 'sign' ? createPrivateKey(asText(privateKey)) : createPublicKey(asText(publicKey))
  } catch {
    throw failure(`The ${use === 'sign' ? 'private' : 'public'} key of the credential is not valid PEM`)
  }
}

/** A secret serves the HS algorithms only and a key pair the others: a public key is never taken for a secret. */
const checkAlgorithm = ({ keyType }: JsonObject, algorithm: string): void => {
  if (algorithm.startsWith('HS') === (keyType === 'pemKey'))
    throw failure(`Algorithm ${algorithm} does not go with the key of the credential`)
}

export interface Decoded {
  readonly header: JsonObject
  readonly payload: JsonValue
  readonly signature: string
}

const part = (text: string | undefined): JsonValue => {
  try {
    return JSON.parse(Buffer.from(text ?? '', 'base64url').toString('utf8')) as JsonValue
  } catch {
    throw failure('jwt malformed')
  }
}

/** The parts of a token; nothing is verified. @throws WeConnectError NODE_FAILED when it is no token */
export const decode = (token: string): Decoded => {
  const [head, body, signature, ...more] = token.trim().split('.')
  const header = part(head)
  if (signature === undefined || more.length > 0 || !isJsonObject(header)) throw failure('jwt malformed')
  return { header, payload: part(body), signature }
}

/** @param now seconds since the epoch: `iat`, unless the payload has one */
export const signToken = async (
  payload: JsonObject,
  credential: JsonObject,
  { algorithm, kid, now }: { readonly algorithm: string; readonly kid: string; readonly now: number },
): Promise<string> => {
  checkAlgorithm(credential, algorithm)
  const header = { alg: algorithm, typ: 'JWT', ...(kid === '' ? {} : { kid }) }
  const body = new TextEncoder().encode(JSON.stringify({ ...payload, iat: payload['iat'] ?? now }))
  try {
    return await new CompactSign(body).setProtectedHeader(header).sign(keyOf(credential, 'sign'))
  } catch (error) {
    if (error instanceof WeConnectError) throw error
    throw failure(`The key of the credential cannot sign with ${algorithm}`)
  }
}

export interface Checks {
  readonly algorithm: string
  /** Seconds since the epoch. */
  readonly now: number
  /** Seconds. */
  readonly tolerance: number
  readonly ignoreExpiration: boolean
  readonly ignoreNotBefore: boolean
}

const checkTimes = (payload: JsonValue, { now, tolerance, ignoreExpiration, ignoreNotBefore }: Checks): void => {
  const { exp, nbf } = isJsonObject(payload) ? payload : {}
  if (!ignoreNotBefore && nbf !== undefined && !(typeof nbf === 'number' && nbf <= now + tolerance)) throw failure('jwt not active')
  if (!ignoreExpiration && exp !== undefined && !(typeof exp === 'number' && now < exp + tolerance)) throw failure('jwt expired')
}

/** @throws WeConnectError NODE_FAILED: jwt malformed, invalid algorithm, invalid signature, jwt not active, jwt expired */
export const verifyToken = async (token: string, credential: JsonObject, checks: Checks): Promise<Decoded> => {
  checkAlgorithm(credential, checks.algorithm)
  const decoded = decode(token)
  if (decoded.header['alg'] !== checks.algorithm) throw failure('invalid algorithm')
  const key = keyOf(credential, 'verify')
  try {
    await compactVerify(token.trim(), key, { algorithms: [checks.algorithm] })
  } catch {
    throw failure('invalid signature')
  }
  checkTimes(decoded.payload, checks)
  return decoded
}
