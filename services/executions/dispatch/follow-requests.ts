import { idOf } from '@weconnect/contracts/ids'
import type { EventStore } from '@weconnect/eventstore/port'
import { isEnding } from './open-work.ts'

export interface Requests {
  /** Asked for by another process, which did not begin it. @param data of the request as it is stored */
  requested(executionId: string, data: Buffer): void
  cancelled(executionId: string): void
  /** Someone said something that may let it go on, or keep it from going on. */
  told(executionId: string): void
  /** It has ended, or began to wait. */
  left(executionId: string): void
}

const tidings = new Set([
  'IncidentResolved',
  'PauseRequested',
  'PauseEnded',
  'SignalReceived',
  'ApprovalDecided',
  'ExecutionMigrated',
  'ExecutionMigrationReleased',
])

/** The engine is one more reader of the log. Types are enough; nothing is opened. Resolves when the signal aborts. */
export const followRequests = async (store: EventStore, signal: AbortSignal, requests: Requests): Promise<void> => {
  for await (const events of store.subscribe({ after: 'end', families: ['execution'], signal })) {
    for (const [index, { type, stream, data }] of events.entries()) {
      // Whoever begins or goes on with an execution at once appends what comes of it with it.
      const isAlone = events[index + 1]?.stream !== stream
      if (type === 'ExecutionRequested') {
        if (isAlone) requests.requested(idOf(stream), data)
      } else if (type === 'ExecutionResumed') {
        if (isAlone) requests.told(idOf(stream))
      } else if (type === 'CancellationRequested') requests.cancelled(idOf(stream))
      else if (tidings.has(type)) requests.told(idOf(stream))
      else if (type === 'ExecutionPaused' || type === 'IncidentRaised' || isEnding(type)) requests.left(idOf(stream))
    }
  }
}
