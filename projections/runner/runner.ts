import type { Envelope } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Journal } from '@weconnect/eventstore/journal'
import type { Pool, Session } from '@weconnect/postgres/pool'
import { batchWriter } from './batch-writer.ts'
import { readCheckpoints, saveCheckpoint } from './checkpoints.ts'
import { factsOfExecutions } from './execution-facts.ts'
import type { ProjectionStatus, Projector, RebuildProgress } from './face.ts'
import { forgetTopics, prepareStates } from './migrate.ts'
import { mutex } from './mutex.ts'
import { groupsByPosition, readable } from './next-events.ts'
import type { Projection } from './projection.ts'
import { rebuildTables } from './rebuild.ts'
import { checkpointOf, type ProjectionState, stopAt } from './state.ts'
import { statusOf } from './status.ts'
import { openRests, type Timers } from './timers.ts'
import { distance, type Progress, positionWaiters } from './waiters.ts'

export interface RunnerOptions {
  readonly journal: Journal
  /** Two sessions at least, better four; pipelined sessions cost less. */
  readonly pool: Pool
  readonly projections: readonly Projection[]
  /** Told when a projection stops, goes on, or begins or ends a rebuild, and when the database went away. */
  readonly onStatus?: (change: StatusChange) => void
  /** Called after every batch. */
  readonly onMoved?: (progress: readonly Progress[]) => void
  readonly timers: Timers
  /** Events read at once. */
  readonly batchEvents?: number
  /** How long to rest when there is nothing more: what comes meanwhile makes one batch. */
  readonly restMs?: number
}

export interface StatusChange {
  readonly name: string
  readonly state: ProjectionStatus['state']
  readonly poison?: ProjectionStatus['poison']
  readonly error?: string
}

/** One number for all: a second runner on the same database waits until the first is gone. */
const runnerLock = 7_305_001

/**
 * Keeps the tables of all projections up with the log until it is closed. Where a table or a version changed since the last start, that projection is rebuilt.
 * @throws WeConnectError or an error of the database when the tables cannot be prepared
 */
