import { setTimeout as sleep } from 'node:timers/promises'
import { findErrorBy } from '@platformatic/kafka'

const limitMs = 60_000
const longestMs = 250

/** What a coordinator says that is busy, or has just moved: asking again later helps. */
const busy = ['CONCURRENT_TRANSACTIONS', 'COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR']

/** Asks again, after 2 ms and then ever longer waits up to 250 ms, while the coordinator is busy; for a minute at most. */
export const patiently = async <Answer>(
  ask: () => Promise<Answer>,
  isBusy: (error: unknown) => boolean = isBusyCoordinator,
): Promise<Answer> => {
  const limit = performance.now() + limitMs
  for (let waitMs = 2; ; waitMs = Math.min(waitMs * 1.5, longestMs)) {
    try {
      return await ask()
    } catch (error) {
      if (!isBusy(error) || performance.now() > limit) throw error
    }
    await sleep(waitMs)
  }
}

const isBusyCoordinator = (error: unknown): boolean =>
  error instanceof Error && busy.some((code) => findErrorBy(error, 'apiId', code) !== null)
