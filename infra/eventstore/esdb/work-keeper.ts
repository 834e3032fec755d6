import type { Position } from '@weconnect/contracts/envelope'
import type { WorkRow } from '../port.ts'
import type { KeptWork, WorkChange } from './kept-work.ts'

interface Change extends WorkChange {
  /** Of the append that changed it last. */
  readonly position: Position
  /** Nothing was open there before `since`. */
  readonly isNew: boolean
}

/**
 * Keeps up what the processes of a log have folded, one of them at a time, whoever comes first; the others find that it stands further than they knew.
 * All fold the same, so it does not matter who.
 * @param from where what is kept stands, undefined = nothing is kept
 */
export const workKeeper = (kept: KeptWork, from: Position | undefined) => {
  const changes = new Map<string, Change>()
  let reached = from
  let saving: Promise<void> | undefined

  const isAfter = (position: Position, place: Position | undefined): boolean => place === undefined || position > place

  const save = async (to: Position): Promise<void> => {
    while (isAfter(to, reached)) {
      const since = reached
      // What began and ended meanwhile was never kept.
      const open = [...changes.values()].filter(
        (change) => isAfter(change.position, since) && (change.row !== undefined || !change.isNew || !isAfter(change.since, since)),
      )
      reached = await kept.move(since, to, open)
      for (const [stream, { position }] of changes) if (!isAfter(position, reached)) changes.delete(stream)
    }
  }

  return {
    /** @param isNew whether nothing was open there before */
    note: (stream: string, row: WorkRow | undefined, position: Position, isNew: boolean): void => {
      const known = changes.get(stream)
      changes.set(stream, { since: position, isNew, ...known, stream, row, position })
    },
    /**
     * Brings what is kept to where `note` was called up to, unless it is being done. What fails is done with the next.
     * @returns when it is done
     */
    save: (to: Position): Promise<void> => {
      saving ??= save(to)
        .catch(() => undefined)
        .finally(() => {
          saving = undefined
        })
      return saving
    },
  }
}
export type WorkKeeper = ReturnType<typeof workKeeper>
