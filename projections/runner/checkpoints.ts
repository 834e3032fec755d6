import type { Position } from '@weconnect/contracts/envelope'
import type { Sql } from '@weconnect/postgres/pool'
import type { ProjectionStatus } from './face.ts'

export interface Checkpoint {
  readonly name: string
  readonly version: number
  /** Of the tables' declarations: see layoutOf. */
  readonly layout: string
  /** Names of its tables and views, for a later version that has others. */
  readonly relations: readonly string[]
  readonly position: Position | null
  /** `waiting`: the server that keeps it does not answer. */
  readonly status: 'running' | 'stopped' | 'waiting'
  readonly error: ProjectionStatus['poison'] | null
}

/** Layout of a read model that another server than this one keeps. */
export const elsewhere = 'elsewhere'

export const createCheckpoints = `create table if not exists public.projection_checkpoints (
  name text primary key, version integer not null, layout text not null, relations text[] not null, position text, status text not null default 'running', error jsonb)`

export const readCheckpoints = (sql: Sql): Promise<readonly Checkpoint[]> =>
  sql.query<Checkpoint>('select name, version, layout, relations, position, status, error from public.projection_checkpoints')

export const saveCheckpoint = async (
  sql: Sql,
  { name, version, layout, relations, position, status, error }: Checkpoint,
): Promise<void> => {
  await sql.query(
    `insert into public.projection_checkpoints (name, version, layout, relations, position, status, error) values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (name) do update set version = excluded.version, layout = excluded.layout, relations = excluded.relations, position = excluded.position,
        status = excluded.status, error = excluded.error`,
    [name, version, layout, relations, position, status, error === null ? null : JSON.stringify(error)],
  )
}

/** In the transaction of the batch. Names, then position. */
export const advanceCheckpoints = 'update public.projection_checkpoints set position = $2 where name = any($1)'
