import { join } from 'node:path'
import type { Position } from '@weconnect/contracts/envelope'
import Database from 'better-sqlite3'
import { type WorkTableRow, workRowOf } from '../log/work-table-row.ts'
import type { StoredEvent, WorkOf, WorkRow } from '../port.ts'

const layout = `
  create table if not exists state (log text primary key, position text) without rowid;
  create table if not exists work (id integer primary key, stream text not null unique, status text not null, worker text, epoch integer, due_at integer);
`

/** Told of each change: the row, undefined when nothing is open there any more; where; and whether nothing was open there before. */
export type OnWorkChange = (stream: string, row: WorkRow | undefined, position: Position, isNew: boolean) => void

/**
 * What is still open, folded from the log into a file of this process's own, beside how far it was folded: a start reads the rows and the log from
 * there. The file is only a memory; without it, and with nothing that was kept elsewhere, the whole log is read once.
 * @param folder absent: in memory
 * @param fold names the log and the code that folds it: what other code has left is not read
 */
export const openWorkFile = (folder: string | undefined, fold: string, workOf: WorkOf, onChange?: OnWorkChange) => {
  const file = new Database(folder === undefined ? ':memory:' : join(folder, 'work.db'))
  // Rows and position are written together, so what a power cut takes is folded again.
  file.pragma('journal_mode = wal')
  file.pragma('synchronous = normal')
  file.exec(layout)
  const state = file.prepare<[], { log: string; position: string | null }>('select log, position from state').get()
  if (state?.log !== fold) file.exec('delete from state; delete from work')
  file.prepare('insert or ignore into state values (?, null)').run(fold)
  const sql = {
    put: file.prepare<[string, string, string | null, number | null, number | null]>(
      `insert into work (stream, status, worker, epoch, due_at) values (?, ?, ?, ?, ?) on conflict (stream)
       do update set status = excluded.status, worker = excluded.worker, epoch = excluded.epoch, due_at = excluded.due_at`,
    ),
    drop: file.prepare<[string]>('delete from work where stream = ?'),
    has: file.prepare<[string]>('select 1 from work where stream = ?'),
    move: file.prepare<[string]>('update state set position = ?'),
    rows: file.prepare<[], WorkTableRow>('select stream, status, worker, epoch, due_at from work order by id'),
  }

  const put = ({ stream, status, worker, epoch, dueAt }: WorkRow): void =>
    void sql.put.run(stream, status, worker ?? null, epoch ?? null, dueAt ?? null)

  /** @param events of one append, as far as the event store tells */
  const apply = (stream: string, events: readonly StoredEvent[]): void => {
    const work = workOf(stream, events)
    const last = events.at(-1)
    if (!work || !last) return
    onChange?.(stream, work === 'done' ? undefined : work, last.position, sql.has.get(stream) === undefined)
    if (work === 'done') sql.drop.run(stream)
    else put(work)
  }

  return {
    /** How far it was folded; undefined = not at all. */
    position: state?.log === fold ? (state.position ?? undefined) : undefined,
    fold: file.transaction((events: readonly StoredEvent[]): void => {
      for (let from = 0; from < events.length; ) {
        const { stream, following = 0 } = events[from] as StoredEvent
        apply(stream, events.slice(from, from + 1 + following))
        from += 1 + following
      }
      const last = events.at(-1)
      if (last) sql.move.run(last.position)
    }),
    /** Begins with what was folded elsewhere. */
    begin: file.transaction((rows: readonly WorkRow[]): void => {
      for (const row of rows) put(row)
    }),
    rows: (): WorkRow[] => sql.rows.all().map(workRowOf),
    close: (): void => void file.close(),
  }
}
export type WorkFile = ReturnType<typeof openWorkFile>
