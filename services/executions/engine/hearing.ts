import { isWeConnectError } from '@weconnect/contracts/errors'
import type { Runner } from '../run/runner.ts'
import { handOver } from './hand-over.ts'
import type { EngineRoom } from './room.ts'

/** Someone said something that may let it go on, or keep it from going on. */
export const hear = (room: EngineRoom, executionId: string): void => {
  const { here } = room
  const runner = here.get(executionId)?.runner
  if (runner) void refresh(room, runner, executionId)
  else if (here.has(executionId)) here.tell(executionId)
  else if (!here.resuming.has(executionId)) handOver(room, { executionId, kind: 'goOn' })
}

/** A run whose lease is lost hears it elsewhere, and one that cannot read will at its next append. */
export const refresh = async (room: EngineRoom, runner: Runner, executionId: string): Promise<void> => {
  try {
    await runner.refresh()
  } catch (error) {
    if (isWeConnectError(error, 'LEASE_LOST')) void lost(room, runner, executionId)
    else if (!room.closing.aborted) room.onError(error, executionId)
  }
}

/** Whoever took it from this run may have given it back already: it is looked at again. */
const lost = async (room: EngineRoom, runner: Runner, executionId: string): Promise<void> => {
  const running = room.here.get(executionId)
  if (running?.runner === runner) {
    runner.stop('shutdown')
    await running.ended.catch(() => undefined)
  }
  handOver(room, { executionId, kind: 'goOn' })
}

export const cancelled = ({ here, timers, takeUp }: EngineRoom, executionId: string): void => {
  timers.clear(executionId)
  const running = here.get(executionId)
  if (running) running.runner.stop('cancelled')
  else if (here.has(executionId)) here.tell(executionId)
  else void takeUp(executionId)
}

/** Its time has come. Whoever has it may be about to find that it is not theirs to begin. */
export const due = (room: EngineRoom, executionId: string): void => {
  if (room.here.has(executionId)) room.here.tell(executionId)
  else handOver(room, { executionId, kind: 'goOn' })
}
