import type { Envelope, Position } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Journal } from '@weconnect/eventstore/journal'
import { inTransaction, type Pool, type Session } from '@weconnect/postgres/pool'
import { type BatchWriter, batchWriter } from './batch-writer.ts'
import { readCheckpoints, saveCheckpoint } from './checkpoints.ts'
import { factsOfExecutions } from './execution-facts.ts'
import type { RebuildProgress } from './face.ts'
import { createAllIndexes, createTables, createViews, dropRelations } from './migrate.ts'
import { relationsOf } from './projection.ts'
import { checkpointOf, type ProjectionState, stateOf } from './state.ts'
import { rest, type Timers } from './timers.ts'
import { distance } from './waiters.ts'

export interface RebuildParts {
  readonly journal: Journal
  readonly pool: Pool
  readonly timers: Timers
  /** Runs something while no batch is applied to the tables that are being read. */
  readonly exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>
  readonly isClosed: () => boolean
  /** In the transaction that swaps the tables: everything up to the position is in them. */
  readonly swapped?: (session: Session, position: Position | undefined) => Promise<void>
}

const batchEvents = 4_000

/**
 * Builds the tables of a projection anew from the log, in a schema of their own, behind those that are being read; then swaps them in one transaction.
 * @throws WeConnectError PROJECTION_STOPPED when an event cannot be applied: the old tables stay
 */
export const rebuildTables = async (
  parts: RebuildParts,
  live: ProjectionState,
  onProgress: (progress: RebuildProgress) => void,
): Promise<RebuildProgress> => {
  const { journal, pool, exclusively } = parts
  const { projection } = live
  const schema = `rebuild_${projection.name.replaceAll('-', '_')}`
  const next = stateOf(projection, schema)
  const writer = batchWriter(pool, factsOfExecutions(journal), async () => {})
  const report = reporter(parts, projection.name, onProgress)
  try {
    await makeSchema(pool, next)
    await follow(parts, writer, next, report, undefined)
    // Here and below its session is given back: a rebuild never waits for one while it holds another.
    writer.close()
    await onSession(pool, (session) => createAllIndexes(session, projection, schema))
    await follow(parts, writer, next, report, undefined)
    writer.close()
    await exclusively(async () => {
      await follow(parts, writer, next, report, live)
      writer.close()
      await swap(parts, live, next)
    })
    return report([], 1, true)
  } finally {
    writer.close()
    await pool.query(`drop schema if exists ${schema} cascade`).catch(() => {})
  }
}

type Report = (events: readonly Envelope[], fraction: number, done?: boolean) => RebuildProgress

const reporter = ({ timers }: RebuildParts, name: string, onProgress: (progress: RebuildProgress) => void): Report => {
  const began = timers.now()
  let total = 0
  return (events, fraction, done = false) => {
    total += events.length
    const progress = {
      name,
      events: total,
      eventsPerSecond: Math.round((total * 1_000) / Math.max(1, timers.now() - began)),
      fraction,
      done,
    }
    onProgress(progress)
    return progress
  }
}

/** Reads on until it is near the end of the log, or, with `live`, at least as far as that. */
const follow = async (
  { journal, timers, isClosed }: RebuildParts,
  writer: BatchWriter,
  next: ProjectionState,
  report: Report,
  live: ProjectionState | undefined,
): Promise<void> => {
  for (;;) {
    if (isClosed()) throw new WeConnectError('UNAVAILABLE', 'the projections are closing')
    const events = await journal.readAll({ after: next.position, limit: batchEvents })
    if (events.length === 0) return
    await writer.apply([next], events)
    if (next.poison !== undefined)
      throw new WeConnectError(
        'PROJECTION_STOPPED',
        `${next.poison.type} ${next.poison.eventId} of ${next.poison.stream}: ${next.poison.error}`,
      )
    const head = await journal.head()
    report(events, Math.min(1, distance(undefined, next.position) / Math.max(1, distance(undefined, head))))
    if (live === undefined ? distance(next.position, head) < batchEvents : (next.position ?? '') >= (live.position ?? '')) return
    // Folding is synchronous: others get their turn.
    await rest(timers, 0)
  }
}

const makeSchema = (pool: Pool, { projection, schema }: ProjectionState): Promise<void> =>
  onSession(pool, (session) =>
    inTransaction(session, async () => {
      await session.query(`drop schema if exists ${schema} cascade`)
      await session.query(`create schema ${schema}`)
      await createTables(session, projection, schema)
    }),
  )

const swap = ({ pool, swapped }: RebuildParts, live: ProjectionState, next: ProjectionState): Promise<void> =>
  onSession(pool, async (session) => {
    await inTransaction(session, async () => {
      const old = (await readCheckpoints(session)).find(({ name }) => name === live.projection.name)?.relations ?? []
      await dropRelations(session, [...old, ...relationsOf(live.projection)])
      for (const { name } of live.projection.tables) await session.query(`alter table ${next.schema}.${name} set schema public`)
      await createViews(session, live.projection)
      await saveCheckpoint(session, checkpointOf(next))
      await swapped?.(session, next.position)
    })
    live.position = next.position
    live.condition = 'running'
    live.poison = undefined
  })

const onSession = async <Result>(pool: Pool, work: (session: Awaited<ReturnType<Pool['session']>>) => Promise<Result>): Promise<Result> => {
  const session = await pool.session()
  try {
    return await work(session)
  } finally {
    session.release()
  }
}