export const startProjectionRunner = async (options: RunnerOptions): Promise<Projector> => {
  const { journal, pool, projections, timers, batchEvents = 1_000, restMs = 50 } = options
  const states = await prepareStates(pool, projections, { logId: journal.logId, head: await journal.head() })
  const facts = factsOfExecutions(journal)
  const writer = batchWriter(pool, facts, takeLock)
  const exclusively = mutex()
  const { rest, wake } = openRests(timers)
  const waiters = positionWaiters(timers, () => progressOf(states), wake)
  let closed = false
  let databaseGone: string | undefined

  const changed = (state: ProjectionState, error?: string): void => {
    options.onStatus?.({
      name: state.projection.name,
      state: stateName(state, databaseGone),
      poison: state.poison,
      ...(error ? { error } : {}),
    })
  }
  const moved = (): void => {
    waiters.moved()
    options.onMoved?.(progressOf(states))
  }

  const applyTo = async (group: readonly ProjectionState[], events: readonly Envelope[]): Promise<void> => {
    await writer.apply(group, events)
    for (const state of group) if (state.condition === 'stopped') changed(state)
    moved()
  }

  /** One batch for each group of projections that stand at the same position. @returns whether enough is left for another at once */
  const turn = async (): Promise<boolean> => {
    const groups = groupsByPosition(states)
    for (const [index, group] of groups.entries()) {
      const events = await read(group, groups[index + 1]?.[0]?.position)
      if (events.length === 0) continue
      await applyTo(group, events)
    }
    const head = await journal.head()
    return states.some(({ condition, position }) => condition === 'running' && distance(position, head) >= batchEvents / 2)
  }

  /** What follows; not beyond the next group, so that the two become one. */
  const read = async (group: readonly ProjectionState[], until: string | undefined): Promise<readonly Envelope[]> => {
    const after = group[0]?.position
    const events = await readable(journal, after, batchEvents, async (error) => {
      for (const state of group) {
        await stopAt(pool, state, { eventId: '', stream: '', revision: -1, type: 'ExecutionRequested' }, error)
        changed(state)
      }
    })
    return until === undefined ? events : events.filter(({ position }) => position <= until)
  }

  const recover = async (error: unknown): Promise<void> => {
    const first = databaseGone === undefined
    databaseGone = error instanceof Error ? error.message : String(error)
    if (first) for (const state of states) changed(state, databaseGone)
    await rest(500)
    if (closed) return
    try {
      await writer.reopen()
      const kept = new Map((await readCheckpoints(pool)).map((checkpoint) => [checkpoint.name, checkpoint]))
      for (const state of states) state.position = kept.get(state.projection.name)?.position ?? undefined
      databaseGone = undefined
      for (const state of states) changed(state)
      // The commit whose answer was lost may have gone through.
      moved()
    } catch (again) {
      databaseGone = again instanceof Error ? again.message : String(again)
    }
  }

  const run = async (): Promise<void> => {
    while (!closed) {
      try {
        if (databaseGone !== undefined) await recover(databaseGone)
        else if (!(await exclusively(turn)) && !closed) await rest(waiters.any ? 2 : restMs)
      } catch (error) {
        await recover(error)
      }
    }
  }

  const find = (name: string): ProjectionState => {
    const state = states.find(({ projection }) => projection.name === name)
    if (state === undefined)
      throw new WeConnectError(
        'NOT_FOUND',
        `there is no projection ${name}; there are ${states.map(({ projection }) => projection.name).join(', ')}`,
      )
    return state
  }

  const rebuild = async (name: string, onProgress: (progress: RebuildProgress) => void = () => {}): Promise<RebuildProgress> => {
    const state = find(name)
    if (state.rebuild !== undefined) throw new WeConnectError('INVALID_STATE', `${name} is being rebuilt already`)
    state.rebuild = { name, events: 0, eventsPerSecond: 0, fraction: 0, done: false }
    try {
      const done = await rebuildTables(
        { ...{ journal, pool, timers, exclusively }, isClosed: () => closed, swapped: (session) => forgetTopics(session, name) },
        state,
        (progress) => {
          state.rebuild = progress
          onProgress(progress)
        },
      )
      moved()
      return done
    } finally {
      state.rebuild = undefined
      changed(state)
    }
  }

  const retry = async (name: string): Promise<void> => {
    const state = find(name)
    if (state.condition !== 'stopped') return
    await exclusively(async () => {
      state.condition = 'running'
      state.poison = undefined
      const events = await read([state], undefined)
      if (events.length > 0 && !isStopped(state)) await applyTo([state], events)
      if (isStopped(state)) throw new WeConnectError('PROJECTION_STOPPED', `${name} stopped again: ${errorOf(state)}`)
      await saveCheckpoint(pool, checkpointOf(state))
      changed(state)
    })
  }

  moved()
  const running = run()
  for (const state of states) {
    if (state.condition !== 'rebuilding') continue
    void rebuild(state.projection.name).catch((error: unknown) => {
      if (!closed) options.onStatus?.({ name: state.projection.name, state: 'rebuilding', error: String(error) })
    })
  }

  return {
    status: async () => {
      const head = await journal.head()
      return Promise.all(states.map((state) => statusOf(state, stateName(state, databaseGone), journal, head, timers.now())))
    },
    rebuild,
    retry,
    waitFor: waiters.waitFor,
    close: async () => {
      closed = true
      wake()
      await running
      writer.close()
    },
  }
}

const isStopped = (state: ProjectionState): boolean => state.condition === 'stopped'

const errorOf = ({ poison }: ProjectionState): string => poison?.error ?? ''

const takeLock = async (session: Session): Promise<void> => {
  await session.query('select pg_advisory_lock($1)', [runnerLock])
}

const stateName = ({ condition }: ProjectionState, databaseGone: string | undefined): ProjectionStatus['state'] =>
  condition === 'running' && databaseGone !== undefined ? 'waiting' : condition

const progressOf = (states: readonly ProjectionState[]): readonly Progress[] =>
  states.map(({ projection, position, condition }) => ({ name: projection.name, position, condition }))
