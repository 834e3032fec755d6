import type { Connection, Pool } from '@weconnect/postgres/pool'
import { type Seat, takeSeat } from '@weconnect/postgres/seat'
import { startProjectorThread } from '@weconnect/projections/runner/client'
import { openProjectorElsewhere } from '@weconnect/projections/runner/elsewhere'
import type { Projector } from '@weconnect/projections/runner/face'
import { serveRequests } from '@weconnect/projections/runner/requests'
import { after, clock, timer } from '../owner/clock.ts'
import type { Foundation } from './foundation.ts'

const timers = { now: clock.now, after }
/** One number for all: of several runners one keeps the read models, the others wait until it is gone. */
const runnerSeat = 7_305_011

/** Keeps the read models, in a thread of its own. */
const startThread = ({ settings, kept, telemetry, report }: Foundation, database: Connection | string): Projector => {
  const { dataFolder, eventStoreUrl, stores, projectionTopics: topics } = settings
  return startProjectorThread({
    dataFolder,
    ...(eventStoreUrl !== undefined && { eventStoreUrl }),
    ...{ kept, database, stores, topics },
    timers,
    onStatus: (change) =>
      telemetry.log[change.state === 'running' || change.state === 'rebuilding' ? 'info' : 'error'](
        { change },
        'a read model changed its state',
      ),
    onError: (error) => report(error, 'projector thread'),
  })
}

/** The only runner of these read models. */
export const startProjections = (foundation: Foundation, database: Connection | string): Projector => {
  const projector = startThread(foundation, database)
  foundation.closing.add(() => projector.close())
  return projector
}

/** How far the read models are, for a process that does not keep them. */
export const watchProjections = ({ journal, closing }: Foundation, pool: Pool): Projector => {
  const projector = openProjectorElsewhere({ journal, sql: pool, timers })
  closing.add(() => projector.close())
  return projector
}

export interface StandbyProjector extends Projector {
  /** Whether this process keeps the read models; another does otherwise. */
  isActive(): boolean
}

/** One runner of several that work side by side: Kafka shares its topics out among them. What is asked of a runner, any of them does. */
const shareProjections = (foundation: Foundation, database: Connection | string, pool: Pool): StandbyProjector => {
  const projector = startThread(foundation, database)
  const stop = new AbortController()
  const serving = serveRequests(projector, pool, timers, stop.signal)
  foundation.closing.add(async () => {
    stop.abort()
    await serving
    await projector.close()
  })
  return { ...projector, close: async () => undefined, isActive: () => true }
}

/** One runner of several: it keeps the read models while it has the seat, and does what other processes ask of the runner. */
export const standByForProjections = (foundation: Foundation, database: Connection | string, pool: Pool): StandbyProjector => {
  const { closing, telemetry, report } = foundation
  if (foundation.settings.projectionTopics !== undefined) return shareProjections(foundation, database, pool)
  const elsewhere = watchProjections(foundation, pool)
  const stop = new AbortController()
  let active: Projector | undefined

  const serveOn = async (seat: Seat): Promise<void> => {
    telemetry.log.info('this process keeps the read models now')
    const projector = startThread(foundation, database)
    active = projector
    const over = new AbortController()
    const serving = serveRequests(projector, pool, timers, over.signal)
    await Promise.race([seat.lost, new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }))])
    active = undefined
    over.abort()
    await projector.close()
    await serving
    await seat.leave()
  }
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const seat = await takeSeat(pool, runnerSeat, timer, stop.signal)
      if (seat) await serveOn(seat).catch((error: unknown) => report(error, 'projections'))
    }
  }
  const running = run()
  closing.add(async () => {
    stop.abort()
    await running
  })
  const now = (): Projector => active ?? elsewhere
  return {
    status: () => now().status(),
    rebuild: (name, onProgress) => now().rebuild(name, onProgress),
    retry: (name) => now().retry(name),
    waitFor: (position, options) => now().waitFor(position, options),
    close: async () => undefined,
    isActive: () => active !== undefined,
  }
}
