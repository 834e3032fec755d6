import type { MemoryEvent } from '@weconnect/contracts/events/memory'
import type { ComparedBy } from '@weconnect/contracts/memory'

/** What a memory keeps of the values that it was shown. */
export type Remembered =
  | { readonly by: 'value'; readonly values: readonly string[]; readonly size: number }
  | { readonly by: Exclude<ComparedBy, 'value'>; readonly most: number }

/** A memory folded from its stream. All of it is JSON, so that a checkpoint can carry it. */
export interface ItemMemory {
  /** Hashes of values, the oldest first. */
  readonly values: readonly string[]
  /** Greatest number so far. */
  readonly number?: number
  /** Latest time so far, milliseconds since the epoch. */
  readonly time?: number
  /** Who was answered, `{execution}/{call}`, the newest last: as many as may still be under way. */
  readonly answered: readonly string[]
  readonly sinceCheckpoint: number
}

export const emptyMemory: ItemMemory = { values: [], answered: [], sinceCheckpoint: 0 }

const answersKept = 1_000

export const evolve = (memory: ItemMemory, event: MemoryEvent): ItemMemory => {
  switch (event.type) {
    case 'MemoryCheckpointed':
      return event.data.memory as unknown as ItemMemory
    case 'MemoryCleared':
      return { ...emptyMemory, ...answeredAlso(memory, event.data) }
    case 'ItemsRemembered':
      return { ...memory, ...answeredAlso(memory, event.data), ...withValues(memory, event.data.remembered as unknown as Remembered) }
  }
}

/** Names one call of one execution. */
export const askedBy = ({ executionId, call }: { readonly executionId: string; readonly call: string }): string => `${executionId}/${call}`

const answeredAlso = (
  { answered, sinceCheckpoint }: ItemMemory,
  call: Parameters<typeof askedBy>[0],
): Pick<ItemMemory, 'answered' | 'sinceCheckpoint'> => ({
  answered: [...answered, askedBy(call)].slice(-answersKept),
  sinceCheckpoint: sinceCheckpoint + 1,
})

const withValues = ({ values }: ItemMemory, remembered: Remembered): Partial<ItemMemory> =>
  remembered.by === 'value' ? { values: [...values, ...remembered.values].slice(-remembered.size) } : { [remembered.by]: remembered.most }
