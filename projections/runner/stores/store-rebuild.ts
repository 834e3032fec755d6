import type { Position } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Journal } from '@weconnect/eventstore/journal'
import type { RebuildProgress } from '../face.ts'
import { rest, type Timers } from '../timers.ts'
import { distance } from '../waiters.ts'
import type { Generation, ReadModelStore } from './store.ts'
import { storeWriter } from './store-writer.ts'

export interface StoreRebuildParts {
  readonly journal: Journal
  readonly store: ReadModelStore
  readonly timers: Timers
  /** Runs something while nothing is written to the generation that is read. */
  readonly exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>
  /** Where the generation that is read stands. */
  readonly live: () => Position | undefined
  readonly isClosed: () => boolean
}

export interface Rebuilt {
  readonly generation: Generation
  readonly position: Position | undefined
}

const batchEvents = 4_000

/**
 * Builds a generation from the log behind the one that is read, then puts it in its place.
 * @param onSwapped called with it before anything else is written
 * @throws WeConnectError PROJECTION_STOPPED when an event is refused: the generation that is read stays
 */
export const rebuildStore = async (
  { journal, store, timers, exclusively, live, isClosed }: StoreRebuildParts,
  onProgress: (progress: RebuildProgress) => void,
  onSwapped: (rebuilt: Rebuilt) => Promise<void>,
): Promise<RebuildProgress> => {
  const began = timers.now()
  const generation = await store.begin()
  const writer = storeWriter(journal)
  let position: Position | undefined
  let events = 0

  const report = (fraction: number, done = false): RebuildProgress => {
    const eventsPerSecond = Math.round((events * 1_000) / Math.max(1, timers.now() - began))
    const progress = { name: store.name, events, eventsPerSecond, fraction, done }
    onProgress(progress)
    return progress
  }

  /** @returns whether the end of the log was reached */
  const batch = async (): Promise<boolean> => {
    if (isClosed()) throw new WeConnectError('UNAVAILABLE', 'the projections are closing')
    const read = await journal.readAll({ after: position, limit: batchEvents })
    const last = read.at(-1)
    if (last === undefined) return true
    const refused = await writer.write(generation, read)
    if (refused !== undefined)
      throw new WeConnectError(
        'PROJECTION_STOPPED',
        `${refused.event.type} ${refused.event.eventId} of ${refused.event.stream}: ${refused.error}`,
      )
    position = last.position
    events += read.length
    const head = await journal.head()
    report(Math.min(1, distance(undefined, position) / Math.max(1, distance(undefined, head))))
    await rest(timers, 0)
    return distance(position, head) < batchEvents
  }

  while (!(await batch()));
  await exclusively(async () => {
    while ((position ?? '') < (live() ?? '')) await batch()
    if (position !== undefined) await generation.keep(position)
    await store.swap(generation)
    await onSwapped({ generation, position })
  })
  return report(1, true)
}
