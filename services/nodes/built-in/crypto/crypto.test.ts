import { createVerify, generateKeyPairSync } from 'node:crypto'
import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { crypto } from './node.ts'

const run = async (parameters: JsonObject) =>
  (await runNode(crypto, { items: itemsOf({ a: 1 }), parameters, typeVersion: 1 })).outputs[0]![0]!.json
const dataOf = async (parameters: JsonObject) => (await run(parameters))['data'] as string

test('hashes and keyed hashes, with the vectors of RFC 1321 and RFC 4231', async () => {
  expect(await run({ value: 'abc', dataPropertyName: 'h.md5' })).toEqual({ a: 1, h: { md5: '900150983cd24fb0d6963f7d28e17f72' } })
  expect(await dataOf({ action: 'hmac', type: 'SHA256', secret: 'Jefe', value: 'what do ya want for nothing?' })).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
  expect(await dataOf({ type: 'SHA3-256', value: '', encoding: 'base64' })).toBe('p//G+L8e12ZRwUdWoGHWYvWA/03kO0n6gtgKS4D4Q0o=')
})

test('signs so that the public key verifies', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const signature = await dataOf({ action: 'sign', algorithm: 'RSA-SHA256', value: 'text', privateKey: pem, encoding: 'base64' })
  expect(createVerify('RSA-SHA256').update('text').verify(publicKey, signature, 'base64')).toBe(true)
})

test('generates texts of the length that is asked for', async () => {
  expect(await dataOf({ action: 'generate' })).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  const text = (encodingType: string, stringLength: number) => dataOf({ action: 'generate', encodingType, stringLength })
  expect(await text('hex', 9)).toMatch(/^[0-9a-f]{9}$/)
  expect(await text('base64', 20_000)).toMatch(/^[\w+/]{20000}$/)
  expect(await text('ascii', 50)).toMatch(/^[!-~]{50}$/)
  await expect(text('hex', 1e9)).rejects.toThrow('from 1 to 65536')
})

test('what cannot be done is told without the secret', async () => {
  await expect(run({ type: 'SHA0', value: 'x' })).rejects.toThrow('The algorithm is not supported')
  const failure = run({ action: 'sign', algorithm: 'RSA-SHA256', value: 'x', privateKey: 'sesame' })
  await expect(failure).rejects.toThrow('The private key cannot be used')
  await expect(failure).rejects.not.toThrow('sesame')
})

test('hashes the bytes of a file, and keeps the file', async () => {
  const binary = { data: { data: Buffer.from('abc').toString('base64'), mimeType: 'text/plain' } }
  const hashed = async (parameters: JsonObject) =>
    (await runNode(crypto, { items: [{ json: {}, binary }], parameters, typeVersion: 1 })).outputs[0]![0]!
  expect(await hashed({ binaryData: true })).toMatchObject({ json: { data: '900150983cd24fb0d6963f7d28e17f72' }, binary })
  expect((await hashed({ action: 'hmac', binaryData: true, secret: 'x' })).json['data']).toBe(
    await dataOf({ action: 'hmac', secret: 'x', value: 'abc' }),
  )
  await expect(run({ binaryData: true })).rejects.toThrow("a binary file 'data', but none was found")
})

test('from version 2 on, secrets come from the credential alone', async () => {
  const hmac = { action: 'hmac', type: 'SHA256', secret: 'of the parameter', value: 'what do ya want for nothing?' }
  const credentials = { crypto: { hmacSecret: 'Jefe' } }
  const { outputs } = await runNode(crypto, { items: itemsOf({}), parameters: hmac, typeVersion: 2, credentials })
  expect(outputs[0]![0]!.json['data']).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
  await expect(runNode(crypto, { items: itemsOf({}), parameters: hmac, typeVersion: 2 })).rejects.toThrow('crypto')
})
