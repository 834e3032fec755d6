import type { Context, Envelope, Position } from '@weconnect/contracts/envelope'
import type { BulkEvent } from '@weconnect/contracts/events/bulk'
import { streamOf } from '@weconnect/contracts/ids'
import type { Head } from '@weconnect/eventstore/journal'
import type { StreamJournal } from '../parts.ts'
import { type Bulk, evolveBulk, initialBulk } from './state.ts'

export const bulkStream = (bulkId: string): string => streamOf('bulk', bulkId)

export interface RecordedBulk {
  readonly bulk: Bulk
  readonly head: Head
  readonly position: Position
  /** Of who asked for it. */
  readonly context: Context
}

/** An unknown one has status `absent`. */
export const readBulk = async (journal: StreamJournal, bulkId: string): Promise<RecordedBulk> => {
  let recorded: RecordedBulk = {
    bulk: initialBulk(),
    head: { revision: -1, hash: '' },
    position: '',
    context: { actor: 'system', organisationId: '', correlationId: bulkId, causationId: bulkId },
  }
  for await (const event of journal.read(bulkStream(bulkId)) as AsyncIterable<Envelope<BulkEvent>>) {
    const { actor, organisationId, correlationId, causationId, revision, hash, position } = event
    recorded = {
      bulk: evolveBulk(recorded.bulk, event),
      head: { revision, hash },
      position,
      context: revision === 0 ? { actor, organisationId, correlationId, causationId } : recorded.context,
    }
  }
  return recorded
}
