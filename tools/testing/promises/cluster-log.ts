import { openKept } from '@weconnect/blobs/kept'
import { openEsdbEventStore } from '@weconnect/eventstore/esdb'
import type { Journal } from '@weconnect/eventstore/journal'
import { openJournal } from '@weconnect/eventstore/open-journal'
import type { EventStore } from '@weconnect/eventstore/port'
import { executionWork } from '@weconnect/executions/open-work'
import type { Cluster } from '../cluster.ts'

export interface ClusterLog {
  readonly store: EventStore
  readonly journal: Journal
  close(): Promise<void>
}

/** The log as another program sees it, with the keys of the cluster. */
export const openClusterLog = async ({
  eventStore,
  env,
  database,
}: Pick<Cluster, 'eventStore' | 'env' | 'database'>): Promise<ClusterLog> => {
  const store = await openEsdbEventStore({ url: eventStore.url, workOf: executionWork })
  const kept = await openKept({ keys: { masterKey: env['WECONNECT_MASTER_KEY'] ?? '' }, blobs: { database } })
  const journal = openJournal({ ...kept, store, now: () => '', newId: () => '' })
  return {
    store,
    journal,
    close: async () => {
      await kept.close()
      await store.close()
    },
  }
}
