import type { SlotGranted } from '@weconnect/contracts/events/slot'
import type { EventStore } from '@weconnect/eventstore/port'

/** Beside other engines, any of them may give an execution the turn that it waits for. Resolves when the signal aborts. */
export const followGrants = async (
  store: Pick<EventStore, 'subscribe'>,
  signal: AbortSignal,
  granted: (executionId: string) => void,
): Promise<void> => {
  for await (const events of store.subscribe({ after: 'end', families: ['slot'], signal }))
    for (const { type, data } of events) {
      if (type !== 'SlotGranted') continue
      granted((JSON.parse(data.toString()) as SlotGranted['data']).claim.executionId)
    }
}
