import type { Position } from '@weconnect/contracts/envelope'
import { liveLayout } from '@weconnect/postgres/live-schema'
import { inTransaction, type Pool, type Session, type Sql } from '@weconnect/postgres/pool'
import { type WorkTableRow, workRowOf } from '../log/work-table-row.ts'
import type { WorkRow } from '../port.ts'

/** What became of a stream's row. */
export interface WorkChange {
  readonly stream: string
  /** Undefined: nothing is open there any more. */
  readonly row: WorkRow | undefined
  /** Of the append that opened it: rows are kept in this order. */
  readonly since: Position
}

/** The open work of a log as it was at a position, where processes that share no disk find it when they start. */
export interface KeptWork {
  /** Undefined when nobody has kept any. Oldest first. */
  read(): Promise<{ readonly position: Position; readonly rows: readonly WorkRow[] } | undefined>
  /**
   * All at once, if it still stands at `from`.
   * @returns where it stands now: at `to`, or where another process has brought it; then nothing was written
   */
  move(from: Position | undefined, to: Position, changes: readonly WorkChange[]): Promise<Position>
  /** Nothing is kept any more. */
  drop(): Promise<void>
}

const layout = liveLayout(`
  create table if not exists weconnect_live.work_folds (fold text primary key, position text not null);
  create table if not exists weconnect_live.work (fold text not null, stream text not null, since text not null, status text not null,
    worker text, epoch integer, due_at bigint, primary key (fold, stream))`)

/** @param fold names the log and the code that folds it: what other code has kept is not read */
export const openKeptWork = async (pool: Pool, fold: string): Promise<KeptWork> => {
  await pool.query(layout)
  return {
    read: () =>
      transaction(pool, async (session) => {
        await session.query('set transaction isolation level repeatable read')
        const position = await positionOf(session, fold)
        if (position === undefined) return undefined
        const rows = await session.query<WorkTableRow>(
          'select stream, status, worker, epoch, due_at from weconnect_live.work where fold = $1 order by since collate "C", stream',
          [fold],
        )
        return { position, rows: rows.map(workRowOf) }
      }),
    move: (from, to, changes) =>
      transaction(pool, async (session) => {
        const moved =
          from === undefined
            ? await session.query('insert into weconnect_live.work_folds values ($1, $2) on conflict do nothing returning 1', [fold, to])
            : await session.query('update weconnect_live.work_folds set position = $2 where fold = $1 and position = $3 returning 1', [
                ...[fold, to, from],
              ])
        // One that is gone was dropped: it begins again from the start of the log, with who knows all of it.
        if (moved.length === 0) return (await positionOf(session, fold)) ?? to
        await write(session, fold, changes)
        return to
      }),
    drop: () =>
      transaction(pool, async (session) => {
        await session.query('delete from weconnect_live.work_folds where fold = $1', [fold])
        await session.query('delete from weconnect_live.work where fold = $1', [fold])
      }),
  }
}

const positionOf = async (sql: Sql, fold: string): Promise<Position | undefined> =>
  (await sql.query<{ position: Position }>('select position from weconnect_live.work_folds where fold = $1', [fold]))[0]?.position

const write = async (session: Session, fold: string, changes: readonly WorkChange[]): Promise<void> => {
  const gone = changes.filter(({ row }) => row === undefined).map(({ stream }) => stream)
  await session.query('delete from weconnect_live.work where fold = $1 and stream = any($2)', [fold, gone])
  const open = changes.flatMap(({ row, since }) => (row === undefined ? [] : [{ row, since }]))
  const column = <Value>(of: (one: (typeof open)[number]) => Value): Value[] => open.map(of)
  await session.query(
    `insert into weconnect_live.work select $1, u.* from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::bigint[]) as u
       on conflict (fold, stream) do update set status = excluded.status, worker = excluded.worker, epoch = excluded.epoch, due_at = excluded.due_at`,
    [
      fold,
      column(({ row }) => row.stream),
      column(({ since }) => since),
      column(({ row }) => row.status),
      column(({ row }) => row.worker ?? null),
      column(({ row }) => row.epoch ?? null),
      column(({ row }) => row.dueAt ?? null),
    ],
  )
}

const transaction = async <Result>(pool: Pool, work: (session: Session) => Promise<Result>): Promise<Result> => {
  const session = await pool.session()
  try {
    return await inTransaction(session, () => work(session))
  } finally {
    session.release()
  }
}
