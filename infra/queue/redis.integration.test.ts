import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openRedis, type RedisSettings } from '@weconnect/redis/connect'
import { describeQueues } from '@weconnect/testing/contracts/queue'
import { missingEngines, testEngine } from '@weconnect/testing/engines'
import { describe, expect, test } from 'vitest'
import type { Queues } from './port.ts'
import { openRedisQueues } from './redis.ts'

const hanging = fileURLToPath(new URL('../../tools/testing/stalled-job-process.ts', import.meta.url))

const freshSettings = async (): Promise<RedisSettings> => {
  const { variables } = await testEngine('redis')
  return { url: variables['REDIS_URL'] ?? '', prefix: `test-${randomUUID()}` }
}

const openOn = async (settings: RedisSettings): Promise<Queues> => {
  const link = await openRedis(settings)
  const queues = await openRedisQueues({ link, process: randomUUID(), onError: (error) => console.error(error) })
  const close = async (): Promise<void> => {
    await queues.close()
    await link.close()
  }
  return { ...queues, close }
}

describe.skipIf(await missingEngines('redis'))('with a real Redis', () => {
  describeQueues('queues in Redis', async () => openOn(await freshSettings()))

  test('the job of a process that was killed -9 is taken over, once, as a further try, and counted as stalled', async () => {
    const settings = await freshSettings()
    const queues = await openOn(settings)
    const child = spawn(process.execPath, [hanging, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await queues.add('notification', [{ key: 'one', data: { n: 1 } }])
      await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')
      expect((await queues.statistics()).notification).toMatchObject({ active: 1, stalled: 0 })
      child.kill('SIGKILL')
      const taken: unknown[] = []
      queues.work('notification', async ({ key, data, attempt }) => void taken.push([key, data, attempt]))
      await expect
        .poll(async () => (await queues.statistics()).notification, { timeout: 90_000, interval: 200 })
        .toMatchObject({ active: 0, waiting: 0, completed: 1, failed: 0, stalled: 1 })
      expect(taken).toEqual([['one', { n: 1 }, 2]])
    } finally {
      child.kill('SIGKILL')
      await queues.close()
    }
  }, 120_000)
})
