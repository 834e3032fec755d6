import type { Pool, Session } from './pool.ts'

export interface Seat {
  /** Resolves when it is lost: the connection that held it broke, or it was given up. */
  readonly lost: Promise<void>
  /** Gives it up. */
  leave(): Promise<void>
}

export interface SeatTimer {
  /** Milliseconds, or sooner when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** Milliseconds between two tries to take the seat, and between two looks whether it is still held. */
const lookMs = 500

/**
 * Waits until a place is free that only one process can have, and takes it. A process that dies leaves it with its connection.
 * @param number names the place, the same for all
 * @returns undefined when the signal aborts before
 */
export const takeSeat = async (pool: Pool, number: number, timer: SeatTimer, signal: AbortSignal): Promise<Seat | undefined> => {
  while (!signal.aborted) {
    const session = await tryOnce(pool, number)
    if (session) return seatOn(session, number, timer)
    await timer.wait(lookMs, signal)
  }
  return undefined
}

/** A database that does not answer has no free seat. */
const tryOnce = async (pool: Pool, number: number): Promise<Session | undefined> => {
  let session: Session | undefined
  try {
    session = await pool.session()
    const [row] = await session.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [number])
    if (row?.taken) return session
    session.release()
  } catch {
    session?.release(true)
  }
  return undefined
}

const seatOn = (session: Session, number: number, timer: SeatTimer): Seat => {
  const left = new AbortController()
  const watch = async (): Promise<void> => {
    try {
      while (!left.signal.aborted) {
        await timer.wait(lookMs, left.signal)
        await session.query('select 1')
      }
      await session.query('select pg_advisory_unlock($1)', [number])
      session.release()
    } catch {
      session.release(true)
    }
  }
  const lost = watch()
  return {
    lost,
    leave: () => {
      left.abort()
      return lost
    },
  }
}
