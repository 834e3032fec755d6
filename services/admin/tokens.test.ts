import { createHmac, generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { authorise, permissions } from './permissions.ts'
import { openTokens } from './tokens.ts'

const key = Buffer.alloc(32, 7)
const nowMs = Date.parse('2026-01-01T00:00:00.000Z')
const principal = { userId: 'u', organisationId: 'o', role: 'editor' } as const
const tokens = openTokens(key)
const request = { principal, tokenId: 't', nowMs, ttlSeconds: 60 }
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = { sub: 'u', org: 'o', role: 'owner', jti: 't', iss: 'weconnect', exp: nowMs / 1000 + 60 }
const signedBy = (secret: Buffer, header: object, payload: object) => {
  const body = `${base64(header)}.${base64(payload)}`
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
}

test('a token says who asks', async () => {
  expect(await tokens.verify(await tokens.issue(request), nowMs)).toEqual(principal)
})

test('a token that was made by hand with the right key is good: the refusals below are for their reasons', async () => {
  expect(await tokens.verify(signedBy(key, { alg: 'HS256' }, claims), nowMs)).toMatchObject({ role: 'owner' })
})

test('a token ends at its exp, also when it was believed before', async () => {
  const token = await tokens.issue(request)
  await tokens.verify(token, nowMs + 59_000)
  await expect(tokens.verify(token, nowMs + 60_000)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' })
})

const forged: Readonly<Record<string, () => string | Promise<string>>> = {
  'another key': () => signedBy(Buffer.alloc(32, 8), { alg: 'HS256' }, claims),
  'algorithm none': () => `${base64({ alg: 'none' })}.${base64(claims)}.`,
  'an algorithm the key does not serve': () => signedBy(key, { alg: 'HS512' }, claims),
  'an asymmetric algorithm': () =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
  'another issuer': () => signedBy(key, { alg: 'HS256' }, { ...claims, iss: 'someone' }),
  'no expiry': () => signedBy(key, { alg: 'HS256' }, { ...claims, exp: undefined }),
  'a role that does not exist': () => signedBy(key, { alg: 'HS256' }, { ...claims, role: 'god' }),
  'no organisation': () => signedBy(key, { alg: 'HS256' }, { ...claims, org: undefined }),
  'a changed payload': async () => {
    const [header, , signature] = (await tokens.issue(request)).split('.')
    return `${header}.${base64(claims)}.${signature}`
  },
  nonsense: () => 'nonsense',
  nothing: () => '',
}
test.each(Object.keys(forged))('a token with %s is refused with the same words', async (what) => {
  const refusal = { code: 'UNAUTHENTICATED', message: 'Authentication is required' }
  await expect(tokens.verify((await forged[what]?.()) ?? '', nowMs)).rejects.toMatchObject(refusal)
})

test('the matrix of roles and actions', () => {
  const may = (role: 'owner' | 'admin' | 'editor' | 'viewer') =>
    Object.keys(permissions).filter((action) => {
      try {
        authorise({ ...principal, role }, action as keyof typeof permissions)
        return true
      } catch {
        return false
      }
    })
  const all = Object.keys(permissions)
  expect(may('owner')).toEqual(all)
  expect(may('admin')).toEqual(all)
  expect(may('editor')).toEqual(all.filter((action) => !['audit:read', 'projection:manage', 'queue:inspect'].includes(action)))
  expect(may('viewer')).toEqual(all.filter((action) => action.endsWith(':read') && action !== 'audit:read'))
})
