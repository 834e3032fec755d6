import { expect, test } from 'vitest'
import { hashPassword, passwordMatches, unmatchableHash } from './passwords.ts'

test('a password matches its own hash only', async () => {
  const hash = await hashPassword('correct horse', Buffer.alloc(16, 1))
  expect(hash).toMatch(/^scrypt\$16384\$8\$5\$/)
  expect(hash).not.toContain('correct')
  expect(await passwordMatches('correct horse', hash)).toBe(true)
  expect(await passwordMatches('correct horsf', hash)).toBe(false)
})

test('two forms of one character are the same password', async () => {
  expect(await passwordMatches('caf\u0065\u0301', await hashPassword('caf\u00e9', Buffer.alloc(16, 1)))).toBe(true)
})

test('a hash that cannot be read matches nothing', async () => {
  expect(await passwordMatches('', unmatchableHash)).toBe(false)
  expect(await passwordMatches('x', 'md5$x')).toBe(false)
})
