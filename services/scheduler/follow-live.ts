import { familyOf, idOf } from '@weconnect/contracts/ids'
import type { EventStore } from '@weconnect/eventstore/port'
import { scheduleStream } from './ids.ts'
import type { ScheduleRegistrar } from './registrar.ts'

/** Types of events after which a schedule is live, or is no more. */
const moved = new Set(['ScheduleRegistered', 'ScheduleReleased'])

/**
 * Keeps the registrar of a process that fires nothing at what is live, whoever registered it. Resolves when it knows all that is live now.
 * @param onError told when the log can no longer be followed
 */
export const followLive = async (
  registrar: ScheduleRegistrar,
  store: Pick<EventStore, 'openWork' | 'subscribe'>,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> => {
  const note = async (scheduleId: string): Promise<void> =>
    registrar.note(scheduleId, (await registrar.handle.load(scheduleStream(scheduleId))).state)
  const changes = store.subscribe({ after: 'end', families: ['schedule'], signal })
  const follow = async (): Promise<void> => {
    for await (const events of changes) for (const { type, stream } of events) if (moved.has(type)) await note(idOf(stream))
  }
  follow().catch((error: unknown) => {
    if (!signal.aborted) onError(error)
  })
  for (const { stream } of await store.openWork()) if (familyOf(stream) === 'schedule') await note(idOf(stream))
}
