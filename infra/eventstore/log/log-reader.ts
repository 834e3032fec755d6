import type { Position } from '@weconnect/contracts/envelope'
import type { IntegrityProblem, ReadAllOptions, ReadOptions, StoredEvent, WorkRow } from '../port.ts'
import { formatPosition, parsePosition } from '../position.ts'
import { storageError } from '../storage-error.ts'
import { decodeFrame } from './append-frame.ts'
import type { LogFile } from './log-file.ts'
import { type WorkTableRow, workRowOf } from './work-table-row.ts'

/** One append as it is stored. */
export interface AppendRow {
  /** Of its first event. */
  readonly position: number
  /** Of its first event. */
  readonly revision: number
  readonly count: number
  readonly body: Buffer
  readonly stream: string
}

/** How much is read in one go, while nothing else runs: about a millisecond or two of work. */
const pageBytes = 1024 * 1024
const pageEvents = 1000
/** Events from which on decoding an append costs more than remembering it. */
const largeAppend = 50

const columns = 'a.position, a.revision, a.count, a.body, s.name as stream from appends a join streams s on s.id = a.stream'
const streamId = '(select id from streams where name = ?)'

const prepareReads = (file: LogFile) => ({
  after: file.prepare<[number], AppendRow>(`select ${columns} where a.position > ? order by a.position`),
  /** The append that holds the place comes first. */
  before: file.prepare<[number], AppendRow>(`select ${columns} where a.position < ? order by a.position desc`),
  holding: file.prepare<[number], { position: number; count: number }>(
    'select position, count from appends where position <= ? order by position desc limit 1',
  ),
  streamFrom: file.prepare<[string, string, number], AppendRow>(
    `select ${columns} where a.stream = ${streamId} and a.revision >= coalesce(
       (select max(b.revision) from appends b where b.stream = ${streamId} and b.revision <= ?), 0) order by a.revision`,
  ),
  streamBack: file.prepare<[string, number], AppendRow>(
    `select ${columns} where a.stream = ${streamId} and a.revision <= ? order by a.revision desc`,
  ),
  streamAfter: file.prepare<[string, number, number], AppendRow>(
    `select ${columns} where a.stream = ${streamId} and a.revision >= ? and a.position + a.count - 1 > ? order by a.revision`,
  ),
  last: file.prepare<[], { place: number | null }>('select max(position) as p, position + count - 1 as place from appends'),
  work: file.prepare<[], WorkTableRow>(
    'select s.name as stream, w.status, w.worker, w.epoch, w.due_at from work w join streams s on s.id = w.stream order by w.stream',
  ),
  miscounted: file.prepare<[], { stream: string; revision: number; stored: number | null }>(
    `select s.name as stream, s.revision, (
       select a.revision + a.count - 1 from appends a where a.stream = s.id order by a.revision desc limit 1) as stored
     from streams s where s.revision is not stored`,
  ),
  missing: file.prepare<[], { position: number }>(
    `select ended as position from (
       select position, lag(position + count, 1, 1) over (order by position) as ended from appends) where position <> ended`,
  ),
  orphans: file.prepare<[], { position: number }>('select position from appends where stream not in (select id from streams)'),
})

