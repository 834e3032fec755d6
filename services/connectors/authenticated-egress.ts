import { WeConnectError } from '@weconnect/contracts/errors'
import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import type { JsonValue } from '@weconnect/contracts/json'
import type { Egress } from '@weconnect/http/egress'
import { assertDomainAllowed } from './allowed-domains.ts'
import { applierOf } from './authentication/apply.ts'
import { digestChallenge, withDigest } from './authentication/digest.ts'
import { withOAuth1 } from './authentication/oauth1.ts'
import { expiryOf, firstTokens, renewedTokens, type Tokens, tokensOf, withAccessToken } from './authentication/oauth2.ts'
import type { Credentials, UsableCredential } from './credentials.ts'
import { redactResponse, redactText, secretTexts } from './redact.ts'
import { credentialTypeOf } from './types/all.ts'

type Send = Egress['request']

/** Whose credentials a node may use: those that its own definition in the workflow refers to. */
export interface CredentialSite {
  readonly organisationId: string
  /** References by type: `{type: {id, name}}`. */
  readonly credentials?: JsonValue | undefined
}

export interface Authentication {
  readonly credentials: Credentials
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** A random text that was never given before. */
  readonly newNonce: () => string
}

/** The way out for the nodes of a site: adds the credential that a request names, and takes it out of what comes back. */
export interface AuthenticatedEgress {
  request(request: HttpRequest, site: CredentialSite, signal?: AbortSignal): Promise<HttpResponse>
}

export const secretsOf = ({ type, data }: Pick<UsableCredential, 'type' | 'data'>): readonly string[] =>
  secretTexts(credentialTypeOf(type).secrets(data))

/** Milliseconds before its end that a token is renewed, for the way and for clocks that differ. */
const earlyMs = 10_000

/** The reference in the node's own definition. */
export const referenceFor = (type: string, { credentials }: CredentialSite): JsonValue | undefined =>
  typeof credentials === 'object' && credentials !== null && !Array.isArray(credentials) && Object.hasOwn(credentials, type)
    ? (credentials as Readonly<Record<string, JsonValue>>)[type]
    : undefined

/** Values that were made of secrets, such as a signature, are as secret. */
const sentSecrets = (sent: HttpRequest): readonly string[] =>
  Object.entries(sent.headers ?? {}).flatMap(([name, value]) =>
    sent.secretHeaders?.includes(name.toLowerCase()) ? [value, value.replace(/^\w+ /, '')] : [],
  )

