import { createHash, randomBytes } from 'node:crypto'
import type { DataKey } from '@weconnect/secrets/port'
import { testDatabase } from '@weconnect/testing/postgres'
import { expect, test } from 'vitest'
import { openPostgresBlobs } from './postgres.ts'

const addressKey = (organisationId: string): Buffer => createHash('sha256').update(organisationId).digest()
const someKey = (keyId: string): DataKey => ({ keyId, key: randomBytes(32) })
const unreadable = expect.objectContaining({ code: 'PAYLOAD_UNREADABLE' })

test('what one process keeps another finds; the same content is kept once, sealed', async () => {
  const database = await testDatabase()
  try {
    // Several processes start at once.
    const [one, two] = await Promise.all([openPostgresBlobs(database.pool, addressKey), openPostgresBlobs(database.pool, addressKey)])
    const [key, content] = [someKey('k1'), Buffer.from('a secret '.repeat(10_000))]
    const addresses = await Promise.all([one, two, one].map((blobs) => blobs.put('org', content, key)))
    expect(new Set(addresses).size).toBe(1)
    expect(await two.get(addresses[0] as string, key.key)).toEqual(content)
    const rows = await database.pool.query<{ bytes: Buffer }>('select bytes from weconnect_kept.blobs')
    expect(rows).toHaveLength(1)
    expect(rows[0]?.bytes.includes('secret')).toBe(false)
  } finally {
    await database.close()
  }
})

test('a blob that is missing, of another key, or moved to another address is unreadable', async () => {
  const database = await testDatabase()
  try {
    const blobs = await openPostgresBlobs(database.pool, addressKey)
    const key = someKey('k1')
    const [one, two] = [await blobs.put('org', Buffer.from('one'), key), await blobs.put('other', Buffer.from('two'), key)]
    await expect(blobs.get(one, randomBytes(32))).rejects.toEqual(unreadable)
    await expect(blobs.get(`org/${'0'.repeat(64)}`, key.key)).rejects.toEqual(unreadable)
    await expect(blobs.get('../etc/passwd', key.key)).rejects.toEqual(unreadable)
    await database.pool.query(
      'update weconnect_kept.blobs set bytes = (select bytes from weconnect_kept.blobs where address = $1) where address = $2',
      [two, one],
    )
    await expect(blobs.get(one, key.key)).rejects.toEqual(unreadable)
  } finally {
    await database.close()
  }
})
