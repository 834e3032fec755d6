import type { EngineRoom } from './room.ts'

/** What was said of it meanwhile is heard by whoever has it next. */
export const letGo = ({ here, takeUp }: EngineRoom, executionId: string): undefined => {
  here.leave(executionId)
  if (here.wasTold(executionId)) void takeUp(executionId)
}

/** It goes on when it is given what it must hold. */
export const waitTurn = ({ here, gate, takeUp }: EngineRoom, executionId: string): undefined => {
  here.leave(executionId)
  // Its turn may have come while it was busy asking.
  if (!gate.isWaiting(executionId) || here.wasTold(executionId)) void takeUp(executionId)
}

/** What it holds, it holds for them. */
export const leaveToOthers = ({ here, parked }: EngineRoom, executionId: string): undefined => {
  here.leave(executionId)
  parked.tell(executionId, { kind: 'stopped' })
}
