import { createHmac } from 'node:crypto'
import type { HttpRequest } from '@weconnect/contracts/http'
import { isJsonObject, type JsonObject } from '@weconnect/contracts/json'
import { withHeaders } from './apply.ts'

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

const hashes: Readonly<Record<string, string>> = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256', 'HMAC-SHA512': 'sha512' }

const isForm = ({ headers = {} }: HttpRequest): boolean =>
  Object.entries(headers).some(
    ([name, value]) => name.toLowerCase() === 'content-type' && /^application\/x-www-form-urlencoded/i.test(value),
  )

const byName = ([a, x]: readonly [string, string], [b, y]: readonly [string, string]): number =>
  a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1

/** The request signed (RFC 5849). @param time seconds since the epoch @param nonce a random text */
export const withOAuth1 = (request: HttpRequest, data: JsonObject, time: number, nonce: string): HttpRequest => {
  const tokens = isJsonObject(data['oauthTokenData']) ? data['oauthTokenData'] : {}
  const method = String(data['signatureMethod'] ?? 'HMAC-SHA1')
  const own: readonly (readonly [string, string])[] = [
    ['oauth_consumer_key', String(data['consumerKey'] ?? '')],
    ['oauth_nonce', nonce],
    ['oauth_signature_method', method],
    ['oauth_timestamp', String(time)],
    ['oauth_version', '1.0'],
    ...(tokens['oauth_token'] === undefined ? [] : [['oauth_token', String(tokens['oauth_token'])] as const]),
  ]
  const url = new URL(request.url)
  const form = isForm(request) ? [...new URLSearchParams(request.body)] : []
  const parameters = [...own, ...url.searchParams, ...form].map(([name, value]) => [encoded(name), encoded(value)] as const).sort(byName)
  const joined = parameters.map(([name, value]) => `${name}=${value}`).join('&')
  const base = [request.method.toUpperCase(), `${url.origin}${url.pathname}`, joined].map(encoded).join('&')
  const key = `${encoded(String(data['consumerSecret'] ?? ''))}&${encoded(String(tokens['oauth_token_secret'] ?? ''))}`
  const signature = createHmac(hashes[method] ?? 'sha1', key)
    .update(base)
    .digest('base64')
  const header = [...own, ['oauth_signature', signature] as const].map(([name, value]) => `${encoded(name)}="${encoded(value)}"`).join(', ')
  return withHeaders(request, { authorization: `OAuth ${header}` })
}
