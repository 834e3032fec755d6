import { familyOf, idOf } from '@weconnect/contracts/ids'
import type { WorkRow } from '@weconnect/eventstore/port'
import type { Peers } from './peers.ts'

/** Looks for which an execution may stand as it is before it counts as left behind: whoever has it in hand needs a moment. */
const patience = 2
/** Looks until one that was taken up, and still stands as it did, is taken up again: it waits for its turn, most likely. */
const longPatience = 15

/**
 * Finds executions that nobody goes on with: of workers that are gone, of a wait that is over, and those that were asked for and not begun. Asked again
 * and again with the newest rows of the open work, beside engines that run most of it.
 */
export const openLeftBehind = (worker: string, peers: Peers) => {
  /** Looks for which a row stood as it is. */
  let seen = new Map<string, number>()

  const mayTake = (row: WorkRow, looks: number, now: number): boolean => {
    const executionId = idOf(row.stream)
    if (row.status === 'waiting') return row.dueAt !== undefined && row.dueAt <= now && looks >= patience && peers.owns(executionId)
    if (row.status === 'ready' || row.worker === undefined) return looks >= patience && peers.owns(executionId)
    if (row.worker === worker) return looks >= patience
    return !peers.isAlive(row.worker) && peers.owns(executionId)
  }

  /** @returns ids of executions to take up */
  return (rows: readonly WorkRow[], now: number): string[] => {
    const before = seen
    seen = new Map()
    const found: string[] = []
    for (const row of rows) {
      if (familyOf(row.stream) !== 'execution') continue
      const key = `${row.stream}/${row.status}/${row.epoch ?? ''}/${row.dueAt ?? ''}`
      const looks = (before.get(key) ?? 0) + 1
      const takes = mayTake(row, looks, now)
      seen.set(key, takes ? -longPatience : looks)
      if (takes) found.push(idOf(row.stream))
    }
    return found
  }
}
