import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import { describeLiveMessages } from '@weconnect/testing/contracts/live'
import { describeThrottles } from '@weconnect/testing/contracts/throttle'
import { missingEngines, ownEngine, testEngine } from '@weconnect/testing/engines'
import { afterAll, describe, expect, test } from 'vitest'
import { openSharedCache } from './cache.ts'
import { openRedis, type RedisLink } from './connect.ts'
import { openRedisLive } from './live.ts'
import { openSharedThrottle } from './rate-limits.ts'

const patience = { timeout: 60_000, interval: 20 }
const links: RedisLink[] = []
const open = async (prefix = `test-${randomUUID()}`): Promise<RedisLink> => {
  const { variables } = await testEngine('redis')
  const link = await openRedis({ url: variables['REDIS_URL'] ?? '', prefix })
  links.push(link)
  return link
}
afterAll(async () => {
  for (const link of links) await link.close()
})

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

describe.skipIf(await missingEngines('redis'))('with a real Redis', () => {
  describeThrottles('token buckets in Redis', async (rate) => openSharedThrottle(await open(), 'test', rate, Date.now))
  describeLiveMessages('live messages through Redis Streams', async () => {
    const prefix = `test-${randomUUID()}`
    return [openRedisLive(await open(prefix)), openRedisLive(await open(prefix))]
  })

  test('two processes share the tokens of a bucket', async () => {
    const bucket = randomUUID()
    const [one, other] = [await open('shared'), await open('shared')].map((link) =>
      openSharedThrottle(link, bucket, { burst: 2, perSecond: 0.001 }, Date.now),
    )
    expect([await one?.take('a'), await other?.take('a')]).toEqual([0, 0])
    expect(await one?.take('a')).toBeGreaterThan(0)
  })

  test('the cache gives back the bytes until their time is over', async () => {
    const cache = openSharedCache(await open(), 'results')
    expect(await cache.get('k')).toBeUndefined()
    cache.set('k', Buffer.from([0, 255, 1]), 60_000)
    cache.set('short', Buffer.from('x'), 1)
    await expect.poll(() => cache.get('k'), patience).toEqual(Buffer.from([0, 255, 1]))
    await expect.poll(() => cache.get('short'), patience).toBeUndefined()
  })

  test('a Redis that dies is said to be down and limits go on in the process; when it is back, all is as before', async () => {
    const own = await ownEngine('redis')
    const link = await openRedis({ url: own.variables['REDIS_URL'] ?? '', prefix: 'dies' })
    try {
      const throttle = openSharedThrottle(link, 'x', { burst: 1, perSecond: 0.001 }, Date.now)
      const cache = openSharedCache(link, 'c')
      const changes: string[] = []
      link.onChange(({ state }) => changes.push(state))
      expect([await throttle.take('a'), (await throttle.take('a')) > 0]).toEqual([0, true])
      await own.kill9()
      await expect.poll(() => link.status().state, patience).toBe('down')
      expect([await throttle.take('a'), (await throttle.take('a')) > 0]).toEqual([0, true])
      expect(await cache.get('k')).toBeUndefined()
      cache.set('k', Buffer.from('v'), 1_000)
      await own.start()
      await expect.poll(() => link.status().state, patience).toBe('up')
      // It kept nothing.
      await expect.poll(() => throttle.take('b'), patience).toBe(0)
      expect(changes).toEqual(['down', 'up'])
    } finally {
      await link.close()
      await own.remove()
    }
  })

  test('a password that is missing is told, and never shown', async () => {
    const { variables } = await testEngine('redis')
    const url = (variables['REDIS_URL'] ?? '').replace('redis://', 'redis://nobody:hush@')
    const refused = openRedis({ url, prefix: 'x' })
    await expect(refused).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^REDIS_URL=.*refuses.*redis:\/\/USER:PASSWORD@/),
    })
    await expect(refused).rejects.not.toThrow(/hush/)
  })
})

describe('an address that is wrong is told at the start: which variable, what failed, what to do', () => {
  test.each([
    ['http://localhost:6379', /REDIS_URL must be .*begins with neither/],
    ['localhost', /REDIS_URL must be .*no URL/],
    ['redis://localhost:6379/name', /REDIS_URL must be .*number of a database/],
  ])('%s', async (url, message) => {
    await expect(openRedis({ url, prefix: 'x' })).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) })
  })

  test('nobody there', async () => {
    const server = createServer()
    const port = await listening(server)
    await new Promise((resolve) => server.close(resolve))
    await expect(openRedis({ url: `redis://127.0.0.1:${port}`, prefix: 'x' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^REDIS_URL=redis:\/\/127.*no Redis or Valkey answers .*ECONNREFUSED.*engines up redis/),
    })
  })

  test.each([
    ['someone else', (socket: { end(text: string): void }) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['someone who says nothing', () => undefined],
  ])('%s', async (_, answer) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', () => answer(socket))
    })
    const port = await listening(server)
    await expect(openRedis({ url: `redis://127.0.0.1:${port}`, prefix: 'x' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^REDIS_URL=.*no Redis or Valkey answers/),
    })
    server.close()
  })
})
