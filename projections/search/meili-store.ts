import type { Position } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { SearchIndexes } from '@weconnect/search/port'
import { type Generation, placesIn, placesText, type ReadModelStore } from '../runner/stores/store.ts'
import { changesOf } from './documents.ts'
import { searchIndex } from './projection.ts'

export const searchIndexName = 'weconnect_search'
const nextIndexName = 'weconnect_search_next'
const checkpointKey = 'checkpoint'

/** A document of the index itself, of no organisation, so that nobody finds it: it goes where the index goes. */
interface Checkpoint {
  readonly version: number
  readonly generation: string
  readonly position: Position | null
  /** See placesText. */
  readonly places?: string | null
}

const settings = {
  searchableAttributes: ['title', 'keywords', 'body'],
  filterableAttributes: ['organizationId', 'kind', 'workflowId', 'visible'],
}

export interface MeiliSearchOptions {
  readonly indexes: SearchIndexes
  readonly newId: () => string
  /** That of the code, unless given. */
  readonly version?: number | undefined
}

/** Search documents in MeiliSearch. A rebuild fills an index beside the one that is read, and swaps the two. */
export const meiliSearchStore = ({ indexes, newId, version = searchIndex.version }: MeiliSearchOptions): ReadModelStore => {
  let building: Place | undefined
  const begin = async (place: Place): Promise<Generation> => {
    const checkpoint: Checkpoint = { version, generation: newId(), position: null }
    await indexes.create(place.index, 'key', settings)
    await indexes.put(place.index, [{ key: checkpointKey, ...checkpoint }])
    return generationOf(indexes, place, checkpoint)
  }
  return {
    name: searchIndex.name,
    version,
    variable: 'MEILI_URL',
    open: async () => {
      const place = { index: searchIndexName }
      const found = await indexes.get<Checkpoint>(searchIndexName, checkpointKey)
      return found === undefined ? begin(place) : generationOf(indexes, place, found)
    },
    begin: async () => {
      building = { index: nextIndexName }
      return begin(building)
    },
    swap: async () => {
      await indexes.swap(searchIndexName, nextIndexName)
      if (building !== undefined) building.index = searchIndexName
      await indexes.drop(nextIndexName)
    },
    close: async () => undefined,
  }
}

/** The index of a generation, which changes when it takes the place of the one that is read. */
interface Place {
  index: string
}

const generationOf = (indexes: SearchIndexes, place: Place, { version, generation, position, places: kept }: Checkpoint): Generation => ({
  version,
  position,
  places: placesIn(kept),
  write: async (events, factsOf) => {
    const { removed, put } = changesOf(events, factsOf)
    await indexes.remove(place.index, removed)
    await indexes.put(place.index, put)
  },
  keep: async (reached, places) => {
    const found = await indexes.get<Checkpoint>(place.index, checkpointKey)
    if (found?.generation !== generation)
      throw new WeConnectError('LEASE_LOST', 'the search documents were rebuilt by another process, or are gone')
    const text = placesText(places)
    if (found.position === reached && (found.places ?? null) === text) return
    await indexes.put(place.index, [{ key: checkpointKey, position: reached, places: text }])
  },
})
