import { WeConnectError } from '@weconnect/contracts/errors'
import { type Appended, type EventBytes, type ExpectedRevision, maxAppendBytes, type WorkOf, type WorkRow } from '../port.ts'
import { formatPosition } from '../position.ts'
import { recentlyUsed } from '../recently-used.ts'
import { storageError } from '../storage-error.ts'
import { appendBytes, encodeFrame } from './append-frame.ts'
import type { LogFile } from './log-file.ts'
import { type AppendRow, type LogReader, readStreamPage } from './log-reader.ts'

interface Waiting {
  readonly stream: string
  readonly expected: ExpectedRevision
  readonly events: readonly EventBytes[]
  readonly bytes: number
  readonly work: WorkRow | 'done' | undefined
  readonly resolve: (appended: Appended) => void
  readonly reject: (error: unknown) => void
}

/** Where a stream stands. */
interface StreamHead {
  readonly id: number
  /** Of its last event. */
  readonly revision: number
}

/** What an append of the current transaction came to: told to its caller after the commit. */
type Outcome = { readonly appended: Appended } | { readonly error: unknown }

const cachedStreams = 10_000

const prepareWrites = (file: LogFile) => ({
  begin: file.prepare('begin immediate'),
  commit: file.prepare('commit'),
  rollback: file.prepare('rollback'),
  dataVersion: file.prepare<[], number>('pragma data_version').pluck(),
  findStream: file.prepare<[string], StreamHead>('select id, revision from streams where name = ?'),
  addStream: file.prepare<[string, number]>('insert into streams (name, revision) values (?, ?)'),
  moveStream: file.prepare<[number, number]>('update streams set revision = ? where id = ?'),
  addAppend: file.prepare<[number, number, number, number, Buffer]>('insert into appends values (?, ?, ?, ?, ?)'),
  putWork: file.prepare<[number, string, string | null, number | null, number | null]>(
    'insert or replace into work values (?, ?, ?, ?, ?)',
  ),
  dropWork: file.prepare<[number]>('delete from work where stream = ?'),
})

const checked = (events: readonly EventBytes[]): number => {
  if (events.length === 0) throw new WeConnectError('INVALID_INPUT', 'An append holds at least one event')
  const bytes = appendBytes(events)
  if (bytes <= maxAppendBytes) return bytes
  throw new WeConnectError('APPEND_TOO_LARGE', `An append holds at most ${maxAppendBytes} bytes; this one has ${bytes}`)
}

const conflict = (stream: string, expected: ExpectedRevision, actual: number): WeConnectError =>
  new WeConnectError('REVISION_CONFLICT', `${stream} is at revision ${actual}, the append expected ${expected}`)

/**
 * Writes the log: appends that wait when the event loop turns share one durable transaction.
 * A wrong expectation fails its own append only; an error of the disk fails all of the transaction, and the next one starts afresh.
 */
