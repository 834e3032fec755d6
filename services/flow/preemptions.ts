import type { SlotParts } from './slot-parts.ts'

/** Milliseconds until what could not be written (a full disk) is tried again. */
const retryMs = 1_000
/** Milliseconds that an execution has from its place in the queue to its place in the log. */
const comingMs = 10_000

export interface Preemptions {
  /** Tells an execution to make way, until that is written: nobody else would before the next start. */
  make(executionId: string, by: string): void
  close(): void
}

interface Telling {
  readonly by: string
  /** It was waited for, and is not in the log. */
  readonly isLate: boolean
}

/** Executions of singletons that make way for others. @param neverCame told of those that are not in the log: no turn comes that would show it */
export const openPreemptions = ({ preempted, now, alarms, onError }: SlotParts, neverCame: (executionId: string) => void): Preemptions => {
  const untold = new Map<string, Telling>()
  let isClosed = false

  const tell = async (executionId: string, { by, isLate }: Telling): Promise<void> => {
    try {
      if (await preempted(executionId, by)) return
      if (isLate) neverCame(executionId)
      else later(executionId, { by, isLate: true }, comingMs)
    } catch (error) {
      onError(error, executionId)
      later(executionId, { by, isLate }, retryMs)
    }
  }
  const later = (executionId: string, telling: Telling, ms: number): void => {
    if (isClosed) return
    untold.set(executionId, telling)
    again.set(executionId, now() + ms)
  }
  const again = alarms((executionId) => {
    const telling = untold.get(executionId)
    untold.delete(executionId)
    if (telling) void tell(executionId, telling)
  })

  return {
    make: (executionId, by) => void tell(executionId, { by, isLate: false }),
    close: () => {
      isClosed = true
      again.close()
    },
  }
}
