import { WeConnectError } from '@weconnect/contracts/errors'
import type { Journal } from '@weconnect/eventstore/journal'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import type { Pool } from '@weconnect/postgres/pool'
import { takeSeat } from '@weconnect/postgres/seat'
import { readModels } from '../../read-models.ts'
import { openProjectorElsewhere } from '../elsewhere.ts'
import type { Projector } from '../face.ts'
import type { Projection } from '../projection.ts'
import type { StatusChange } from '../runner.ts'
import { standbyStore } from '../stores/standby-store.ts'
import type { ReadModelStore } from '../stores/store.ts'
import { rebuildStore } from '../stores/store-rebuild.ts'
import { startStoreRunner } from '../stores/store-runner.ts'
import { rest, type Timers } from '../timers.ts'
import type { Progress } from '../waiters.ts'
import { topicFeed } from './topic-feed.ts'

export interface TopicStoreOptions {
  readonly journal: Journal
  /** Its sessions say which process keeps the store; one more than others need, for each store. */
  readonly pool: Pool
  readonly kafka: KafkaSettings
  readonly store: ReadModelStore
  readonly timers: Timers
  readonly onStatus?: (change: StatusChange) => void
  /** Called after every batch. */
  readonly onMoved?: (progress: readonly Progress[]) => void
  /** Called with what another process, which keeps the store, has noted. */
  readonly onFollowed?: (progress: readonly Progress[]) => void
}

/** One number for each store, the same for all processes. */
const seats: Readonly<Record<string, number>> = { 'run-logs': 7_305_012, search: 7_305_013, 'performance-metrics': 7_305_014 }

const modelOf = (name: string): Projection => {
  const model = readModels.find((each) => each.name === name)
  if (model !== undefined) return model
  throw new WeConnectError('INTERNAL', `no read model is named ${name}`)
}

/** Keeps the read model of a store up with the topics, while no other process does. Answers at once. */
export const startStoreFromTopics = (options: TopicStoreOptions): Projector => {
  const { journal, pool, kafka, store, timers } = options
  const { name } = store
  let closed = false
  const wait = (ms: number, signal: AbortSignal): Promise<void> => rest(timers, ms, signal)
  const standby = standbyStore({
    ...{ name, timers },
    takeSeat: (signal) => takeSeat(pool, seats[name] ?? 0, { wait }, signal),
    // It may come and go; the store is closed with the process.
    start: () =>
      startStoreRunner({
        ...options,
        store: { ...store, close: async () => undefined },
        feed: topicFeed({ journal, kafka, timers, projection: modelOf(name) }),
      }),
    elsewhere: openProjectorElsewhere({ journal, sql: pool, timers }),
    rebuildBeside: (onProgress) =>
      rebuildStore(
        { journal, store, timers, exclusively: (work) => work(), live: () => undefined, isClosed: () => closed },
        onProgress,
        async () => undefined,
      ),
    onMoved: (progress) => options.onFollowed?.(progress),
  })
  return {
    ...standby,
    close: async () => {
      closed = true
      await standby.close()
      await store.close()
    },
  }
}
