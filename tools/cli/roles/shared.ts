import { randomUUID } from 'node:crypto'
import type { GatewayOptions } from '@weconnect/gateway/face'
import type { Throttle } from '@weconnect/http/token-bucket'
import { openEmbeddedQueues } from '@weconnect/queue/embedded'
import type { Queues } from '@weconnect/queue/port'
import { openRedisQueues } from '@weconnect/queue/redis'
import { openRedis, type RedisLink, type RedisState } from '@weconnect/redis/connect'
import { openRedisLive } from '@weconnect/redis/live'
import { openEmbeddedLive } from '@weconnect/redis/live-embedded'
import type { LiveMessages } from '@weconnect/redis/live-port'
import { openSharedThrottle } from '@weconnect/redis/rate-limits'
import { openSocketFanOut, type SocketFanOut } from '@weconnect/redis/socket-fan-out'
import { after, clock } from '../owner/clock.ts'
import type { Foundation } from './foundation.ts'

/** What the processes of an installation share for the moment, and can lose: in Redis when it is set, else each process has its own. */
export interface Shared {
  readonly queues: Queues
  readonly live: LiveMessages
  /** Tells the queues of an engine in this process: without Redis it is what executions wait for. */
  readonly countEngine: (status: EngineStatus) => void
  readonly redis?: {
    readonly link: RedisLink
    readonly status: () => RedisState
    readonly throttle: NonNullable<GatewayOptions['throttle']>
    /** Made when it is asked for: not every role has sockets. */
    readonly sockets: () => SocketFanOut
  }
}

type EngineStatus = () => { readonly running: number; readonly queued: number }

/** Executions that are run where they are found are no jobs; their numbers stand where those of the jobs would. */
const withEngine = (queues: Queues, engine: () => EngineStatus): Queues => ({
  ...queues,
  statistics: async () => {
    const statistics = await queues.statistics()
    const { running, queued } = engine()()
    const executions = { ...statistics['workflow-execution'], waiting: queued, active: Math.max(0, running - queued) }
    return { ...statistics, 'workflow-execution': executions }
  },
})

/** @throws WeConnectError CONFIG_INVALID, UNAVAILABLE */
export const openShared = async ({ settings, closing, telemetry, report }: Foundation): Promise<Shared> => {
  if (settings.redis === undefined) {
    let engine: EngineStatus = () => ({ running: 0, queued: 0 })
    const queues = withEngine(openEmbeddedQueues({ now: clock.now, after }), () => engine)
    const live = openEmbeddedLive()
    closing.add(() => live.close())
    closing.add(() => queues.close())
    const countEngine = (status: EngineStatus): void => {
      engine = status
    }
    return { queues, live, countEngine }
  }
  const link = await openRedis(settings.redis)
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
