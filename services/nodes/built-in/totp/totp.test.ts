import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { totp } from './node.ts'
import { fromBase32, oneTimePassword } from './one-time-password.ts'

// RFC 6238, appendix B: the secret is this text, repeated to the length of the hash.
const secretOf = (length: number) => Buffer.from('12345678901234567890'.repeat(4).slice(0, length))
test.each([
  ['sha1', 20, 59, '94287082'],
  ['sha256', 32, 59, '46119246'],
  ['sha512', 64, 59, '90693936'],
  ['sha1', 20, 1111111109, '07081804'],
  ['sha1', 20, 20000000000, '65353130'],
] as const)('%s, %d bytes at %d gives %s', (hash, length, seconds, password) => {
  expect(oneTimePassword(secretOf(length), seconds, { hash, digits: 8, period: 30 })).toBe(password)
})

test('Base32 is read without regard to case, spaces and padding', () => {
  expect(fromBase32('gezd gnbv GY3TQOJQ').toString()).toBe('1234567890')
  expect(fromBase32('MY======').toString()).toBe('f')
  expect(() => fromBase32('10')).toThrow('not Base32')
})

const run = async (options: JsonObject, secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ') =>
  (
    await runNode(totp, {
      items: itemsOf({}),
      parameters: { options },
      credentials: { totpApi: { secret, label: 'x' } },
      now: '1970-01-01T00:00:59.900Z',
    })
  ).outputs[0]![0]!.json

test('the node gives the password of its time and how long it lasts', async () => {
  expect(await run({})).toEqual({ token: '287082', secondsRemaining: 1 })
  expect(await run({ digits: 8 })).toEqual({ token: '94287082', secondsRemaining: 1 })
  await expect(run({ digits: 40 })).rejects.toThrow('Digits must be from 1 to 10')
  await expect(run({}, 'zz!')).rejects.toThrow('not Base32')
})
