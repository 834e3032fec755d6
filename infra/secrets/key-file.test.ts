import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openKeyFile } from './key-file.ts'
import type { DataKey } from './port.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weconnect-keys-'))
  path = join(folder, 'deeper', 'keys.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

const failing = (pattern: RegExp) => expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(pattern) })
const sealingKey = (organisationId: string, at = path): DataKey => openKeyFile(at).sealing(organisationId) as DataKey

test('the file is made on first use, for its owner only', () => {
  openKeyFile(path)
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('keys differ by organisation and survive', () => {
  const keys = openKeyFile(path)
  const [one, two] = [keys.sealing('one') as DataKey, keys.sealing('two') as DataKey]
  expect(one.key).toHaveLength(32)
  expect(one.key.equals(two.key)).toBe(false)
  expect(keys.sealing('one')).toBe(one)
  const again = openKeyFile(path)
  expect(again.sealing('one')).toEqual(one)
  expect(again.find(two.keyId)).toEqual(two.key)
  expect(again.find('unknown')).toBeUndefined()
})

test('derived keys differ by purpose and survive', () => {
  const keys = openKeyFile(path)
  expect(keys.derive('tokens')).toHaveLength(32)
  expect(keys.derive('tokens').equals(keys.derive('blobs'))).toBe(false)
  expect(openKeyFile(path).derive('tokens')).toEqual(keys.derive('tokens'))
})

test('no data key is in the file in clear', () => {
  const { key } = sealingKey('one')
  const text = readFileSync(path, 'utf8')
  for (const encoding of ['base64', 'base64url', 'hex'] as const) expect(text).not.toContain(key.toString(encoding))
})

test('another process finds keys that were made after it opened the file', () => {
  const [owner, reader] = [openKeyFile(path), openKeyFile(path)]
  const { keyId, key } = owner.sealing('late') as DataKey
  expect(reader.find(keyId)).toEqual(key)
})

test('a destroyed key is gone for good and followed by a new one', () => {
  const keys = openKeyFile(path)
  const old = keys.sealing('one') as DataKey
  const kept = keys.sealing('two') as DataKey
  keys.destroy(old.keyId)
  expect(keys.find(old.keyId)).toBeUndefined()
  expect(openKeyFile(path).find(old.keyId)).toBeUndefined()
  expect(keys.find(kept.keyId)).toEqual(kept.key)
  expect((keys.sealing('one') as DataKey).keyId).not.toBe(old.keyId)
})

test('a file that others may read is refused with what to do', () => {
  openKeyFile(path)
  chmodSync(path, 0o640)
  expect(() => openKeyFile(path)).toThrow(failing(/chmod 600/))
})

test.each([
  ['no JSON', '{'],
  ['another thing', '{"version":1}'],
  ['a later version', '{"version":2,"masterKey":"","keys":[]}'],
])('a file that holds %s is refused', (_, content) => {
  openKeyFile(path)
  writeFileSync(path, content, { mode: 0o600 })
  expect(() => openKeyFile(path)).toThrow(failing(/backup/))
})

test('a path that cannot be is refused', () => {
  writeFileSync(join(folder, 'file'), '')
  expect(() => openKeyFile(join(folder, 'file', 'keys.json'))).toThrow(failing(/cannot be opened/))
})
