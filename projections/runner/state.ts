import type { Envelope, Position } from '@weconnect/contracts/envelope'
import type { Sql } from '@weconnect/postgres/pool'
import { type Checkpoint, saveCheckpoint } from './checkpoints.ts'
import type { ProjectionStatus, RebuildProgress } from './face.ts'
import { layoutOf, type Projection, relationsOf } from './projection.ts'
import { type PendingRows, pendingRows } from './tables/rows.ts'

/** A projection as it runs. */
export interface ProjectionState {
  readonly projection: Projection
  /** Schema of its tables: `public`, or that of a rebuild. */
  readonly schema: string
  /** Changes of the batch in hand. */
  readonly rows: PendingRows
  /** Last position that is in its tables. */
  position: Position | undefined
  condition: 'running' | 'stopped' | 'rebuilding'
  poison: ProjectionStatus['poison']
  rebuild: RebuildProgress | undefined
}

export const stateOf = (projection: Projection, schema: string, position?: Position): ProjectionState => ({
  projection,
  schema,
  rows: pendingRows(projection.tables),
  position,
  condition: 'running',
  poison: undefined,
  rebuild: undefined,
})

export const checkpointOf = ({ projection, position, condition, poison }: ProjectionState): Checkpoint => ({
  name: projection.name,
  version: projection.version,
  layout: layoutOf(projection),
  relations: relationsOf(projection),
  position: position ?? null,
  status: condition === 'stopped' ? 'stopped' : 'running',
  error: poison ?? null,
})

/** Stops a projection at an event it cannot apply, and says so where the next start and other processes see it. */
export const stopAt = async (
  sql: Sql,
  state: ProjectionState,
  event: Pick<Envelope, 'eventId' | 'stream' | 'revision' | 'type'>,
  error: unknown,
): Promise<void> => {
  const { eventId, stream, revision, type } = event
  state.condition = 'stopped'
  state.poison = { eventId, stream, revision, type, error: error instanceof Error ? error.message : String(error) }
  if (state.schema === 'public') await saveCheckpoint(sql, checkpointOf(state))
}
