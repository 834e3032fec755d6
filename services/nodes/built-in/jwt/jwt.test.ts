import { generateKeyPairSync } from 'node:crypto'
import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { jwt } from './node.ts'

const bySecret = { keyType: 'passphrase', secret: 'a secret that is not short', algorithm: 'HS256' }
/** 2026-01-02T03:04:05Z in seconds. */
const now = 1767323045
const run = async (parameters: JsonObject, jwtAuth: JsonObject = bySecret, at?: string) =>
  (await runNode(jwt, { items: itemsOf({}), parameters, credentials: { jwtAuth }, ...(at ? { now: at } : {}) })).outputs[0]![0]!.json
const tokenOf = async (parameters: JsonObject, jwtAuth = bySecret as JsonObject) => (await run(parameters, jwtAuth))['token'] as string

test('signs, with the time of the step, and verifies', async () => {
  const token = await tokenOf({ claims: { audience: 'shop', expiresIn: 60 }, options: { kid: 'k1' } })
  expect(await run({ operation: 'verify', token, options: { complete: true } })).toEqual({
    header: { alg: 'HS256', typ: 'JWT', kid: 'k1' },
    payload: { audience: 'shop', exp: now + 60, iat: now },
    signature: token.split('.')[2],
  })
  expect(await run({ operation: 'decode', token: await tokenOf({ useJson: true, claimsJson: '{"a": 1}' }) })).toEqual({
    payload: { a: 1, iat: now },
  })
})

test.each(['rsa', 'ec'] as const)('signs with a private %s key and verifies with the public one', async (kind) => {
  const pair = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const credential = {
    keyType: 'pemKey',
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }) as string,
    algorithm: kind === 'rsa' ? 'RS256' : 'ES256',
  }
  const token = await tokenOf({ claims: { subject: 's' } }, credential)
  expect(await run({ operation: 'verify', token }, credential)).toEqual({ payload: { subject: 's', iat: now } })
})

test('a token out of its time fails, unless that is ignored or tolerated', async () => {
  const token = await tokenOf({ claims: { expiresIn: 60, notBefore: 10 } })
  const at = (time: string, options: JsonObject = {}) => run({ operation: 'verify', token, options }, bySecret, time)
  await expect(at('2026-01-02T03:04:05Z')).rejects.toThrow('jwt not active')
  await expect(at('2026-01-02T03:05:05Z')).rejects.toThrow('jwt expired')
  expect(await at('2026-01-02T03:04:20Z')).toHaveProperty('payload')
  expect(await at('2026-01-02T03:05:06Z', { clockTolerance: 5 })).toHaveProperty('payload')
  expect(await at('2026-01-02T03:09:05Z', { ignoreExpiration: true })).toHaveProperty('payload')
  expect(await at('2026-01-02T03:04:05Z', { ignoreNotBefore: true })).toHaveProperty('payload')
})

test('a token that was changed, unsigned, or signed otherwise fails', async () => {
  const token = await tokenOf({ claims: { subject: 's' } })
  const [head, , signature] = token.split('.')
  const forged = `${head}.${Buffer.from('{"subject":"root"}').toString('base64url')}.${signature}`
  const verify = (given: string, credential: JsonObject = bySecret) => run({ operation: 'verify', token: given }, credential)
  await expect(verify(forged)).rejects.toThrow('invalid signature')
  const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${token.split('.')[1]}.`
  await expect(verify(unsigned)).rejects.toThrow('invalid algorithm')
  await expect(verify('zz')).rejects.toThrow('jwt malformed')
  await expect(verify(token, { ...bySecret, algorithm: 'HS512' })).rejects.toThrow('invalid algorithm')
  await expect(verify(token, { keyType: 'pemKey', publicKey: 'x', algorithm: 'HS256' })).rejects.toThrow('does not go with the key')
})
