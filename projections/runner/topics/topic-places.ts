import type { Position } from '@weconnect/contracts/envelope'
import type { Place, TopicPartition } from '@weconnect/kafka/partition-reader'
import type { Session, Sql } from '@weconnect/postgres/pool'

/** How far a projection is in one partition. */
export interface KeptPlace extends Place {
  /** In the log, of the last event of this partition that is in the tables. What is not after it is not applied again, whatever its offset. */
  readonly position: Position | undefined
}

/** From where one batch takes a partition to where. */
export interface Step {
  readonly from: KeptPlace
  readonly to: KeptPlace
}

/** Another process has taken the partition, or has built the tables anew: what was read here is not applied. */
export class Superseded extends Error {
  override readonly name = 'Superseded'
}

export const createPlaces = `create table if not exists public.projection_places (
  projection text not null, topic text not null, partition integer not null, next_offset bigint not null, position text,
  primary key (projection, topic, partition))`

interface Row {
  readonly topic: string
  readonly partition: number
  readonly next_offset: number
  readonly position: string | null
}

/** Places of all these partitions; one that has none begins at the start of the topic. @param position up to where its tables have everything */
export const openPlaces = async (
  sql: Sql,
  projection: string,
  partitions: readonly TopicPartition[],
  position: Position | undefined,
): Promise<readonly KeptPlace[]> => {
  const topics = partitions.map(({ topic }) => topic)
  const numbers = partitions.map(({ partition }) => partition)
  await sql.query(
    `insert into public.projection_places (projection, topic, partition, next_offset, position)
       select $1, u.topic, u.partition, 0, $4 from unnest($2::text[], $3::integer[]) as u(topic, partition) on conflict do nothing`,
    [projection, topics, numbers, position ?? null],
  )
  return readPlaces(sql, projection)
}

export const readPlaces = async (sql: Sql, projection: string): Promise<readonly KeptPlace[]> => {
  const rows = await sql.query<Row>('select topic, partition, next_offset, position from public.projection_places where projection = $1', [
    projection,
  ])
  return rows.map(({ topic, partition, next_offset, position }) => ({
    topic,
    partition,
    offset: next_offset,
    position: position ?? undefined,
  }))
}

/** In the transaction of the batch. @throws Superseded */
export const takeSteps = async (session: Session, projection: string, steps: readonly Step[]): Promise<void> => {
  const column = <Value>(of: (step: Step) => Value): Value[] => steps.map(of)
  const taken = await session.query(
    `update public.projection_places p set next_offset = u.next_offset, position = u.position
       from unnest($2::text[], $3::integer[], $4::bigint[], $5::text[], $6::bigint[], $7::text[])
         as u(topic, partition, next_offset, position, was_offset, was_position)
       where p.projection = $1 and p.topic = u.topic and p.partition = u.partition and p.next_offset = u.was_offset
         and p.position is not distinct from u.was_position returning 1`,
    [
      projection,
      column(({ to }) => to.topic),
      column(({ to }) => to.partition),
      column(({ to }) => to.offset),
      column(({ to }) => to.position ?? null),
      column(({ from }) => from.offset),
      column(({ from }) => from.position ?? null),
    ],
  )
  if (taken.length !== steps.length) throw new Superseded(`another process writes ${projection}`)
}

/** Everything up to a position is in the tables, whatever partition it came by. */
export const placesReached = (sql: Sql, projection: string, position: Position | undefined): Promise<unknown> =>
  sql.query('update public.projection_places set position = $2 where projection = $1', [projection, position ?? null])

/** What comes before is in the tables, and not in the topics any more. */
export const placesBegin = (sql: Sql, projection: string, begins: readonly Place[]): Promise<unknown> =>
  sql.query(
    `update public.projection_places p set next_offset = greatest(p.next_offset, u.next_offset)
       from unnest($2::text[], $3::integer[], $4::bigint[]) as u(topic, partition, next_offset)
       where p.projection = $1 and p.topic = u.topic and p.partition = u.partition`,
    [projection, begins.map(({ topic }) => topic), begins.map(({ partition }) => partition), begins.map(({ offset }) => offset)],
  )

/** Those that were ever fed from topics, and not from the log since. */
export const projectionsWithPlaces = async (sql: Sql): Promise<ReadonlySet<string>> =>
  new Set(
    (await sql.query<{ projection: string }>('select distinct projection from public.projection_places')).map(
      ({ projection }) => projection,
    ),
  )

export const forgetPlaces = (sql: Sql, projection: string): Promise<unknown> =>
  sql.query('delete from public.projection_places where projection = $1', [projection])
