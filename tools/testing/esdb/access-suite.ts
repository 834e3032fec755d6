import { randomUUID } from 'node:crypto'
// biome-ignore lint/correctness/noUndeclaredDependencies: only the types; the tests of @weconnect/eventstore hand over the library
import type * as eventstore from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedLog, serveLog } from '../event-store-server.ts'
import { missing } from '../requires.ts'
import { hasOpenssl, type TestCertificate, testCertificate } from '../test-certificate.ts'

type Client = eventstore.EventStoreDBClient
const named = (name: string) => expect.objectContaining({ type: name })
// The newer client's bridge does not decode what an address escapes.
const password = 'correct-horse'

/** TLS, basic authentication, rights of streams, gossip: with one of the official clients, over a real socket. */
export const esdbAccessSuite = (
  name: string,
  library: Omit<typeof eventstore, 'EventStoreDBClient'>,
  connect: (url: string) => Client,
): void => {
  const someEvent = () => library.jsonEvent({ type: 'Noted', data: {} })

  describe.skipIf(missing('openssl', hasOpenssl()))(`${name}: access`, () => {
    let tls: TestCertificate
    let served: ServedLog
    let admin: Client
    const as = (user: string, secret: string, scheme = 'esdb'): Client =>
      connect(`${scheme}://${user}:${encodeURIComponent(secret)}@localhost:${served.port}?tlsCAFile=${tls.authorityFile}`)

    beforeAll(async () => {
      tls = testCertificate()
      served = await serveLog({ tls: { certificate: tls.certificate, key: tls.key, adminPassword: password } })
      admin = as('admin', password)
    })
    afterAll(async () => {
      await admin.dispose()
      await served.close()
      tls.remove()
    })

    test('an administrator writes, reads and subscribes', async () => {
      const stream = `notes-${randomUUID()}`
      await admin.appendToStream(stream, someEvent())
      expect(await Array.fromAsync(admin.readStream(stream))).toHaveLength(1)
      expect((await Array.fromAsync(admin.readAll())).length).toBeGreaterThan(0)
      const subscription = admin.subscribeToStream(stream)
      const [event] = await new Promise<unknown[]>((resolve, reject) =>
        subscription.once('data', (one) => resolve([one])).once('error', reject),
      )
      expect(event).toMatchObject({ event: { streamId: stream } })
      await subscription.unsubscribe()
    })

    test('a cluster is discovered by gossip', async () => {
      const client = as('admin', password, 'esdb+discover')
      await client.appendToStream(`notes-${randomUUID()}`, someEvent())
      await client.dispose()
    })

    test.each([
      ['a wrong password', 'admin', 'wrong'],
      ['an unknown user', 'nobody', password],
    ])('%s is refused everywhere', async (_, user, secret) => {
      const client = as(user, secret)
      const stream = `notes-${randomUUID()}`
      await expect(client.appendToStream(stream, someEvent())).rejects.toEqual(named('access-denied'))
      await expect(Array.fromAsync(client.readStream(stream))).rejects.toEqual(named('access-denied'))
      await expect(client.deleteStream(stream)).rejects.toEqual(named('access-denied'))
      await expect(client.listAllPersistentSubscriptions()).rejects.toEqual(named('access-denied'))
      await client.dispose()
    })

    test('credentials of a call count instead of those of the client', async () => {
      const credentials = { username: 'admin', password: 'wrong' }
      await expect(admin.appendToStream('notes-call', someEvent(), { credentials })).rejects.toEqual(named('access-denied'))
      const client = as('admin', 'wrong')
      await client.appendToStream('notes-call', someEvent(), { credentials: { username: 'admin', password } })
      await client.dispose()
    })

    test('who is no administrator may use plain streams, but not $all, system streams or those of WeConnect', async () => {
      const ops = as('ops', password)
      const stream = `notes-${randomUUID()}`
      await ops.appendToStream(stream, someEvent())
      expect(await Array.fromAsync(ops.readStream(stream))).toHaveLength(1)
      await expect(Array.fromAsync(ops.readAll())).rejects.toEqual(named('access-denied'))
      await expect(Array.fromAsync(ops.readStream('$user-admin'))).rejects.toEqual(named('access-denied'))
      const own = `execution-${randomUUID()}`
      await expect(ops.appendToStream(own, someEvent())).rejects.toEqual(named('access-denied'))
      await admin.appendToStream(own, someEvent())
      expect(await Array.fromAsync(ops.readStream(own))).toHaveLength(1)
      await expect(ops.deleteStream(own)).rejects.toEqual(named('access-denied'))
      await expect(ops.tombstoneStream(own)).rejects.toEqual(named('access-denied'))
      await expect(ops.setStreamMetadata(own, { truncateBefore: 1 })).rejects.toEqual(named('access-denied'))
      await ops.dispose()
    })

    test('the rights that a stream lists count', async () => {
      const stream = `notes-${randomUUID()}`
      const ops = as('ops', password)
      await admin.appendToStream(stream, someEvent())
      await admin.setStreamMetadata(stream, { acl: { readRoles: ['ops'], writeRoles: ['$admins'], metaWriteRoles: ['$admins'] } })
      expect(await Array.fromAsync(ops.readStream(stream))).toHaveLength(1)
      await expect(ops.appendToStream(stream, someEvent())).rejects.toEqual(named('access-denied'))
      await expect(ops.setStreamMetadata(stream, {})).rejects.toEqual(named('access-denied'))
      await admin.setStreamMetadata(stream, { acl: { readRoles: ['$admins'] } })
      await expect(Array.fromAsync(ops.readStream(stream))).rejects.toEqual(named('access-denied'))
      await ops.dispose()
    })

    test('without the certificate nobody is trusted', async () => {
      const client = connect(`esdb://admin:${encodeURIComponent(password)}@localhost:${served.port}`)
      await expect(client.appendToStream('notes-untrusted', someEvent(), { deadline: 5_000 })).rejects.toThrow()
      await client.dispose()
    })
  })

  test(`${name}: a log that is only shown can be read, and nothing else`, async () => {
    const served = await serveLog({ readOnly: true })
    const client = connect(served.url)
    expect(await Array.fromAsync(client.readAll())).toEqual([])
    for (const stream of ['execution-1', 'notes-1']) {
      await expect(client.appendToStream(stream, someEvent())).rejects.toEqual(named('access-denied'))
      await expect(client.deleteStream(stream)).rejects.toEqual(named('access-denied'))
      await expect(client.tombstoneStream(stream)).rejects.toEqual(named('access-denied'))
      await expect(client.setStreamMetadata(stream, { maxCount: 1 })).rejects.toEqual(named('access-denied'))
    }
    await client.dispose()
    await served.close()
  })
}
