import type { JsonObject } from '@weconnect/contracts/json'
import type { LiveMessages } from '@weconnect/redis/live-port'
import type { Queues, Statistics } from './port.ts'

export const sampleTopic = 'queues'
export const sampleEveryMs = 15_000

/** All queues at one moment, as it is said on `sampleTopic`. */
export interface QueueSample {
  /** ISO 8601. */
  readonly time: string
  readonly queues: Statistics
}

const key = 'queue-sample'

/**
 * The work of the analytics queue: how full the queues are, every 15 seconds, once for all processes.
 * @param now milliseconds since the epoch
 */
export const sampleQueues = async (queues: Queues, live: LiveMessages, now: () => number): Promise<void> => {
  queues.work('analytics', async () => {
    const sample: QueueSample = { time: new Date(now()).toISOString(), queues: await queues.statistics() }
    await live.publish(sampleTopic, sample as unknown as JsonObject)
  })
  const ask = (): Promise<void> => queues.repeat('analytics', { key, data: {} }, sampleEveryMs).catch(() => undefined)
  queues.onLoss(() => void ask())
  await ask()
}
