import type { Work } from '../dispatch/dispatch.ts'
import type { EngineRoom } from './room.ts'

/** To whichever engine is free. */
export const handOver = (room: EngineRoom, work: Work): void => {
  if (!room.dispatch.offer(work)) takeHere(room, work)
}

/** Work that nobody else takes. */
export const takeHere = ({ parts, timers, takeUp }: EngineRoom, { executionId, dueAt, priority, isLeftBehind }: Work): void => {
  if (dueAt !== undefined && dueAt > parts.clock.now()) timers.set(executionId, dueAt)
  else void takeUp(executionId, { priority, isLeftBehind })
}
