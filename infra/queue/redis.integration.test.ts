import { randomUUID } from 'node:crypto'
import { openRedis } from '@weconnect/redis/connect'
import { missingEngines, testEngine } from '@weconnect/testing/engines'
import { describeQueues } from '@weconnect/testing/queue-contract'
import { describe } from 'vitest'
import type { Queues } from './port.ts'
import { openRedisQueues } from './redis.ts'

const openOnRedis = async (): Promise<Queues> => {
  const { variables } = await testEngine('redis')
  const link = await openRedis({ url: variables['REDIS_URL'] ?? '', prefix: `test-${randomUUID()}` })
  const queues = await openRedisQueues({ link, process: randomUUID(), onError: (error) => console.error(error) })
  const close = async (): Promise<void> => {
    await queues.close()
    await link.close()
  }
  return { ...queues, close }
}

describe.skipIf(await missingEngines('redis'))('with a real Redis', () => describeQueues('queues in Redis', openOnRedis))