/** Everything that only reads the log file. All methods are synchronous and answer what is committed. */
export const logReader = (file: LogFile, logId: string) => {
  const reads = prepareReads(file)

  const decode = (row: AppendRow): readonly StoredEvent[] =>
    decodeFrame(row.body, row.count).map(({ id, type, data, metadata }, index) => ({
      id,
      type,
      data,
      metadata,
      stream: row.stream,
      revision: row.revision + index,
      position: formatPosition(logId, row.position + index),
      following: row.count - 1 - index,
    }))

  let latest: { readonly position: number; readonly events: readonly StoredEvent[] } | undefined
  /** Who reads single events of a long run reads the same large append again and again: the last one stays decoded. */
  const eventsOf = (row: AppendRow): readonly StoredEvent[] => {
    if (row.count < largeAppend) return decode(row)
    if (latest?.position !== row.position) latest = { position: row.position, events: decode(row) }
    return latest.events
  }

  /** Rows until a page is full; at least one when there is one. */
  const page = (rows: IterableIterator<AppendRow>, maxEvents: number): AppendRow[] => {
    const taken: AppendRow[] = []
    let events = 0
    let bytes = 0
    for (const row of rows) {
      if (taken.length > 0 && events + row.count > maxEvents) break
      taken.push(row)
      events += row.count
      bytes += row.body.length
      if (events >= maxEvents || bytes >= pageBytes) break
    }
    return taken
  }

  /** First place of the append after the one that holds `place`; places inside an append are legal cursors. */
  const forwardsAfter = (place: number, limit: number): StoredEvent[] => {
    const holder = reads.holding.get(place)
    const inside = holder !== undefined && place < holder.position + holder.count - 1
    const from = inside ? holder.position - 1 : place
    const skip = inside ? place - holder.position + 1 : 0
    return page(reads.after.iterate(from), limit + skip)
      .flatMap(eventsOf)
      .slice(skip)
  }
  const backwardsBefore = (place: number, limit: number): StoredEvent[] => {
    const rows = page(reads.before.iterate(place), limit)
    const events = rows.flatMap((row) => eventsOf(row).toReversed())
    return events.filter(({ position }) => parsePosition(logId, position) < place)
  }

  const headPlace = (): number => reads.last.get()?.place ?? 0

  return {
    eventsOf,
    headPlace,
    head: (): Position | undefined => {
      const place = headPlace()
      return place === 0 ? undefined : formatPosition(logId, place)
    },
    /** Whole appends after an append's end, up to a page. */
    rowsAfter: (place: number): AppendRow[] => page(reads.after.iterate(place), pageEvents),
    /** @param events more are not needed; at least the append that holds the first is read */
    streamRows: (stream: string, from: number, events = pageEvents): AppendRow[] =>
      page(reads.streamFrom.iterate(stream, stream, from), Math.min(events, pageEvents)),
    /** @param revision at or below the first that is wanted; only saves work */
    streamRowsAfter: (stream: string, revision: number, place: number): AppendRow[] =>
      page(reads.streamAfter.iterate(stream, revision, place), pageEvents),
    streamRowsBack: (stream: string, from: number, events = pageEvents): AppendRow[] =>
      page(reads.streamBack.iterate(stream, from), Math.min(events, pageEvents)),
    all: ({ after, direction = 'forwards', limit }: ReadAllOptions): StoredEvent[] => {
      const events =
        direction === 'forwards'
          ? forwardsAfter(after === undefined ? 0 : parsePosition(logId, after), limit)
          : backwardsBefore(after === undefined ? Number.MAX_SAFE_INTEGER : parsePosition(logId, after), limit)
      return events.slice(0, Math.max(limit, 0))
    },
    work: (): WorkRow[] => reads.work.all().map(workRowOf),
    /** What the tables themselves say is wrong: counters that disagree with the appends, places that nothing holds. */
    integrity: (): IntegrityProblem[] => [
      ...reads.miscounted.all().map(({ stream, revision, stored }) => ({
        stream,
        problem: `the stream should end at revision ${revision}, its last event has ${stored ?? 'gone'}`,
      })),
      ...reads.missing.all().map(({ position }) => ({ position: formatPosition(logId, position), problem: 'an append is missing here' })),
      ...reads.orphans.all().map(({ position }) => ({ position: formatPosition(logId, position), problem: 'its stream is missing' })),
    ],
  }
}
export type LogReader = ReturnType<typeof logReader>

/** One stream, page by page. */
export async function* readStream(reader: LogReader, stream: string, options: ReadOptions = {}): AsyncGenerator<StoredEvent> {
  const { direction = 'forwards', limit = Number.POSITIVE_INFINITY } = options
  const forwards = direction === 'forwards'
  let next = options.from ?? (forwards ? 0 : Number.MAX_SAFE_INTEGER)
  let left = limit
  while (left > 0 && next >= 0) {
    const events = readStreamPage(reader, stream, next, forwards, left)
    if (events.length === 0) return
    for (const event of events) {
      yield event
      left -= 1
      if (left <= 0) return
    }
    next = (events.at(-1) as StoredEvent).revision + (forwards ? 1 : -1)
  }
}

export const readStreamPage = (reader: LogReader, stream: string, from: number, forwards: boolean, limit?: number): StoredEvent[] => {
  try {
    if (forwards)
      return reader
        .streamRows(stream, from, limit)
        .flatMap(reader.eventsOf)
        .filter(({ revision }) => revision >= from)
    return reader
      .streamRowsBack(stream, from, limit)
      .flatMap((row) => reader.eventsOf(row).toReversed())
      .filter(({ revision }) => revision <= from)
  } catch (error) {
    throw storageError(error)
  }
}
