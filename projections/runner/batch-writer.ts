import type { Envelope } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import { inTransaction, type Pool, type Session, sqlState } from '@weconnect/postgres/pool'
import { advanceCheckpoints } from './checkpoints.ts'
import type { FactsOfExecutions } from './execution-facts.ts'
import { type ProjectionState, stopAt } from './state.ts'
import { type Statement, send, statementsOf } from './tables/flush.ts'

/** Applies batches, each exactly once: the rows and the checkpoint commit together. */
export interface BatchWriter {
  /**
   * Brings all `states`, which stand at the same position, to the last of `events`. One that cannot apply an event is stopped there; the others go on.
   * @throws errors of the database that may pass: nothing is known of what was written then, see reopen
   */
  apply(states: readonly ProjectionState[], events: readonly Envelope[]): Promise<void>
  /** After a failed apply: a new session. The caller reads the checkpoints again, for the last commit may have gone through. */
  reopen(): Promise<Session>
  close(): void
}

export const batchWriter = (pool: Pool, facts: FactsOfExecutions, prepareSession: (session: Session) => Promise<void>): BatchWriter => {
  let session: Session | undefined

  const opened = async (): Promise<Session> => {
    if (session !== undefined) return session
    const fresh = await pool.session()
    try {
      // The log is the truth: a batch that is lost in a crash is lost with its checkpoint, and done again.
      await fresh.query('set synchronous_commit = off')
      await prepareSession(fresh)
    } catch (error) {
      fresh.release(true)
      throw error
    }
    session = fresh
    return fresh
  }

  /** Its settings and locks are its own: nobody else gets it. */
  const close = (): void => {
    session?.release(true)
    session = undefined
  }

  const write = async (states: readonly ProjectionState[], events: readonly Envelope[]): Promise<void> => {
    const position = events.at(-1)?.position
    const kept = states.filter(({ schema }) => schema === 'public').map(({ projection }) => projection.name)
    const statements = folded(states, events, facts)
    const session = await opened()
    await inTransaction(session, async () => {
      for (const statement of statements) await send(session, statement)
      if (kept.length > 0) await session.prepared('advance_checkpoints', advanceCheckpoints, [kept, position])
    })
    for (const state of states) state.position = position
  }

  /** Halves the batch until the one event that cannot be applied is alone. */
  const applyAlone = async (state: ProjectionState, events: readonly Envelope[]): Promise<void> => {
    try {
      await write([state], events)
    } catch (error) {
      if (!isPoison(error)) throw error
      const [first] = events
      if (first === undefined) throw error
      if (events.length === 1) return stopAt(pool, state, first, error)
      const half = events.length >> 1
      await applyPart(state, events.slice(0, half))
      if (state.condition !== 'stopped') await applyPart(state, events.slice(half))
    }
  }

  const applyPart = async (state: ProjectionState, part: readonly Envelope[]): Promise<void> => {
    facts.settle(part)
    await facts.prepare(part)
    await applyAlone(state, part)
  }

  return {
    apply: async (states, events) => {
      await facts.prepare(events)
      try {
        await write(states, events)
      } catch (error) {
        if (!isPoison(error)) throw error
        for (const state of states) await applyPart(state, events)
      }
      facts.settle(events)
    },
    reopen: () => {
      close()
      return opened()
    },
    close,
  }
}

/** @throws WeConnectError PROJECTION_STOPPED when a handler, or what it made, cannot be */
export const folded = (states: readonly ProjectionState[], events: readonly Envelope[], facts: FactsOfExecutions): readonly Statement[] => {
  try {
    fold(states, events, facts)
    return states.flatMap(({ rows, schema }) => statementsOf(rows, schema))
  } catch (cause) {
    throw new WeConnectError('PROJECTION_STOPPED', cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

type AnyHandler = (event: Envelope, rows: ProjectionState['rows'], execution: unknown) => void

/** Event by event, each by all projections: what one of them makes of a payload, the next ones find made. */
const fold = (states: readonly ProjectionState[], events: readonly Envelope[], facts: FactsOfExecutions): void => {
  const folding = states.map(({ projection, rows }) => ({ on: projection.on as Readonly<Record<string, AnyHandler | undefined>>, rows }))
  for (const { rows } of folding) rows.clear()
  for (const event of events) {
    const execution = event.stream.startsWith('execution-') ? facts.find(event.stream) : undefined
    for (const { on, rows } of folding) {
      const handler = on[event.type]
      if (handler === undefined) continue
      if (execution === undefined && event.stream.startsWith('execution-'))
        throw new WeConnectError('LOG_CORRUPT', `${event.stream} does not begin with ExecutionRequested`)
      handler(event, rows, execution)
    }
  }
}

/** Data exceptions, broken constraints, wrong statements, exceeded limits: they do not pass by waiting. */
const lastingStates = new Set(['22', '23', '42', '54'])

export const isPoison = (error: unknown): boolean =>
  isWeConnectError(error, 'PROJECTION_STOPPED') || lastingStates.has(sqlState(error)?.slice(0, 2) ?? '')
