import { join } from 'node:path'
import { openFileBlobs } from '@weconnect/blobs/files'
import type { Envelope, Position } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import type { Journal } from '@weconnect/eventstore/journal'
import { openJournal } from '@weconnect/eventstore/open-journal'
import type { EventStore } from '@weconnect/eventstore/port'
import { openKeyFile } from '@weconnect/secrets/key-file'

const batch = 5_000

/** Everything that a journal reads, from its beginning unless a position is given. */
export const allEvents = async (journal: Pick<Journal, 'readAll'>, after?: Position): Promise<readonly Envelope[]> => {
  const events: Envelope[] = []
  for (;;) {
    const more = await journal.readAll({ after: events.at(-1)?.position ?? after, limit: batch })
    if (more.length === 0) return events
    events.push(...more)
  }
}

/** Reads the log of a data folder beside its owner, with the owner's keys. */
export const readLog = async (dataFolder: string): Promise<readonly Envelope[]> => {
  const store = openEmbeddedEventStore({ folder: dataFolder, readOnly: true })
  try {
    const keyring = openKeyFile(join(dataFolder, 'keys.json'))
    const blobs = openFileBlobs({ folder: join(dataFolder, 'blobs'), addressKey: (id) => keyring.derive(`blobs/${id}`) })
    const journal = openJournal({ store, keyring, blobs, now: () => '', newId: () => '' })
    return await allEvents(journal)
  } finally {
    await store.close()
  }
}

export type RecordedEvent = Envelope<ExecutionEvent>

/** Streams of executions, by execution id. */
export const executionsIn = (events: readonly Envelope[]): ReadonlyMap<string, readonly RecordedEvent[]> => {
  const executions = new Map<string, RecordedEvent[]>()
  for (const event of events) {
    if (familyOf(event.stream) !== 'execution') continue
    const id = idOf(event.stream)
    executions.set(id, [...(executions.get(id) ?? []), event as RecordedEvent])
  }
  return executions
}

const endings = new Set(['ExecutionCompleted', 'ExecutionFailed', 'ExecutionCancelled', 'ExecutionTimedOut'])
export const endingsOf = (events: readonly RecordedEvent[]): readonly string[] =>
  events.map(({ type }) => type).filter((type) => endings.has(type))

/** The id of the delivery that an execution began with, when a test sent it. */
export const deliveryOf = ([first]: readonly RecordedEvent[]): string => {
  if (first?.type !== 'ExecutionRequested') throw new Error(`a stream begins with ${first?.type}`)
  return (first.data.input as { json: { body: { delivery: string } } }[][])[0]?.[0]?.json.body.delivery ?? ''
}

/** Executions that have not ended, of a store that may be another process's. */
export const openExecutionsIn = async (store: Pick<EventStore, 'openWork'>): Promise<readonly string[]> =>
  (await store.openWork()).filter(({ stream }) => familyOf(stream) === 'execution').map(({ stream }) => idOf(stream))
