import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DataKey } from '@weconnect/secrets/port'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFileBlobs } from './files.ts'
import type { Blobs } from './port.ts'

let folder: string
let blobs: Blobs
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weconnect-blobs-'))
  blobs = openFileBlobs({ folder, addressKey: (organisationId) => createHash('sha256').update(organisationId).digest() })
})
afterEach(() => rmSync(folder, { recursive: true }))

const someKey = (keyId: string): DataKey => ({ keyId, key: randomBytes(32) })
const key = someKey('k1')
const files = (): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
const unreadable = expect.objectContaining({ code: 'PAYLOAD_UNREADABLE' })

test('content comes back, and is not on the disk in clear', async () => {
  const content = Buffer.from('a secret '.repeat(1000))
  const address = await blobs.put('org', content, key)
  expect(await blobs.get(address, key.key)).toEqual(content)
  expect(files()).toHaveLength(1)
  expect(readFileSync(files()[0] as string).includes('secret')).toBe(false)
})

test('the same content is stored once, also when it is put at the same time', async () => {
  const content = randomBytes(10_000)
  const addresses = await Promise.all(Array.from({ length: 10 }, () => blobs.put('org', content, key)))
  expect(new Set(addresses).size).toBe(1)
  expect(files()).toHaveLength(1)
  expect(await blobs.get(addresses[0] as string, key.key)).toEqual(content)
})

test('another organisation or another key gives another address', async () => {
  const content = randomBytes(100)
  const next = someKey('k2')
  const addresses = [await blobs.put('one', content, key), await blobs.put('two', content, key), await blobs.put('one', content, next)]
  expect(new Set(addresses.map((address) => address.split('/')[1])).size).toBe(3)
  expect(await blobs.get(addresses[2] as string, next.key)).toEqual(content)
})

test('a blob that is missing, damaged, exchanged or of another key is unreadable', async () => {
  const [one, two] = [await blobs.put('org', Buffer.from('one'), key), await blobs.put('org', Buffer.from('two'), key)]
  const [first, second] = files() as [string, string]
  await expect(
    blobs.get(
      one.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      key.key,
    ),
  ).rejects.toEqual(unreadable)
  await expect(blobs.get(one, randomBytes(32))).rejects.toEqual(unreadable)
  writeFileSync(first, readFileSync(second))
  await expect(Promise.all([blobs.get(one, key.key), blobs.get(two, key.key)])).rejects.toEqual(unreadable)
})

test.each(['../../etc/passwd', 'org/../../x', `org/${'z'.repeat(64)}`, ''])('%j is not an address', async (address) => {
  await expect(blobs.get(address, key.key)).rejects.toEqual(unreadable)
})