export const openAuthenticatedEgress = (
  egress: Pick<Egress, 'request'>,
  { credentials, now, newNonce }: Authentication,
): AuthenticatedEgress => {
  /** One renewal at a time for each credential: a refresh token may be good for one use only. */
  const renewals = new Map<string, Promise<Tokens | undefined>>()

  const stored = async (credential: UsableCredential, organisationId: string, tokens: Tokens | undefined): Promise<Tokens | undefined> => {
    if (tokens) await credentials.storeTokens(credential.credentialId, organisationId, tokens, expiryOf(tokens, now()))
    return tokens
  }
  const tokensOnce = (
    credential: UsableCredential,
    organisationId: string,
    get: () => Promise<Tokens | undefined>,
  ): Promise<Tokens | undefined> => {
    const key = `${credential.credentialId} ${credential.revision}`
    const running = renewals.get(key)
    if (running) return running
    const renewal = get()
      .then((tokens) => stored(credential, organisationId, tokens))
      .finally(() => renewals.delete(key))
    renewals.set(key, renewal)
    return renewal
  }

  /** Tokens that another request got meanwhile: those it used to get them may be good no more. */
  const newerTokens = async ({ credentialId }: UsableCredential, organisationId: string, used: Tokens | undefined) => {
    const latest = tokensOf((await credentials.open(credentialId, organisationId)).data)
    return typeof latest['access_token'] === 'string' && latest['access_token'] !== used?.['access_token'] ? latest : undefined
  }
  const renew = (credential: UsableCredential, organisationId: string, tokens: Tokens | undefined, signal?: AbortSignal) =>
    tokensOnce(credential, organisationId, () =>
      renewedTokens(egress.request, { ...credential.data, oauthTokenData: tokens ?? {} }, signal),
    )

  const isOver = ({ tokensExpireAt }: UsableCredential): boolean =>
    tokensExpireAt !== undefined && now() > Date.parse(tokensExpireAt) - earlyMs
  /** What cannot be renewed is tried as it is: the service has the last word. */
  const renewedBefore = async (credential: UsableCredential, organisationId: string, held: Tokens, signal?: AbortSignal) =>
    (await newerTokens(credential, organisationId, held)) ?? (await renew(credential, organisationId, held, signal))

  const withTokens = async (request: HttpRequest, credential: UsableCredential, site: CredentialSite, send: Send, signal?: AbortSignal) => {
    const { data } = credential
    const { organisationId } = site
    const held = tokensOf(data)
    const has = typeof held['access_token'] === 'string' && held['access_token'] !== ''
    const tokens = has
      ? isOver(credential)
        ? ((await renewedBefore(credential, organisationId, held, signal)) ?? held)
        : held
      : await tokensOnce(credential, organisationId, () => firstTokens(egress.request, data, signal))
    const answer = await send(withAccessToken(request, tokens ?? {}), signal)
    if (answer.status !== Number(data['tokenExpiredStatusCode'] ?? 401)) return answer
    const renewed = (await newerTokens(credential, organisationId, tokens)) ?? (await renew(credential, organisationId, tokens, signal))
    return renewed ? send(withAccessToken(request, renewed), signal) : answer
  }

  const withChallenge = async (request: HttpRequest, { data }: UsableCredential, send: Send, signal?: AbortSignal) => {
    const answer = await send(request, signal)
    const challenge = digestChallenge(answer)
    const [user, password] = [String(data['user'] ?? ''), String(data['password'] ?? '')]
    return challenge ? send(withDigest(request, challenge, { user, password }, newNonce()), signal) : answer
  }

  const authenticated = async (
    request: HttpRequest,
    credential: UsableCredential,
    site: CredentialSite,
    send: Send,
    signal?: AbortSignal,
  ) => {
    const apply = applierOf(credential.type)
    if (apply) return send(apply(request, credential.data), signal)
    if (credential.type === 'httpDigestAuth') return withChallenge(request, credential, send, signal)
    if (credential.type === 'oAuth1Api') return send(withOAuth1(request, credential.data, Math.floor(now() / 1000), newNonce()), signal)
    if (credential.type === 'oAuth2Api') return withTokens(request, credential, site, send, signal)
    throw new WeConnectError('NODE_FAILED', `A credential of type ${credential.type} cannot be used in HTTP requests`)
  }

  return {
    request: async ({ credential: type, ...request }, site, signal) => {
      if (type === undefined) return egress.request(request, signal)
      const credential = await credentials.resolve(site.organisationId, type, referenceFor(type, site))
      assertDomainAllowed(credential.name, credential.allowedDomains, request.url)
      const secrets = new Set(secretsOf(credential))
      const guarded: Send = (sent, sentSignal) => {
        for (const text of secretTexts(sentSecrets(sent))) secrets.add(text)
        // Hosts that were not named must not get it by way of a redirect either.
        const follows = sent.secretsFollowRedirects === true && credential.allowedDomains === undefined
        return egress.request({ ...sent, secretsFollowRedirects: follows }, sentSignal)
      }
      const texts = () => [...secrets].sort((a, b) => b.length - a.length)
      try {
        return redactResponse(await authenticated(request, credential, site, guarded, signal), texts())
      } catch (error) {
        throw error instanceof WeConnectError
          ? new WeConnectError(error.code, redactText(error.message, texts()), { problems: error.problems })
          : error
      }
    },
  }
}
