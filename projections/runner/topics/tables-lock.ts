import type { Pool, Session } from '@weconnect/postgres/pool'

/** One number a projection: batches share it, whoever swaps its tables has it alone. */
const numberOf = (projection: string): string => `hashtextextended('weconnect tables ${projection}', 0)`

/** Until the transaction ends. */
export const shareTables = (session: Session, projection: string): Promise<unknown> =>
  session.query(`select pg_advisory_xact_lock_shared(${numberOf(projection)})`)

/** Batches of other processes wait meanwhile. */
export const withTablesAlone = async <Result>(pool: Pool, projection: string, work: () => Promise<Result>): Promise<Result> => {
  const session = await pool.session()
  try {
    await session.query(`select pg_advisory_lock(${numberOf(projection)})`)
    return await work()
  } finally {
    await session.query(`select pg_advisory_unlock(${numberOf(projection)})`).catch(() => {})
    session.release()
  }
}
