import type { Envelope } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import { type Pool, type Session, sqlState } from '@weconnect/postgres/pool'
import { advanceCheckpoints } from './checkpoints.ts'
import type { FactsOfExecutions } from './execution-facts.ts'
import { statementsOf } from './flush.ts'
import { type ProjectionState, stopAt } from './state.ts'

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

  const close = (broken = false): void => {
    session?.release(broken)
    session = undefined
  }

  const write = async (states: readonly ProjectionState[], events: readonly Envelope[]): Promise<void> => {
    for (const state of states) fold(state, events, facts)
    const position = events.at(-1)?.position
    const kept = states.filter(({ schema }) => schema === 'public').map(({ projection }) => projection.name)
    await transaction(await opened(), [
      ...states.flatMap(({ rows, schema }) => statementsOf(rows, schema)),
      ...(kept.length === 0 ? [] : [{ name: 'advance_checkpoints', text: advanceCheckpoints, values: [kept, position] }]),
    ])
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
      await applyAlone(state, events.slice(0, half))
      if (state.condition !== 'stopped') await applyAlone(state, events.slice(half))
    }
  }

  return {
    apply: async (states, events) => {
      await facts.prepare(events)
      try {
        await write(states, events)
      } catch (error) {
        if (!isPoison(error)) throw error
        for (const state of states) await applyAlone(state, events)
      }
      facts.settle(events)
    },
    reopen: () => {
      close(true)
      return opened()
    },
    close,
  }
}

type AnyHandler = (event: Envelope, rows: ProjectionState['rows'], execution: unknown) => void

const fold = ({ projection, rows }: ProjectionState, events: readonly Envelope[], facts: FactsOfExecutions): void => {
  const handlers = projection.on as Readonly<Record<string, AnyHandler | undefined>>
  rows.clear()
  for (const event of events) {
    const handler = handlers[event.type]
    if (handler === undefined) continue
    try {
      handler(event, rows, event.stream.startsWith('execution-') ? facts.of(event.stream) : undefined)
    } catch (cause) {
      throw new WeConnectError('PROJECTION_STOPPED', cause instanceof Error ? cause.message : String(cause), { cause })
    }
  }
}

/** All statements are sent at once; after one that fails the others fail too, and commit rolls back. */
const transaction = async (
  session: Session,
  statements: readonly { readonly name: string; readonly text: string; readonly values: readonly unknown[] }[],
): Promise<void> => {
  const results = await Promise.allSettled([
    session.query('begin'),
    ...statements.map(({ name, text, values }) => session.prepared(name, text, values)),
    session.query('commit'),
  ])
  const failure = results.find((result) => result.status === 'rejected')
  if (failure !== undefined) throw failure.reason
}

/** Data exceptions, broken constraints, wrong statements, exceeded limits: they do not pass by waiting. */
const lastingStates = new Set(['22', '23', '42', '54'])

const isPoison = (error: unknown): boolean =>
  isWeConnectError(error, 'PROJECTION_STOPPED') || lastingStates.has(sqlState(error)?.slice(0, 2) ?? '')
