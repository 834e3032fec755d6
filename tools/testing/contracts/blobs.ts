import { createHash, randomBytes } from 'node:crypto'
import type { Blobs } from '@weconnect/blobs/port'
import type { DataKey } from '@weconnect/secrets/port'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

export interface OpenedBlobStore {
  readonly blobs: Blobs
  /** The same store as another process has it. */
  readonly again: Blobs
  /** What is stored of each blob, by address. */
  stored(): Promise<ReadonlyMap<string, Buffer>>
  /** Puts other bytes in the place of what is stored. */
  replace(address: string, bytes: Buffer): Promise<void>
  close(): Promise<void>
}

export const someAddressKey = (organisationId: string): Buffer => createHash('sha256').update(organisationId).digest()

/** What is asked of every store of large payloads. */
export const blobsContract = (name: string, open: () => Promise<OpenedBlobStore>, skip = false): void => {
  describe.skipIf(skip)(`blobs in ${name}`, () => {
    let opened: OpenedBlobStore
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened?.close())

    const someKey = (keyId: string): DataKey => ({ keyId, key: randomBytes(32) })
    const key = someKey('k1')
    const unreadable = expect.objectContaining({ code: 'PAYLOAD_UNREADABLE' })

    test('content comes back, also in another process, and is not stored in clear', async () => {
      for (const content of [Buffer.from('a secret '.repeat(1000)), Buffer.alloc(0), randomBytes(3_000_000)]) {
        const address = await opened.blobs.put('org', content, key)
        expect((await opened.blobs.get(address, key.key)).equals(content)).toBe(true)
        expect((await opened.again.get(address, key.key)).equals(content)).toBe(true)
      }
      for (const bytes of (await opened.stored()).values()) expect(bytes.includes('secret')).toBe(false)
    })

    test('the same content is stored once, also when it is put at the same time', async () => {
      const before = (await opened.stored()).size
      const content = randomBytes(10_000)
      const addresses = await Promise.all(
        Array.from({ length: 10 }, (_, index) => (index % 2 ? opened.blobs : opened.again).put('org', content, key)),
      )
      expect(new Set(addresses).size).toBe(1)
      expect((await opened.stored()).size).toBe(before + 1)
      expect(await opened.blobs.get(addresses[0] ?? '', key.key)).toEqual(content)
    })

    test('another organisation or another key gives another address', async () => {
      const content = randomBytes(100)
      const next = someKey('k2')
      const addresses = [
        await opened.blobs.put('one', content, key),
        await opened.blobs.put('two', content, key),
        await opened.blobs.put('one', content, next),
      ]
      expect(new Set(addresses.map((address) => address.split('/')[1])).size).toBe(3)
      expect(await opened.blobs.get(addresses[2] ?? '', next.key)).toEqual(content)
    })

    test('a blob that is missing, damaged, exchanged or of another key is unreadable', async () => {
      const [one, two] = [await opened.blobs.put('org', randomBytes(50), key), await opened.blobs.put('org', randomBytes(60), key)]
      await expect(opened.blobs.get(`org/${'0'.repeat(64)}`, key.key)).rejects.toEqual(unreadable)
      await expect(opened.blobs.get(one, randomBytes(32))).rejects.toEqual(unreadable)
      const stored = await opened.stored()
      await opened.replace(one, stored.get(two) ?? Buffer.alloc(0))
      await expect(opened.blobs.get(one, key.key)).rejects.toEqual(unreadable)
      await opened.replace(two, Buffer.concat([stored.get(two) ?? Buffer.alloc(0), Buffer.from('x')]))
      await expect(opened.blobs.get(two, key.key)).rejects.toEqual(unreadable)
    })

    test.each(['../../etc/passwd', 'org/../../x', `org/${'z'.repeat(64)}`, ''])('%j is not an address', async (address) => {
      await expect(opened.blobs.get(address, key.key)).rejects.toEqual(unreadable)
    })
  })
}
