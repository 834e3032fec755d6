import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { openFileBlobs } from '@weconnect/blobs/files'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { openJournal } from '@weconnect/eventstore/open-journal'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import { type Connection, openPool } from '@weconnect/postgres/pool'
import { startStoreFromTopics } from '@weconnect/projections/runner/topic-stores'
import { openStores, type StoreSettings } from '@weconnect/projections/stores'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { timers } from './read-models.ts'

/** The read models of MongoDB, MeiliSearch and InfluxDB from topics, as a process that a test kills: says `ready` when it keeps all of them. */
const { folder, database, kafka, settings } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly folder: string
  readonly database: Connection
  readonly kafka: KafkaSettings
  readonly settings: StoreSettings
}
const log = openEmbeddedEventStore({ folder, readOnly: true })
const keyring = openKeyFile(join(folder, 'keys.json'))
const blobs = openFileBlobs({ folder: join(folder, 'blobs'), addressKey: (organisationId) => keyring.derive(`blobs ${organisationId}`) })
const journal = openJournal({ store: log, keyring, blobs, now: () => new Date().toISOString(), newId: randomUUID })
const pool = openPool(database, 8)
const running = new Set<string>()
for (const store of await openStores(settings, randomUUID))
  startStoreFromTopics({
    ...{ journal, pool, kafka, store, timers },
    onStatus: ({ name, state }) => {
      if (state === 'running') running.add(name)
      if (running.size === 3) console.log('ready')
    },
  })
