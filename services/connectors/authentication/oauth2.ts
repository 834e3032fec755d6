import { WeConnectError } from '@weconnect/contracts/errors'
import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import { isJsonObject, type JsonObject } from '@weconnect/contracts/json'
import { redactText, secretTexts } from '../redact.ts'
import { credentialTypeOf } from '../types/all.ts'
import { basicHeader, withHeaders } from './apply.ts'

type Send = (request: HttpRequest, signal?: AbortSignal) => Promise<HttpResponse>
export type Tokens = JsonObject

const textOf = (data: JsonObject, name: string): string => String(data[name] ?? '')

export const tokensOf = (data: JsonObject): Tokens => (isJsonObject(data['oauthTokenData']) ? data['oauthTokenData'] : {})

export const withAccessToken = (request: HttpRequest, tokens: Tokens): HttpRequest =>
  withHeaders(request, { authorization: `Bearer ${textOf(tokens, 'access_token')}` })

const additionalFields = (data: JsonObject): [string, string][] => {
  if (data['sendAdditionalBodyProperties'] !== true) return []
  const value = data['additionalBodyProperties']
  try {
    const fields: unknown = typeof value === 'string' ? JSON.parse(value) : value
    return isJsonObject(fields) ? Object.entries(fields).map(([name, each]) => [name, String(each)]) : []
  } catch {
    throw new WeConnectError('NODE_FAILED', 'The additional body properties of the OAuth2 credential are not JSON')
  }
}

const parsedTokens = (body: string): Tokens => {
  try {
    const value: unknown = JSON.parse(body)
    return isJsonObject(value) ? value : {}
  } catch {
    return Object.fromEntries(new URLSearchParams(body))
  }
}

/** @throws WeConnectError NODE_FAILED with what the service said, without secrets */
const requestTokens = async (
  send: Send,
  data: JsonObject,
  fields: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Tokens> => {
  const inBody = data['authentication'] === 'body'
  const [id, secret] = [textOf(data, 'clientId'), textOf(data, 'clientSecret')]
  const client: Readonly<Record<string, string>> = inBody ? { client_id: id, client_secret: secret } : {}
  const authorization = basicHeader(encodeURIComponent(id), encodeURIComponent(secret))
  const answer = await send(
    {
      method: 'POST',
      url: textOf(data, 'accessTokenUrl'),
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        ...(inBody ? {} : { authorization }),
      },
      body: new URLSearchParams([...Object.entries({ ...fields, ...client }), ...additionalFields(data)]).toString(),
      // What is in the body is secret too.
      secretBody: true,
      ...(data['ignoreSSLIssues'] === true ? { allowUnauthorizedCerts: true } : {}),
    },
    signal,
  )
  const tokens = answer.bodyEncoding === 'utf8' ? parsedTokens(answer.body) : {}
  if (answer.status < 400 && typeof tokens['access_token'] === 'string') return tokens
  const said = String(tokens['error_description'] ?? tokens['error'] ?? answer.statusText)
  const texts = secretTexts([...credentialTypeOf('oAuth2Api').secrets(data), ...Object.values(fields)])
  throw new WeConnectError(
    'NODE_FAILED',
    `The OAuth2 service gave no access token (status ${answer.status}): ${redactText(said, texts).slice(0, 300)}`,
  )
}

/** The first tokens that need no person. @throws WeConnectError NODE_FAILED */
export const firstTokens = (send: Send, data: JsonObject, signal?: AbortSignal): Promise<Tokens> => {
  if (data['grantType'] !== 'clientCredentials')
    throw new WeConnectError('NODE_FAILED', 'The OAuth2 credential is not connected yet: connect it, or give it oauthTokenData')
  const scope = textOf(data, 'scope')
  return requestTokens(send, data, { grant_type: 'client_credentials', ...(scope === '' ? {} : { scope }) }, signal)
}

/** Tokens in place of those that were refused; undefined when there is no way to get them. */
export const renewedTokens = async (send: Send, data: JsonObject, signal?: AbortSignal): Promise<Tokens | undefined> => {
  if (data['grantType'] === 'clientCredentials') return firstTokens(send, data, signal)
  const held = tokensOf(data)
  const refresh = held['refresh_token']
  if (typeof refresh !== 'string' || refresh === '') return undefined
  return { ...held, ...(await requestTokens(send, data, { refresh_token: refresh, grant_type: 'refresh_token' }, signal)) }
}

/** The tokens for a code that the service gave a person. */
export const tokensForCode = (
  send: Send,
  data: JsonObject,
  grant: { readonly code: string; readonly redirectUri: string; readonly verifier?: string | undefined },
): Promise<Tokens> =>
  requestTokens(send, data, {
    grant_type: 'authorization_code',
    code: grant.code,
    redirect_uri: grant.redirectUri,
    ...(grant.verifier === undefined ? {} : { code_verifier: grant.verifier }),
  })

/** @param now milliseconds since the epoch @returns ISO 8601 */
export const expiryOf = ({ expires_in: seconds }: Tokens, now: number): string | undefined => {
  const lifetime = Number(seconds)
  return seconds === undefined || !Number.isFinite(lifetime) ? undefined : new Date(now + lifetime * 1000).toISOString()
}
