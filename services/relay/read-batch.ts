import type { Position } from '@weconnect/contracts/envelope'
import type { EventStore, StoredEvent } from '@weconnect/eventstore/port'

/** One transaction costs a dozen milliseconds, whatever is in it. */
const batchEvents = 4_000
const batchBytes = 4 * 1024 * 1024

const sizeOf = (events: readonly StoredEvent[]): number =>
  events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0)

/** What is in the log now after a position, as much as one transaction takes. */
const readNow = async (store: EventStore, after: Position | undefined): Promise<StoredEvent[]> => {
  const events: StoredEvent[] = []
  let bytes = 0
  while (events.length < batchEvents && bytes < batchBytes) {
    const page = await store.readAll({ after: events.at(-1)?.position ?? after, limit: batchEvents - events.length })
    if (page.length === 0) break
    events.push(...page)
    bytes += sizeOf(page)
  }
  return events
}

/** The next batch of the log; waits while there is nothing. Empty only when the signal aborts. */
export const readBatch = async (store: EventStore, after: Position | undefined, signal: AbortSignal): Promise<readonly StoredEvent[]> => {
  while (!signal.aborted) {
    const events = await readNow(store, after)
    if (events.length > 0) return events
    for await (const _ of store.subscribe({ after: after ?? 'start', signal })) break
  }
  return []
}
