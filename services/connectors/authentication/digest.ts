import { createHash } from 'node:crypto'
import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import { withHeaders } from './apply.ts'

const hashes: Readonly<Record<string, string>> = { md5: 'md5', 'sha-256': 'sha256', 'sha-512-256': 'sha512-256' }

interface Challenge {
  readonly realm: string
  readonly nonce: string
  readonly algorithm: string
  readonly opaque: string | undefined
  readonly qop: string | undefined
}

const parametersOf = (challenge: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...challenge.matchAll(/([a-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi)].map(([, name = '', quoted, plain]) => [
      name.toLowerCase(),
      (quoted ?? plain ?? '').replace(/\\(.)/g, '$1'),
    ]),
  )

/** The challenge of an answer that asks for digest authentication; undefined when it asks for nothing that can be given. */
export const digestChallenge = ({ status, headers }: HttpResponse): Challenge | undefined => {
  const offered = [headers['www-authenticate'] ?? []].flat().map((one) => /\bdigest\s+(.*)$/i.exec(one)?.[1])
  for (const one of status === 401 ? offered : []) {
    const { realm = '', nonce, algorithm = 'MD5', opaque, qop } = parametersOf(one ?? '')
    const plain = algorithm.toLowerCase().replace(/-sess$/, '')
    if (nonce !== undefined && Object.hasOwn(hashes, plain)) return { realm, nonce, algorithm, opaque, qop }
  }
  return undefined
}

const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`

/** The request with an answer to the challenge (RFC 7616). @param cnonce a random text */
export const withDigest = (
  request: HttpRequest,
  { realm, nonce, algorithm, opaque, qop }: Challenge,
  { user, password }: { readonly user: string; readonly password: string },
  cnonce: string,
): HttpRequest => {
  const hash = (text: string): string =>
    createHash(hashes[algorithm.toLowerCase().replace(/-sess$/, '')]!)
      .update(text)
      .digest('hex')
  const { pathname, search } = new URL(request.url)
  const uri = `${pathname}${search}`
  const plain = hash(`${user}:${realm}:${password}`)
  const first = /-sess$/i.test(algorithm) ? hash(`${plain}:${nonce}:${cnonce}`) : plain
  const second = hash(`${request.method.toUpperCase()}:${uri}`)
  const isAuth = qop?.split(',').some((each) => each.trim() === 'auth') ?? false
  const response = hash(isAuth ? `${first}:${nonce}:00000001:${cnonce}:auth:${second}` : `${first}:${nonce}:${second}`)
  const parts = [
    `username=${quoted(user)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `algorithm=${algorithm}`,
    ...(isAuth ? ['qop=auth', 'nc=00000001', `cnonce=${quoted(cnonce)}`] : []),
    `response="${response}"`,
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ]
  return withHeaders(request, { authorization: `Digest ${parts.join(', ')}` })
}
