import { randomUUID } from 'node:crypto'
import { openRedisQueues } from '@weconnect/queue/redis'
import { openRedis, type RedisSettings } from '@weconnect/redis/connect'

/** Takes a job of the queue `notification`, says so, and never ends: a test kills it. */
const link = await openRedis(JSON.parse(process.argv[2] ?? '{}') as RedisSettings)
const queues = await openRedisQueues({ link, process: randomUUID(), onError: (error) => console.error(error) })
queues.work('notification', async ({ key }) => {
  console.log(`taken ${key}`)
  await new Promise(() => undefined)
})
