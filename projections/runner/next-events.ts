import type { Envelope } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import type { Journal } from '@weconnect/eventstore/journal'
import type { ProjectionState } from './state.ts'

/** Projections that run, those that stand at the same position together, ascending. */
export const groupsByPosition = (states: readonly ProjectionState[]): readonly (readonly ProjectionState[])[] =>
  [
    ...Map.groupBy(
      states.filter(({ condition }) => condition === 'running'),
      ({ position }) => position ?? '',
    ),
  ]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => group)

/** Events that can be opened. When the very next append cannot, `stop` is called: nobody can go on. Errors of the storage are thrown. */
export const readable = async (
  journal: Journal,
  after: string | undefined,
  limit: number,
  stop: (error: unknown) => Promise<void>,
): Promise<readonly Envelope[]> => {
  try {
    return await journal.readAll({ after, limit })
  } catch (error) {
    if (isWeConnectError(error, 'STORAGE_FAILED') || isWeConnectError(error, 'UNAVAILABLE')) throw error
    if (limit > 1) return readable(journal, after, Math.max(1, limit >> 3), stop)
    await stop(error)
    return []
  }
}
