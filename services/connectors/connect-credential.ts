import { createHash } from 'node:crypto'
import type { Context } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { Egress } from '@weconnect/http/egress'
import { open, seal } from '@weconnect/secrets/seal'
import { expiryOf, tokensForCode } from './authentication/oauth2.ts'
import type { Credentials } from './credentials.ts'

/** Where services send people back to; the path that n8n has, so that what was registered with a service still holds. */
export const callbackPath = '/rest/oauth2-credential/callback'

/** Milliseconds that a person has to agree. */
const patienceMs = 10 * 60_000

export interface CredentialConnections {
  /**
   * Where a person lets the service give tokens to a credential.
   * @throws WeConnectError NOT_FOUND, INVALID_INPUT when it is no OAuth2 credential that a person connects
   */
  begin(
    credentialId: string,
    context: Pick<Context, 'organisationId'>,
  ): Promise<{ readonly authorizationUrl: string; readonly redirectUri: string; readonly expiresAt: string }>
  /**
   * Takes what the service sent the person back with: trades the code for tokens and keeps them.
   * @throws WeConnectError INVALID_INPUT, NODE_FAILED with what the service said, EGRESS_DENIED, EGRESS_FAILED
   */
  finish(answer: Readonly<Record<string, unknown>>): Promise<{ readonly credentialName: string }>
}

export interface ConnectionParts {
  readonly credentials: Pick<Credentials, 'open' | 'storeTokens'>
  readonly egress: Pick<Egress, 'request'>
  /** 32 bytes, for nothing else. */
  readonly key: Buffer
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Random text that nobody can guess, of letters, digits, - and _, 43 to 128 characters. */
  readonly newVerifier: () => string
  /** Address by which the instance is reached, without a slash at its end. */
  readonly publicUrl: () => string
}

/** What a connection that was begun is about. It travels with the person, sealed: nobody can make one, read one, or change one. */
interface Begun {
  readonly credentialId: string
  readonly organisationId: string
  /** Of the credential when it was begun: keeping the tokens raises it, so that it is good once, on every machine and after every crash. */
  readonly revision: number
  readonly verifier?: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

const aad = Buffer.from('oauth2 state')
const stale = (why: string): WeConnectError => new WeConnectError('INVALID_INPUT', `${why}: begin to connect the credential again`)

const sealedState = (key: Buffer, begun: Begun): string => seal(key, Buffer.from(JSON.stringify(begun)), aad).toString('base64url')

const openedState = (key: Buffer, state: unknown): Begun => {
  if (typeof state !== 'string' || state.length > 4_000) throw stale('This is no answer to a connection that was begun here')
  try {
    return JSON.parse(open(key, Buffer.from(state, 'base64url'), aad).toString()) as Begun
  } catch {
    throw stale('This is no answer to a connection that was begun here')
  }
}

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value.trim() : '')

const authorizationUrlOf = (data: JsonObject, fields: Readonly<Record<string, string>>): string => {
  const url = URL.parse(text(data['authUrl']))
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new WeConnectError('INVALID_INPUT', 'The authorization URL of the credential is not an address of the web')
  for (const [name, value] of new URLSearchParams(text(data['authQueryParameters']))) url.searchParams.set(name, value)
  for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value)
  return url.href
}

const challengeOf = (verifier: string): Readonly<Record<string, string>> => ({
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
})

const refusalOf = ({ error, error_description: description }: Readonly<Record<string, unknown>>): WeConnectError =>
  new WeConnectError('INVALID_INPUT', `The service did not agree: ${String(description ?? error).slice(0, 300)}`)

/** Credentials of type oAuth2Api that a person connects: authorization code, with or without PKCE. */
export const openCredentialConnections = (parts: ConnectionParts): CredentialConnections => {
  const { credentials, egress, key, now, newVerifier, publicUrl } = parts
  const redirectUri = (): string => `${publicUrl()}${callbackPath}`
  /** Two answers at once would trade one code twice. */
  const underWay = new Set<string>()

  const begin: CredentialConnections['begin'] = async (credentialId, { organisationId }) => {
    const { type, data, revision } = await credentials.open(credentialId, organisationId)
    const grantType = data['grantType'] ?? 'authorizationCode'
    if (type !== 'oAuth2Api' || grantType === 'clientCredentials')
      throw new WeConnectError(
        'INVALID_INPUT',
        'Only OAuth2 credentials with the grant types authorizationCode and pkce are connected by a person',
      )
    const verifier = grantType === 'pkce' ? newVerifier() : undefined
    const until = now() + patienceMs
    const state = sealedState(key, { credentialId, organisationId, revision, until, ...(verifier !== undefined && { verifier }) })
    const scope = text(data['scope'])
    const authorizationUrl = authorizationUrlOf(data, {
      response_type: 'code',
      client_id: text(data['clientId']),
      redirect_uri: redirectUri(),
      ...(scope !== '' && { scope }),
      state,
      ...(verifier !== undefined && challengeOf(verifier)),
    })
    return { authorizationUrl, redirectUri: redirectUri(), expiresAt: new Date(until).toISOString() }
  }

  const trade = async ({ credentialId, organisationId, revision, verifier }: Begun, code: string): Promise<string> => {
    const credential = await credentials.open(credentialId, organisationId)
    if (credential.revision !== revision) throw stale('This answer was used, or the credential has changed')
    const tokens = await tokensForCode(egress.request, credential.data, { code, redirectUri: redirectUri(), verifier })
    await credentials.storeTokens(credentialId, organisationId, tokens, expiryOf(tokens, now()))
    return credential.name
  }

  const finish: CredentialConnections['finish'] = async (answer) => {
    const begun = openedState(key, answer['state'])
    if (!isJsonObject(begun) || now() > begun.until) throw stale('This took too long')
    if (answer['error'] !== undefined) throw refusalOf(answer)
    const { code } = answer
    if (typeof code !== 'string' || code === '') throw stale('The service sent no code')
    if (underWay.has(begun.credentialId)) throw stale('This answer is being used')
    underWay.add(begun.credentialId)
    try {
      return { credentialName: await trade(begun, code) }
    } finally {
      underWay.delete(begun.credentialId)
    }
  }

  return { begin, finish }
}
