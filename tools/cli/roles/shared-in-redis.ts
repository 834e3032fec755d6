import { randomUUID } from 'node:crypto'
import type { GatewayOptions } from '@weconnect/gateway/face'
import type { Throttle } from '@weconnect/http/token-bucket'
import { openRedisQueues } from '@weconnect/queue/redis'
import { openRedis, type RedisSettings } from '@weconnect/redis/connect'
import { openRedisLive } from '@weconnect/redis/live'
import { openSharedThrottle } from '@weconnect/redis/rate-limits'
import { openSocketFanOut } from '@weconnect/redis/socket-fan-out'
import { clock } from '../owner/clock.ts'
import type { Foundation } from './foundation.ts'
import type { Shared } from './shared.ts'

/** Queues, messages, limits and sockets that processes share through Redis. @throws WeConnectError CONFIG_INVALID, UNAVAILABLE */
export const openSharedInRedis = async ({ closing, telemetry, report }: Foundation, settings: RedisSettings): Promise<Shared> => {
  const link = await openRedis(settings)
  closing.add(() => link.close())
  link.onChange((state) => telemetry.log[state.state === 'up' ? 'warn' : 'error']({ redis: state }, `Redis is ${state.state}`))
  const queues = await openRedisQueues({ link, process: randomUUID(), onError: (error) => report(error, 'queues') })
  closing.add(() => queues.close())
  const live = openRedisLive(link)
  closing.add(() => live.close())
  const throttle = (name: string, rate: Parameters<NonNullable<GatewayOptions['throttle']>>[1]): Throttle =>
    openSharedThrottle(link, name, rate, clock.now)
  const countEngine = (): void => undefined
  return { queues, live, countEngine, redis: { link, status: link.status, throttle, sockets: () => openSocketFanOut(link) } }
}
