import { type Connection, openPool } from '@weconnect/postgres/pool'
import { expect, vi } from 'vitest'
import type { Instance } from '../instance.ts'

interface ProjectionState {
  readonly name: string
  readonly status: string
  readonly lag: number
}

export const projectionsOf = async (instance: Pick<Instance, 'graphql'>): Promise<readonly ProjectionState[]> =>
  (await instance.graphql<{ projections: readonly ProjectionState[] }>('{ projections { name status lag } }')).projections

/** Waits until every read model has applied the whole log. */
export const caughtUp = (instance: Pick<Instance, 'graphql'>): Promise<void> =>
  vi.waitFor(async () => expect((await projectionsOf(instance)).filter(({ lag, status }) => lag > 0 || status !== 'running')).toEqual([]), {
    timeout: 60_000,
    interval: 50,
  })

/** Every row of every table and view of the read models, all columns as PostgreSQL writes them, ordered; by table. */
export const allTables = async (instance: Pick<Instance, 'database'>): Promise<ReadonlyMap<string, readonly string[]>> =>
  tablesOf((await instance.database()).connection)

/** The same of any database. */
export const tablesOf = async (connection: Connection): Promise<ReadonlyMap<string, readonly string[]>> => {
  const pool = openPool(connection, 1)
  try {
    const tables = await pool.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v') and relname not like 'projection\\_%' order by 1`,
    )
    const rows = new Map<string, readonly string[]>()
    for (const { name } of tables) {
      const found = await pool.query<{ row: string }>(`select t::text as row from public.${name} t order by 1`)
      rows.set(
        name,
        found.map(({ row }) => row),
      )
    }
    return rows
  } finally {
    await pool.close()
  }
}

/** What is different, short enough to read. */
export const tableDifferences = (
  before: ReadonlyMap<string, readonly string[]>,
  after: ReadonlyMap<string, readonly string[]>,
): readonly { readonly table: string; readonly only: readonly string[] }[] =>
  [...new Set([...before.keys(), ...after.keys()])].flatMap((table) => {
    const [old, now] = [new Set(before.get(table)), new Set(after.get(table))]
    const only = [...old.symmetricDifference(now)]
    return only.length === 0 ? [] : [{ table, only: only.sort().slice(0, 4) }]
  })
