import type { Position } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Session, Sql } from '@weconnect/postgres/pool'
import { sqlState } from '@weconnect/postgres/pool'
import { createPlaces, projectionsWithPlaces } from './topics/topic-places.ts'

/** A stream that a projection has put aside: one event cannot be applied, and the later ones of its stream wait behind it. Others go on. */
export interface ParkedStream {
  readonly projection: string
  readonly stream: string
  /** Of the event that cannot be applied. */
  readonly revision: number
  readonly eventId: string
  readonly type: string
  readonly error: string
  /** Revision of the last event that waits. */
  readonly heldRevision: number
  readonly position: Position
  readonly topic: string
  readonly partition: number
  readonly parkedAt: string
}

export const createParked = `create table if not exists public.projection_parked (
  projection text not null, stream text not null, revision integer not null, event_id text not null, type text not null, error text not null,
  held_revision integer not null, position text not null, topic text not null, partition integer not null, parked_at timestamptz not null default now(), retry boolean not null default false,
  primary key (projection, stream));
  create table if not exists public.projection_pauses (projection text primary key)`

const columns = `projection, stream, revision, event_id as "eventId", type, error, held_revision as "heldRevision", position, topic, partition, parked_at as "parkedAt"`
const undefinedTable = '42P01'

/** Without the tables, nothing was ever parked. */
const orNone = <Row>(rows: Promise<readonly Row[]>): Promise<readonly Row[]> =>
  rows.catch((error: unknown) => {
    if (sqlState(error) === undefinedTable) return []
    throw error
  })

/** Oldest first; of all projections unless one is named. */
export const parkedStreams = (sql: Sql, projection?: string): Promise<readonly ParkedStream[]> =>
  orNone(
    sql.query<ParkedStream>(
      `select ${columns} from public.projection_parked where $1::text is null or projection = $1 order by parked_at, projection, stream`,
      [projection ?? null],
    ),
  )

/** Asks whoever writes the projection to try a stream again, or all that are parked. @throws WeConnectError NOT_FOUND */
export const retryParked = async (sql: Sql, projection: string, stream?: string): Promise<number> => {
  const asked = await orNone(
    sql.query(`update public.projection_parked set retry = true where projection = $1 and ($2::text is null or stream = $2) returning 1`, [
      projection,
      stream ?? null,
    ]),
  )
  if (asked.length === 0 && stream !== undefined) throw new WeConnectError('NOT_FOUND', `${stream} is not parked in ${projection}`)
  return asked.length
}

export const streamsToRetry = (sql: Sql, projection: string): Promise<readonly ParkedStream[]> =>
  sql.query<ParkedStream>(`select ${columns} from public.projection_parked where projection = $1 and retry`, [projection])

/** A paused projection keeps its partitions and reads nothing, until it is resumed. @throws WeConnectError INVALID_STATE, it is fed from the log */
export const setPaused = async (sql: Sql, projection: string, paused: boolean): Promise<void> => {
  await sql.query(`${createPlaces}; ${createParked}`)
  if (paused && !(await projectionsWithPlaces(sql)).has(projection))
    throw new WeConnectError('INVALID_STATE', `${projection} is not fed from topics (WECONNECT_PROJECTIONS_FEED): only those can be paused`)
  await sql.query(
    paused
      ? 'insert into public.projection_pauses (projection) values ($1) on conflict do nothing'
      : 'delete from public.projection_pauses where projection = $1',
    [projection],
  )
}

export const pausedProjections = async (sql: Sql): Promise<readonly string[]> =>
  (await orNone(sql.query<{ projection: string }>('select projection from public.projection_pauses'))).map(({ projection }) => projection)

/** In the transaction that goes past the event. */
export const park = (
  session: Session,
  { projection, stream, revision, eventId, type, error, position, topic, partition }: Omit<ParkedStream, 'parkedAt' | 'heldRevision'>,
) =>
  session.query(
    `insert into public.projection_parked (projection, stream, revision, event_id, type, error, held_revision, position, topic, partition)
       values ($1, $2, $3, $4, $5, $6, $3, $7, $8, $9)
       on conflict (projection, stream) do update set revision = excluded.revision, event_id = excluded.event_id, type = excluded.type,
         error = excluded.error, held_revision = greatest(projection_parked.held_revision, excluded.held_revision), position = excluded.position, retry = false`,
    [projection, stream, revision, eventId, type, error, position, topic, partition],
  )

/** In the transaction that goes past the events. */
export const hold = (session: Session, projection: string, held: ReadonlyMap<string, number>) =>
  session.query(
    `update public.projection_parked p set held_revision = greatest(p.held_revision, u.revision)
       from unnest($2::text[], $3::integer[]) as u(stream, revision) where p.projection = $1 and p.stream = u.stream`,
    [projection, [...held.keys()], [...held.values()]],
  )

export const unpark = (session: Session, projection: string, stream: string) =>
  session.query('delete from public.projection_parked where projection = $1 and stream = $2', [projection, stream])

export const unparkAll = (sql: Sql, projection: string) =>
  sql.query('delete from public.projection_parked where projection = $1', [projection])
