import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { openFileBlobs } from '@weconnect/blobs/files'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { openJournal } from '@weconnect/eventstore/open-journal'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import { type Connection, openPool } from '@weconnect/postgres/pool'
import { readModels } from '@weconnect/projections/read-models'
import { runProjectionsFromKafka } from '@weconnect/projections/runner/topic-runners'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { timers } from './read-models.ts'

/** All read models from topics, as a process that a test kills: says `ready`, and each position that all of them have reached. */
const { folder, database, kafka } = JSON.parse(process.argv[2] ?? '{}') as { folder: string; database: Connection; kafka: KafkaSettings }
const store = openEmbeddedEventStore({ folder, readOnly: true })
const keyring = openKeyFile(join(folder, 'keys.json'))
const blobs = openFileBlobs({ folder: join(folder, 'blobs'), addressKey: (organisationId) => keyring.derive(`blobs ${organisationId}`) })
const journal = openJournal({ store, keyring, blobs, now: () => new Date().toISOString(), newId: randomUUID })
await runProjectionsFromKafka({ journal, pool: openPool(database, 24), kafka, projections: readModels, timers })
console.log('ready')
