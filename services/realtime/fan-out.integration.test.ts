import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Admin, openAdmin } from '@weconnect/admin/admin'
import { openRedis, type RedisLink } from '@weconnect/redis/connect'
import { openSocketFanOut } from '@weconnect/redis/socket-fan-out'
import { missingEngines, type OwnEngine, ownEngine } from '@weconnect/testing/engines'
import { type JournalFixture, openJournalFixture } from '@weconnect/testing/journal-fixture'
import { io, type Socket } from 'socket.io-client'
import { v4 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Realtime, startRealtime } from './realtime.ts'

/* Two processes' worth of push streams in one: each with a server and a connection to Redis of its own. */
const patience = { timeout: 60_000, interval: 50 }

interface Node {
  readonly url: string
  readonly link: RedisLink
  readonly realtime: Realtime
  readonly httpServer: Server
}

describe.skipIf(await missingEngines('redis'))('sockets of two processes, with a real Redis', () => {
  let redis: OwnEngine
  let fixture: JournalFixture
  let admin: Admin
  const nodes: Node[] = []
  const reported: unknown[] = []
  const open: Socket[] = []

  const startNode = async (): Promise<Node> => {
    const link = await openRedis({ url: redis.variables['REDIS_URL'] ?? '', prefix: 'sockets-test' })
    const httpServer = createServer()
    const realtime = startRealtime({
      ...{ httpServer, admin, journal: fixture.journal, frontendUrls: [], now: Date.now, adapter: openSocketFanOut(link) },
      report: (error) => reported.push(error),
    })
    await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
    return { url: `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`, link, realtime, httpServer }
  }
  beforeAll(async () => {
    redis = await ownEngine('redis')
    fixture = openJournalFixture()
    const { keyring } = fixture
    admin = openAdmin({ journal: fixture.journal, keyring, newId: uuid, now: Date.now, random: (bytes) => Buffer.alloc(bytes, 1) })
    nodes.push(await startNode(), await startNode())
  })
  afterAll(async () => {
    for (const socket of open) socket.disconnect()
    for (const { realtime, httpServer, link } of nodes) {
      await realtime.close()
      await new Promise((resolve) => httpServer.close(resolve))
      await link.close()
    }
    await fixture?.close()
    await redis?.remove()
  })

  const join = async (node: number): Promise<{ socket: Socket; joined: string[]; offers: unknown[] }> => {
    const owner = await admin.ensureOwner({ email: 'ada@example.org', password: 'correct horse' })
    const { token } = await admin.issueToken(owner.userId)
    const socket = io(`${nodes[node]?.url}/webrtc`, { auth: { token }, forceNew: true, transports: ['websocket'] })
    open.push(socket)
    const [joined, offers]: [string[], unknown[]] = [[], []]
    socket.on('user_joined', ({ userId }: { userId: string }) => joined.push(userId))
    socket.on('webrtc_offer', ({ offer }: { offer: unknown }) => offers.push(offer))
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
    return { socket, joined, offers }
  }

  test('members of a room meet across processes; while Redis is away those of one process still do; then all do again', async () => {
    const [here, alsoHere, there] = [await join(0), await join(0), await join(1)]
    const { userId: to } = await admin.ensureOwner({ email: 'ada@example.org' })
    const say = (from: typeof here, offer: string): void => void from.socket.emit('webrtc_offer', { to, offer })
    const joinRoom = (member: typeof here): void => void member.socket.emit('join_room', { room: 'r' })
    joinRoom(here)
    joinRoom(alsoHere)
    await expect.poll(() => here.joined.length, patience).toBe(1)
    const [known, alsoKnown] = [here.joined.length, alsoHere.joined.length]
    joinRoom(there)
    await expect.poll(() => here.joined.length > known && alsoHere.joined.length > alsoKnown, patience).toBe(true)
    say(there, 'hello')
    await expect.poll(() => [here.offers, alsoHere.offers, there.offers], patience).toEqual([['hello'], ['hello'], []])

    await redis.kill9()
    await expect.poll(() => nodes.map(({ link }) => link.status().state), patience).toEqual(['down', 'down'])
    say(here, 'alone')
    await expect.poll(() => alsoHere.offers, patience).toEqual(['hello', 'alone'])
    expect(there.offers).toEqual([])

    await redis.start()
    let count = 0
    await expect
      .poll(() => {
        count += 1
        say(here, `again ${count}`)
        return there.offers.length
      }, patience)
      .toBeGreaterThan(0)
    expect(reported).toEqual([])
  })
})