export const logWriter = ({
  file,
  logId,
  reader,
  workOf,
  published,
}: {
  file: LogFile
  logId: string
  reader: LogReader
  workOf: WorkOf | undefined
  /** Called after the commit with its rows, in log order. */
  published: (rows: readonly AppendRow[]) => void
}) => {
  const sql = prepareWrites(file)
  const cache = recentlyUsed<StreamHead>(cachedStreams)
  let waiting: Waiting[] = []
  let scheduled = false
  let closed = false
  let nextPlace = reader.headPlace() + 1
  let seenVersion: number | undefined

  /** Another connection may have appended (a second process that ignored the lock): then nothing that is remembered holds. */
  const noticeOthers = (): void => {
    const version = sql.dataVersion.get()
    if (version === seenVersion) return
    seenVersion = version
    const place = reader.headPlace() + 1
    if (place !== nextPlace) cache.clear()
    nextPlace = place
  }

  /** The answer to a repeated append: the same ids stand where they were expected. */
  const repeated = ({ stream, expected, events }: Waiting, head: StreamHead | undefined): Appended | undefined => {
    if (expected === 'any' || !head) return undefined
    const first = expected === 'none' ? 0 : expected + 1
    const revision = first + events.length - 1
    if (revision > head.revision) return undefined
    let position: string | undefined
    for (let from = first; from <= revision; ) {
      const stored = readStreamPage(reader, stream, from, true)
      if (stored.length === 0) return undefined
      for (const event of stored) {
        if (event.revision > revision) break
        if (event.id !== events[event.revision - first]?.id) return undefined
        position = event.position
      }
      from = (stored.at(-1) as { revision: number }).revision + 1
    }
    return position === undefined ? undefined : { revision, position }
  }

  const writeWork = (streamId: number, isNew: boolean, work: WorkRow | 'done' | undefined): void => {
    if (work === undefined) return
    if (work !== 'done') sql.putWork.run(streamId, work.status, work.worker ?? null, work.epoch ?? null, work.dueAt ?? null)
    else if (!isNew) sql.dropWork.run(streamId)
  }

  const write = ({ stream, events, bytes, work }: Waiting, head: StreamHead | undefined, rows: AppendRow[]): Appended => {
    const body = encodeFrame(events, bytes)
    const first = (head?.revision ?? -1) + 1
    const revision = first + events.length - 1
    const id = head ? head.id : Number(sql.addStream.run(stream, revision).lastInsertRowid)
    if (head) sql.moveStream.run(revision, id)
    sql.addAppend.run(nextPlace, id, first, events.length, body)
    writeWork(id, head === undefined, work)
    rows.push({ position: nextPlace, revision: first, count: events.length, body, stream })
    nextPlace += events.length
    cache.set(stream, { id, revision })
    return { revision, position: formatPosition(logId, nextPlace - 1) }
  }

  const attempt = (append: Waiting, rows: AppendRow[]): Outcome => {
    const { stream, expected } = append
    const head = cache.get(stream) ?? sql.findStream.get(stream)
    const actual = head?.revision ?? -1
    if (expected === 'any' || actual === (expected === 'none' ? -1 : expected)) return { appended: write(append, head, rows) }
    const earlier = repeated(append, head)
    return earlier ? { appended: earlier } : { error: conflict(stream, expected, actual) }
  }

  const forget = (rows: readonly AppendRow[]): void => {
    for (const { stream } of rows) cache.delete(stream)
    nextPlace = rows[0]?.position ?? nextPlace
  }
  /** After an error of the disk SQLite has often rolled back by itself, or cannot say so. */
  const rollBack = (): void => {
    try {
      if (file.inTransaction) sql.rollback.run()
    } catch {}
  }

  /** @returns what to tell each append of the batch */
  const transact = (batch: readonly Waiting[], rows: AppendRow[]): Outcome[] => {
    try {
      sql.begin.run()
      noticeOthers()
      const outcomes = batch.map((append) => attempt(append, rows))
      sql.commit.run()
      return outcomes
    } catch (error) {
      forget(rows)
      rows.length = 0
      rollBack()
      const failure = storageError(error)
      return batch.map(() => ({ error: failure }))
    }
  }

  const flush = (): void => {
    scheduled = false
    if (waiting.length === 0) return
    const batch = waiting
    waiting = []
    const rows: AppendRow[] = []
    const outcomes = transact(batch, rows)
    if (rows.length > 0) published(rows)
    for (const [index, { resolve, reject }] of batch.entries()) {
      const outcome = outcomes[index] as Outcome
      if ('appended' in outcome) resolve(outcome.appended)
      else reject(outcome.error)
    }
  }

  return {
    append: (stream: string, expected: ExpectedRevision, events: readonly EventBytes[]): Promise<Appended> =>
      new Promise((resolve, reject) => {
        if (closed) throw new WeConnectError('UNAVAILABLE', 'The event log is closed')
        waiting.push({ stream, expected, events, bytes: checked(events), work: workOf?.(stream, events), resolve, reject })
        if (scheduled) return
        scheduled = true
        setImmediate(flush)
      }),
    /** Writes what waits, then refuses. */
    close: (): void => {
      flush()
      closed = true
    },
  }
}
