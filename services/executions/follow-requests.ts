import { idOf } from '@weconnect/contracts/ids'
import type { EventStore } from '@weconnect/eventstore/port'

export interface Requests {
  /** Asked for by another process, which did not begin it. */
  requested(executionId: string): void
  cancelled(executionId: string): void
  /** A person decided about an incident of it. */
  resolved(executionId: string): void
}

/** The engine is one more reader of the log. Types are enough; nothing is opened. Resolves when the signal aborts. */
export const followRequests = async (store: EventStore, signal: AbortSignal, requests: Requests): Promise<void> => {
  for await (const events of store.subscribe({ after: 'end', families: ['execution'], signal })) {
    for (const [index, { type, stream }] of events.entries()) {
      if (type === 'ExecutionRequested' || type === 'ExecutionResumed') {
        // Whoever begins or goes on with an execution at once appends what comes of it with it.
        if (events[index + 1]?.stream !== stream) requests.requested(idOf(stream))
      } else if (type === 'CancellationRequested') requests.cancelled(idOf(stream))
      else if (type === 'IncidentResolved') requests.resolved(idOf(stream))
    }
  }
}
