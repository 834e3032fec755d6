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
  /**
   * Says that somebody reads it, and forgets what other code has kept of the same log that nobody has read for an hour, once this is as far as that was.
   * Whoever reads it after all folds the log once more.
   */
  tend(): Promise<void>
}

const layout = liveLayout(`
  create table if not exists weconnect_live.work_folds (fold text primary key, position text not null);
  create table if not exists weconnect_live.work (fold text not null, stream text not null, since text not null, status text not null,
    worker text, epoch integer, due_at bigint, primary key (fold, stream));
  create table if not exists weconnect_live.work_readers (fold text primary key, seen_at timestamptz not null)`)

/** Milliseconds between two times that a process says that it reads. */
export const tendEveryMs = 60_000

/** Code that does not say so itself is given its hour from when it is first found. */
const seen = `insert into weconnect_live.work_readers select fold, clock_timestamp() from unnest($1::text[]) as fold
  on conflict (fold) do update set seen_at = excluded.seen_at where excluded.fold = $2`

const others = `select fold from weconnect_live.work_folds where split_part(fold, '/', 1) = split_part($1, '/', 1) and fold <> $1`

const unread = `delete from weconnect_live.work_folds as other using weconnect_live.work_folds as own, weconnect_live.work_readers as reader
  where own.fold = $1 and other.fold <> $1 and split_part(other.fold, '/', 1) = split_part($1, '/', 1)
    and other.position collate "C" <= own.position collate "C"
    and reader.fold = other.fold and reader.seen_at < clock_timestamp() - interval '1 hour'
  returning other.fold as fold`

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
    tend: async () => {
      const found = await pool.query<{ fold: string }>(others, [fold])
      await pool.query(seen, [[fold, ...found.map((other) => other.fold)], fold])
      if (found.length > 0) await transaction(pool, (session) => forgetUnread(session, fold))
    },
  }
}

const forgetUnread = async (session: Session, fold: string): Promise<void> => {
  const gone = (await session.query<{ fold: string }>(unread, [fold])).map((other) => other.fold)
  await session.query('delete from weconnect_live.work where fold = any ($1)', [gone])
  await session.query('delete from weconnect_live.work_readers where fold = any ($1)', [gone])
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
