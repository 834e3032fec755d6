import type { Pool } from '@weconnect/postgres/pool'
import { parkedStreams, streamsToRetry } from '../parked-streams.ts'
import type { ProjectionState } from '../state.ts'
import type { KeptPlace } from './topic-places.ts'
import { placeKey, type TopicWriter } from './topic-writer.ts'

/** Streams that a projection has put aside, whoever did; the first of them stands in its state. @param changed called when that is another one */
export const putAside = (pool: Pool, state: ProjectionState, changed: () => void) => {
  const { name } = state.projection
  const streams = new Set<string>()
  const refresh = async (): Promise<void> => {
    const rows = await parkedStreams(pool, name)
    streams.clear()
    for (const { stream } of rows) streams.add(stream)
    const before = state.poison?.eventId
    const [first] = rows
    state.poison = first && { eventId: first.eventId, stream: first.stream, revision: first.revision, type: first.type, error: first.error }
    if (before !== state.poison?.eventId) changed()
  }
  return {
    streams,
    refresh,
    /** Those that were asked for, and are ours. @param places of our partitions */
    retry: async (by: TopicWriter, places: ReadonlyMap<string, KeptPlace>): Promise<void> => {
      for (const stream of await streamsToRetry(pool, name)) if (places.has(placeKey(stream))) await by.retry(stream)
      await refresh()
    },
  }
}
