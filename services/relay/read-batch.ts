import type { Position } from '@weconnect/contracts/envelope'
import type { EventStore, StoredEvent } from '@weconnect/eventstore/port'

/** A transaction costs some dozen milliseconds of the broker, whatever is in it. */
const batchEvents = 10_000
const batchBytes = 8 * 1024 * 1024
/** Short, so that answers of the broker are not left waiting, and so that what is read is dropped again while it is young. */
const pageEvents = 500

const sizeOf = (events: readonly StoredEvent[]): number =>
  events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0)

/** What is in the log now after a position, page by page, as much as one transaction takes. */
export async function* readBatch(store: EventStore, after: Position | undefined): AsyncGenerator<readonly StoredEvent[]> {
  let last = after
  let bytes = 0
  for (let events = 0; events < batchEvents && bytes < batchBytes; ) {
    const page = await store.readAll({ after: last, limit: pageEvents })
    if (page.length === 0) return
    yield page
    last = page.at(-1)?.position
    events += page.length
    bytes += sizeOf(page)
  }
}

/** Resolves when there is something after a position, or when the signal aborts. */
export const untilMore = async (store: EventStore, after: Position | undefined, signal: AbortSignal): Promise<void> => {
  for await (const _ of store.subscribe({ after: after ?? 'start', signal })) return
}
