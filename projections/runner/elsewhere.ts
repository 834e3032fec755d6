import type { Journal } from '@weconnect/eventstore/journal'
import { type Sql, sqlState } from '@weconnect/postgres/pool'
import { type Checkpoint, readCheckpoints } from './checkpoints.ts'
import type { ProjectionStatus, Projector } from './face.ts'
import { askRunner } from './requests.ts'
import { rest, type Timers } from './timers.ts'
import { distance, type Progress, positionWaiters } from './waiters.ts'

export interface ProjectorElsewhereOptions {
  readonly journal: Pick<Journal, 'head' | 'readAll'>
  readonly sql: Sql
  readonly timers: Timers
}

/** Milliseconds between two looks while somebody waits for their own write. */
const lookMs = 20
const undefinedTable = '42P01'

/** The projections for a process that does not run them: what they keep beside their rows tells how far they are. */
export const openProjectorElsewhere = ({ journal, sql, timers }: ProjectorElsewhereOptions): Projector => {
  let progress: readonly Progress[] = []
  let looking = false
  let closed = false

  const checkpoints = (): Promise<readonly Checkpoint[]> =>
    readCheckpoints(sql).catch((error: unknown) => {
      if (sqlState(error) === undefinedTable) return []
      throw error
    })

  const look = async (): Promise<void> => {
    progress = (await checkpoints()).map(({ name, position, status }) => ({
      name,
      position: position ?? undefined,
      condition: status,
    }))
    waiters.moved()
  }

  const lookWhileWaited = async (): Promise<void> => {
    if (looking) return
    looking = true
    while (waiters.any && !closed) {
      await look().catch(() => undefined)
      if (waiters.any) await rest(timers, lookMs)
    }
    looking = false
  }

  const waiters = positionWaiters(
    timers,
    () => progress,
    () => void lookWhileWaited(),
  )

  return {
    status: async () => {
      const [head, rows] = await Promise.all([journal.head(), checkpoints()])
      const oldest = new Map<string, Promise<number>>()
      return Promise.all(rows.map((row) => statusOf(row, head, (position) => ageAfter(journal, position, timers.now(), oldest))))
    },
    rebuild: async (name, onProgress) => {
      const done = await askRunner(sql, timers, 'rebuild', name, onProgress)
      return done ?? { name, events: 0, eventsPerSecond: 0, fraction: 1, done: true }
    },
    retry: async (name) => void (await askRunner(sql, timers, 'retry', name)),
    waitFor: waiters.waitFor,
    close: async () => {
      closed = true
    },
  }
}

const statusOf = async (
  { name, version, position, status, error }: Checkpoint,
  head: string | undefined,
  age: (position: string | undefined) => Promise<number>,
): Promise<ProjectionStatus> => {
  const at = position ?? undefined
  const eventsBehind = Math.max(0, distance(at, head))
  return {
    ...{ name, version, position: at, eventsBehind },
    state: status,
    ...(status === 'waiting' && { unreachable: 'its server does not answer the process that keeps it' }),
    msBehind: eventsBehind === 0 ? 0 : await age(at),
    poison: error ?? undefined,
  }
}

/** Milliseconds; most projections stand at the same position, so each is asked for once. */
const ageAfter = (
  journal: ProjectorElsewhereOptions['journal'],
  position: string | undefined,
  now: number,
  known: Map<string, Promise<number>>,
): Promise<number> => {
  const key = position ?? ''
  const age = async (): Promise<number> => {
    const [next] = await journal.readAll({ after: position, limit: 1 }).catch(() => [])
    return next === undefined ? 0 : Math.max(0, now - Date.parse(next.time))
  }
  const asked = known.get(key) ?? age()
  known.set(key, asked)
  return asked
}
