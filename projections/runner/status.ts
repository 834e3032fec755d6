import type { Position } from '@weconnect/contracts/envelope'
import type { Journal } from '@weconnect/eventstore/journal'
import type { ProjectionStatus } from './face.ts'
import type { ProjectionState } from './state.ts'
import { distance } from './waiters.ts'

/** Where a projection stands beside the end of the log. @param nowMs milliseconds since the epoch */
export const statusOf = async (
  { projection: { name, version }, position, rebuild, poison }: ProjectionState,
  state: ProjectionStatus['state'],
  journal: Pick<Journal, 'readAll'>,
  head: Position | undefined,
  nowMs: number,
): Promise<ProjectionStatus> => {
  const eventsBehind = Math.max(0, distance(position, head))
  const [oldest] = eventsBehind === 0 ? [] : await journal.readAll({ after: position, limit: 1 }).catch(() => [])
  const msBehind = oldest === undefined ? 0 : Math.max(0, nowMs - Date.parse(oldest.time))
  return { name, version, state, position, eventsBehind, msBehind, rebuild, poison }
}
