import type { Position } from '@weconnect/contracts/envelope'
import { inTransaction, type Pool, type Session, type Sql } from '@weconnect/postgres/pool'
import { type Checkpoint, createCheckpoints, elsewhere, readCheckpoints, saveCheckpoint } from './checkpoints.ts'
import { createParked, unparkAll } from './parked-streams.ts'
import { createIndexes, createTable, createView, layoutOf, type Projection, relationsOf } from './projection.ts'
import { checkpointOf, type ProjectionState, stateOf } from './state.ts'
import { createPlaces, forgetPlaces, projectionsWithPlaces } from './topics/topic-places.ts'
import { logOf } from './waiters.ts'

interface LogHead {
  readonly logId: string
  readonly head: Position | undefined
}

/**
 * Makes the tables of projections that have none, and says from where each goes on. One whose version or layout changed stays as it is, to be
 * rebuilt; tables that were built from another log (or a later state of this one: a restored backup) are dropped.
 */
export const prepareStates = async (
  pool: Pool,
  projections: readonly Projection[],
  log: LogHead & {
    /** Other processes write the same tables: what a rebuild has begun may be theirs. */
    readonly shared?: boolean
  },
): Promise<readonly ProjectionState[]> => {
  const session = await pool.session()
  try {
    await session.query('create extension if not exists pg_trgm')
    await session.query(`${createCheckpoints}; ${createPlaces}; ${createParked}`)
    if (!log.shared) await dropRemains(session)
    const fed = log.shared ? new Set<string>() : await projectionsWithPlaces(session)
    const checkpoints = new Map((await readCheckpoints(session)).map((checkpoint) => [checkpoint.name, checkpoint]))
    const states: ProjectionState[] = []
    for (const projection of projections)
      states.push(await prepareState(session, projection, checkpoints.get(projection.name), log, fed.has(projection.name)))
    return states
  } finally {
    session.release()
  }
}

const prepareState = async (
  session: Session,
  projection: Projection,
  checkpoint: Checkpoint | undefined,
  log: LogHead,
  fedFromTopics: boolean,
): Promise<ProjectionState> => {
  if (checkpoint === undefined || checkpoint.layout === elsewhere || !isOfLog(checkpoint.position, log))
    return createAnew(session, projection, checkpoint?.relations ?? [])
  const state = stateOf(projection, 'public', checkpoint.position ?? undefined)
  const changed = checkpoint.version !== projection.version || checkpoint.layout !== layoutOf(projection)
  // A projection that was stopped tries again: the code may have been mended.
  // Fed from topics, its position was the least of many: from the log, some events would be applied twice.
  return changed || fedFromTopics ? { ...state, condition: 'rebuilding' } : state
}

const isOfLog = (position: Position | null, { logId, head }: LogHead): boolean =>
  position === null || (logOf(position) === logId && head !== undefined && position <= head)

const createAnew = (session: Session, projection: Projection, old: readonly string[]): Promise<ProjectionState> =>
  inTransaction(session, async () => {
    const state = stateOf(projection, 'public')
    await dropRelations(session, [...old, ...relationsOf(projection)])
    await createTables(session, projection, 'public')
    await createAllIndexes(session, projection, 'public')
    await createViews(session, projection)
    await saveCheckpoint(session, checkpointOf(state))
    await forgetTopics(session, projection.name)
    return state
  })

/** Its tables follow from the log up to its checkpoint: no place in a topic counts any more. */
export const forgetTopics = async (sql: Sql, projection: string): Promise<void> => {
  await forgetPlaces(sql, projection)
  await unparkAll(sql, projection)
}

/** Tables and views of these names, and what depends on them. */
export const dropRelations = async (session: Session, names: readonly string[]): Promise<void> => {
  for (const name of new Set(names)) {
    const [found] = await session.query<{ kind: string }>('select relkind as kind from pg_class where oid = to_regclass($1)', [
      `public.${name}`,
    ])
    if (found !== undefined) await session.query(`drop ${found.kind === 'v' ? 'view' : 'table'} public.${name} cascade`)
  }
}

/** In `public`, when its tables are there. */
export const createViews = async (session: Session, { views = [] }: Projection): Promise<void> => {
  for (const view of views) await session.query(createView(view, 'public'))
}

export const createTables = async (session: Session, { tables }: Projection, schema: string): Promise<void> => {
  for (const table of tables) await session.query(createTable(table, schema))
}

export const createAllIndexes = async (session: Session, { tables }: Projection, schema: string): Promise<void> => {
  for (const statement of tables.flatMap((table) => createIndexes(table, schema))) await session.query(statement)
}

/** Rebuilds that a crash cut short begin again from nothing. */
const dropRemains = async (session: Session): Promise<void> => {
  const remains = await session.query<{ name: string }>(`select nspname as name from pg_namespace where nspname like 'rebuild\\_%'`)
  for (const { name } of remains) await session.query(`drop schema "${name}" cascade`)
}
