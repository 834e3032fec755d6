import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Binaries } from '@weconnect/contracts/binaries'
import { type KeyFile, openKeyFile } from '@weconnect/secrets/key-file'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBinaries } from './binaries.ts'
import { openFileBlobs } from './files.ts'

const [one, two] = ['organisation-1', 'organisation-2']
let folder: string
let keyring: KeyFile
let binaries: Binaries
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weconnect-binaries-'))
  keyring = openKeyFile(join(folder, 'keys.json'))
  const blobs = openFileBlobs({ folder: join(folder, 'blobs'), addressKey: (id) => keyring.derive(`blobs/${id}`) })
  binaries = openBinaries({ blobs, keyring })
})
afterEach(() => rmSync(folder, { recursive: true }))

const stored = (): number =>
  readdirSync(join(folder, 'blobs'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length

test.each([
  ['text', Buffer.from('again and '.repeat(10_000))],
  ['noise', randomBytes(100_000)],
  ['nothing', Buffer.alloc(0)],
])('%s comes back, and is stored once', async (_, bytes) => {
  const id = await binaries.keep(one, bytes)
  expect(await binaries.keep(one, bytes)).toBe(id)
  expect(await binaries.read(one, id)).toEqual(bytes)
  expect(stored()).toBe(1)
})

test('another organisation cannot read it, whatever id it makes up', async () => {
  const id = await binaries.keep(one, Buffer.from('secret'))
  await binaries.keep(two, Buffer.from('own'))
  for (const forged of [id, id.replace(one, two), id.replace(`${one}/`, `${two}/../${one}/`)])
    await expect(binaries.read(two, forged)).rejects.toMatchObject({ code: 'PAYLOAD_UNREADABLE' })
})

test('erased with the key of its organisation', async () => {
  const id = await binaries.keep(one, Buffer.from('secret'))
  keyring.destroy(id.split(':')[2]!)
  await expect(binaries.read(one, id)).rejects.toThrow('erased')
})

test.each(['', 'blob', 'filesystem-v2:a/b', 'blob:raw:k:organisation-1/../../etc/passwd'])('%j names nothing', async (id) => {
  await expect(binaries.read(one, id)).rejects.toMatchObject({ code: 'PAYLOAD_UNREADABLE' })
})
