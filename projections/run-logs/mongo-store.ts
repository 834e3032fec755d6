import type { Position } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Documents, Index } from '@weconnect/mongo/port'
import { type Generation, placesIn, placesText, type ReadModelStore } from '../runner/stores/store.ts'
import { changesOf } from './documents.ts'
import { runLogDocuments } from './projection.ts'

export const runLogCollection = 'run_logs'
const nextCollection = 'run_logs_next'
const checkpointId = 'checkpoint'
const daySeconds = 24 * 3_600

/** Kept in the collection itself, so that a restored backup, or a generation that takes another's place, brings its own. */
interface Checkpoint {
  readonly version: number
  readonly generation: string
  readonly position: Position | null
  /** See placesText. */
  readonly places?: string | null
}

const execution: Index = { name: 'execution', fields: { executionId: 1, part: 1 } }
const workflow: Index = { name: 'workflow', fields: { organisationId: 1, workflowId: 1, requestedAt: -1 } }
/** Only documents that have the date expire: those of open executions never do. */
const retention = (days: number): Index => ({ name: 'retention', fields: { endedAt: 1 }, expireAfterSeconds: days * daySeconds })

export interface MongoRunLogsOptions {
  readonly documents: Documents
  readonly retentionDays: number | undefined
  readonly newId: () => string
  /** That of the code, unless given. */
  readonly version?: number | undefined
}

/** Run logs in MongoDB. A rebuild fills a collection beside the one that is read, and renames it. */
export const mongoRunLogStore = ({
  documents,
  retentionDays,
  newId,
  version = runLogDocuments.version,
}: MongoRunLogsOptions): ReadModelStore => {
  let building: Place | undefined
  const index = (collection: string): Promise<void> =>
    retentionDays === undefined
      ? documents.index(collection, [execution, workflow], ['retention'])
      : documents.index(collection, [execution, workflow, retention(retentionDays)])
  const begin = async (place: Place): Promise<Generation> => {
    const checkpoint: Checkpoint = { version, generation: newId(), position: null }
    await index(place.collection)
    await documents.upsert(place.collection, [{ id: checkpointId, set: { ...checkpoint } }])
    return generationOf(documents, place, checkpoint)
  }
  return {
    name: runLogDocuments.name,
    version,
    variable: 'MONGODB_URL',
    open: async () => {
      const place = { collection: runLogCollection }
      const [found] = await documents.find<Checkpoint>(runLogCollection, { _id: checkpointId }, { limit: 1 })
      if (found === undefined) return begin(place)
      await index(runLogCollection)
      return generationOf(documents, place, found)
    },
    begin: async () => {
      await documents.drop(nextCollection)
      building = { collection: nextCollection }
      return begin(building)
    },
    swap: async () => {
      await documents.rename(nextCollection, runLogCollection)
      if (building !== undefined) building.collection = runLogCollection
    },
    close: () => documents.close(),
  }
}

/** The collection of a generation, which changes when it takes the place of the one that is read. */
interface Place {
  collection: string
}

const generationOf = (documents: Documents, place: Place, { version, generation, position, places: kept }: Checkpoint): Generation => ({
  version,
  position,
  places: placesIn(kept),
  write: async (events, factsOf) => {
    const { upserts, ended } = changesOf(events, factsOf)
    await documents.upsert(place.collection, upserts)
    for (const { executionId, endedAt } of ended) await documents.setWhere(place.collection, { executionId }, { endedAt })
  },
  keep: async (reached, places) => {
    const mark = { position: reached, places: placesText(places) }
    const found = await documents.setWhere(place.collection, { _id: checkpointId, generation }, mark)
    if (found === 0) throw new WeConnectError('LEASE_LOST', 'the run logs were rebuilt by another process')
  },
})
