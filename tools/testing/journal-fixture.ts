import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFileBlobs } from '@weconnect/blobs/files'
import type { Blobs } from '@weconnect/blobs/port'
import type { Context } from '@weconnect/contracts/envelope'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import type { Journal } from '@weconnect/eventstore/journal'
import { openJournal } from '@weconnect/eventstore/open-journal'
import type { EventStore, WorkOf } from '@weconnect/eventstore/port'
import { type KeyFile, openKeyFile } from '@weconnect/secrets/key-file'

export interface JournalFixture {
  readonly folder: string
  readonly store: EventStore
  readonly keyring: KeyFile
  readonly blobs: Blobs
  readonly journal: Journal
  /** Closes all and removes the folder. */
  close(): Promise<void>
}

/** A real journal over the embedded log, key file and blobs, in a folder of its own under the system's temporary folder. */
export const openJournalFixture = ({
  now = () => new Date().toISOString(),
  ...options
}: {
  workOf?: WorkOf
  now?: () => string
} = {}): JournalFixture => {
  const folder = mkdtempSync(join(tmpdir(), 'weconnect-journal-'))
  const store = openEmbeddedEventStore({ folder, ...options })
  const keyring = openKeyFile(join(folder, 'keys.json'))
  const blobs = openFileBlobs({ folder: join(folder, 'blobs'), addressKey: (organisationId) => keyring.derive(`blobs ${organisationId}`) })
  const journal = openJournal({ store, keyring, blobs, now, newId: randomUUID })
  const close = async (): Promise<void> => {
    await store.close()
    rmSync(folder, { recursive: true })
  }
  return { folder, store, keyring, blobs, journal, close }
}

/** Someone of a new organisation. */
export const someContext = (): Context => ({
  actor: 'system',
  organisationId: randomUUID(),
  correlationId: randomUUID(),
  causationId: randomUUID(),
})
