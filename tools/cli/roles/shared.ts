import type { GatewayOptions } from '@weconnect/gateway/face'
import { openEmbeddedQueues } from '@weconnect/queue/embedded'
import type { Queues } from '@weconnect/queue/port'
import type { RedisLink, RedisState } from '@weconnect/redis/connect'
import { openEmbeddedLive } from '@weconnect/redis/live-embedded'
import type { LiveMessages } from '@weconnect/redis/live-port'
import type { SocketFanOut } from '@weconnect/redis/socket-fan-out'
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
export const openShared = async (foundation: Foundation): Promise<Shared> => {
  const { settings, closing } = foundation
  if (settings.redis !== undefined) return (await import('./shared-in-redis.ts')).openSharedInRedis(foundation, settings.redis)
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
