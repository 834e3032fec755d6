import { WeConnectError } from '@weconnect/contracts/errors'
import type { HttpRequest } from '@weconnect/contracts/http'

/** One request of a chain of redirects, ready to send. */
export interface Hop {
  readonly method: string
  readonly url: URL
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
  /** Names of headers that are for the first server only; undefined: they follow every redirect. */
  readonly forOneServer: readonly string[] | undefined
  readonly bodyForOneServer: boolean
}

const parseUrl = (text: string, base?: URL): URL => {
  const url = URL.parse(text, base)
  if (url === null) throw new WeConnectError('EGRESS_FAILED', `"${text.slice(0, 200)}" is not a URL`)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new WeConnectError('EGRESS_DENIED', `"${url.protocol}" URLs are not allowed; use http or https`)
  return url
}

/** Takes user and password out of the URL and into a header, as clients do. */
const withUserInfo = (url: URL, headers: Readonly<Record<string, string>>): Pick<Hop, 'url' | 'headers'> => {
  if (url.username === '' && url.password === '') return { url, headers }
  const secret = Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64')
  const plain = new URL(url)
  plain.username = ''
  plain.password = ''
  return { url: plain, headers: { authorization: `Basic ${secret}`, ...headers } }
}

const lowerCaseNames = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** @throws WeConnectError EGRESS_FAILED for what is not a URL, EGRESS_DENIED for another protocol */
export const firstHop = (request: HttpRequest): Hop => {
  const { method, url, headers = {}, body, bodyEncoding = 'utf8', secretHeaders = [], secretBody, secretsFollowRedirects } = request
  return {
    method: method.toUpperCase(),
    ...withUserInfo(parseUrl(url), lowerCaseNames(headers)),
    body: body === undefined ? undefined : Buffer.from(body, bodyEncoding),
    forOneServer: secretsFollowRedirects ? undefined : [...alwaysForOneServer, ...secretHeaders],
    bodyForOneServer: secretBody === true && !secretsFollowRedirects,
  }
}

/** Headers that are meant for one server only. */
const alwaysForOneServer = ['authorization', 'cookie', 'proxy-authorization', 'host']
const ofBody = ['content-type', 'content-length', 'content-encoding', 'transfer-encoding']

const without = (headers: Readonly<Record<string, string>>, names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))

const becomesGet = (method: string, status: number): boolean =>
  (status === 303 && method !== 'GET' && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST')

export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

const withoutSecrets = (hop: Hop): Readonly<Record<string, string>> =>
  without(hop.headers, hop.forOneServer === undefined ? ['host'] : hop.forOneServer)

/**
 * The request that a redirect asks for: the body goes along with 307 and 308 only, and secrets only to the same origin.
 * @throws WeConnectError EGRESS_DENIED when the body is secret and would go to another origin
 */
export const nextHop = (hop: Hop, status: number, location: string): Hop => {
  const { url, headers: fromUrl } = withUserInfo(parseUrl(location, hop.url), {})
  const isSameOrigin = url.origin === hop.url.origin
  const headers = { ...(isSameOrigin ? hop.headers : withoutSecrets(hop)), ...fromUrl }
  if (becomesGet(hop.method, status)) return { ...hop, method: 'GET', url, headers: without(headers, ofBody), body: undefined }
  if (!isSameOrigin && hop.bodyForOneServer && hop.body !== undefined)
    throw new WeConnectError('EGRESS_DENIED', `${hop.url.origin} redirects to ${url.origin}, which must not get the credential in the body`)
  return { ...hop, url, headers }
}
