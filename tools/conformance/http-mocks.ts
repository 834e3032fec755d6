import { isDeepStrictEqual } from 'node:util'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { MockAgent } from 'undici'

type Pattern = string | { readonly $regexp: string }

/** One recorded answer of a server. */
export interface HttpMock {
  readonly base: Pattern
  readonly method: string
  readonly path: Pattern
  /** Absent: no query string; true: any. */
  readonly query?: true | string | JsonObject
  readonly body?: JsonValue
  readonly matchHeaders?: Readonly<Record<string, string>>
  readonly reqheaders?: Readonly<Record<string, string>>
  readonly basicAuth?: { readonly user: string; readonly pass: string }
  readonly status: number
  readonly response?: JsonValue
  readonly responseHeaders?: Readonly<Record<string, string>>
  readonly times?: number
  readonly persist?: boolean
  readonly networkError?: string | JsonObject
}

interface Call {
  readonly origin: string
  /** With the query string. */
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Servers of one case: each mock answers its number of requests and then is gone. */
export class MockServers {
  readonly #left: { readonly mock: HttpMock; times: number }[]
  /** Requests that nothing answered. */
  readonly unanswered: string[] = []

  constructor(mocks: readonly HttpMock[]) {
    this.#left = mocks.map((mock) => ({ mock, times: mock.persist ? Number.POSITIVE_INFINITY : (mock.times ?? 1) }))
  }

  answer(call: Call): HttpMock {
    const found = this.#left.find(({ mock, times }) => times > 0 && matches(mock, call))
    if (!found) {
      this.unanswered.push(`${call.method} ${call.origin}${call.path}${call.body === '' ? '' : ` ${call.body}`}`)
      throw new Error(`nothing answers ${call.method} ${call.origin}${call.path}`)
    }
    found.times -= 1
    return found.mock
  }
}

/** Sends what the egress client would send to the mocks of the case that runs now. */
export const mockDispatcher = (servers: () => MockServers): MockAgent => {
  const agent = new MockAgent()
  agent.disableNetConnect()
  agent
    .get(/.*/)
    .intercept({ path: () => true, method: () => true })
    .reply((request) => {
      const { origin, path, method, headers, body } = request as unknown as {
        readonly origin: string
        readonly path: string
        readonly method: string
        readonly headers: Readonly<Record<string, string>>
        readonly body: unknown
      }
      return replyOf(servers().answer({ origin: String(origin), path, method, headers: lowerCase(headers), body: textOf(body) }))
    })
    .persist()
  return agent
}

const lowerCase = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
const textOf = (body: unknown): string =>
  body === null || body === undefined ? '' : Buffer.isBuffer(body) ? body.toString() : String(body)

const replyOf = ({ status, response, responseHeaders, networkError }: HttpMock) => {
  if (networkError !== undefined) throw new Error(typeof networkError === 'string' ? networkError : JSON.stringify(networkError))
  const { data, type } = bodyOf(response)
  return { statusCode: status, data, responseOptions: { headers: { ...(type && { 'content-type': type }), ...responseHeaders } } }
}

const bodyOf = (response: JsonValue | undefined): { readonly data: string | Buffer; readonly type?: string } => {
  if (response === undefined || response === null) return { data: '' }
  if (typeof response === 'string') return { data: response }
  const { $buffer_base64: base64 } = response as { readonly $buffer_base64?: string }
  if (base64 !== undefined) return { data: Buffer.from(base64, 'base64') }
  return { data: JSON.stringify(response), type: 'application/json' }
}

const matches = (mock: HttpMock, call: Call): boolean =>
  mock.method.toUpperCase() === call.method.toUpperCase() &&
  matchesAddress(mock, call) &&
  matchesHeaders({ ...mock.matchHeaders, ...mock.reqheaders }, call) &&
  matchesUser(mock, call) &&
  matchesBody(mock.body, call)

const regexpOf = (pattern: { readonly $regexp: string }): RegExp => {
  const [, source = '', flags = ''] = /^\/([\s\S]*)\/([a-z]*)$/.exec(pattern.$regexp) ?? []
  return new RegExp(source, flags)
}

const matchesAddress = ({ base, path, query }: HttpMock, call: Call): boolean => {
  const [called = '', calledQuery] = splitOnce(call.path, '?')
  if (typeof base !== 'string') return regexpOf(base).test(call.origin) && matchesPath(path, called) && matchesQuery(query, calledQuery)
  const { origin, pathname } = new URL(base)
  const prefix = pathname.replace(/\/$/, '')
  if (origin !== call.origin || !called.startsWith(prefix)) return false
  const rest = called.slice(prefix.length)
  if (typeof path !== 'string') return regexpOf(path).test(rest) && matchesQuery(query, calledQuery)
  const [plain = '', own] = splitOnce(path, '?')
  return matchesPath(plain, rest) && matchesQuery(own === undefined ? query : own, calledQuery)
}

const splitOnce = (text: string, by: string): readonly [string, string | undefined] => {
  const index = text.indexOf(by)
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)]
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
const matchesPath = (path: Pattern, called: string): boolean =>
  typeof path === 'string' ? decoded(path) === decoded(called) || (path === '/' && called === '') : regexpOf(path).test(called)

const matchesQuery = (query: HttpMock['query'], called: string | undefined): boolean => {
  if (query === true) return true
  const wanted = typeof query === 'string' ? formOf(query) : flattened(query ?? {})
  return isDeepStrictEqual(sorted(wanted), sorted(formOf(called ?? '')))
}
const formOf = (text: string): [string, string][] => [...new URLSearchParams(text).entries()]
const sorted = (pairs: readonly (readonly [string, string])[]): string[] => pairs.map(([key, value]) => `${key}=${value}`).sort()

/** `{a: {b: 1}, c: [2, 3]}` as the pairs of a form: a[b]=1, c=2, c=3. */
const flattened = (value: JsonObject, prefix?: string): [string, string][] =>
  Object.entries(value).flatMap(([key, member]): [string, string][] => {
    const name = prefix === undefined ? key : `${prefix}[${key}]`
    if (Array.isArray(member)) return member.map((each) => [name, String(each)])
    if (typeof member === 'object' && member !== null) return flattened(member as JsonObject, name)
    return [[name, member === null ? '' : String(member)]]
  })

const matchesHeaders = (wanted: Readonly<Record<string, string>>, { headers }: Call): boolean =>
  Object.entries(wanted).every(([name, value]) => headers[name.toLowerCase()] === value)

const matchesUser = ({ basicAuth }: HttpMock, { headers }: Call): boolean =>
  basicAuth === undefined || headers['authorization'] === `Basic ${Buffer.from(`${basicAuth.user}:${basicAuth.pass}`).toString('base64')}`

const matchesBody = (wanted: JsonValue | undefined, { body }: Call): boolean => {
  if (wanted === undefined || wanted === null) return true
  if (typeof wanted === 'string') return body === wanted || isDeepStrictEqual(parsed(body), parsed(wanted))
  const { $regexp, $buffer_base64 } = wanted as { readonly $regexp?: string; readonly $buffer_base64?: string }
  if ($regexp !== undefined) return regexpOf({ $regexp }).test(body)
  if ($buffer_base64 !== undefined) return body === Buffer.from($buffer_base64, 'base64').toString()
  if (isDeepStrictEqual(parsed(body), wanted)) return true
  return isDeepStrictEqual(sorted(formOf(body)), sorted(flattened(wanted as JsonObject)))
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
