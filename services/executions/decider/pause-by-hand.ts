import { WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import { isoTime } from '../iso-time.ts'
import { restsUntil } from './rest.ts'
import { type Execution, hasEnded, heldBy, statusBelow } from './state.ts'

/** @throws WeConnectError INVALID_STATE */
export const decidePause = (execution: Execution, reason: string | undefined): ExecutionEvent[] => {
  refuseEnded(execution)
  if (execution.cancellationRequested) throw new WeConnectError('INVALID_STATE', 'The execution is being cancelled')
  if (execution.pausedByHand) return []
  const held = heldBy(execution) ?? {}
  return [{ type: 'PauseRequested', data: { ...(reason !== undefined && { reason }), ...held } }]
}

/** What it waited for before it was paused, it waits for again. @throws WeConnectError INVALID_STATE when nobody has paused it */
export const decidePauseEnd = (execution: Execution): ExecutionEvent[] => {
  refuseEnded(execution)
  if (!execution.pausedByHand) throw new WeConnectError('INVALID_STATE', `The execution is ${execution.status}; nobody has paused it`)
  const free = { ...execution, pausedByHand: undefined }
  const until = restsUntil(free)
  const status = free.incidents > 0 ? 'incident' : statusBelow(free)
  const lease = status === 'running' && { worker: execution.worker ?? '', epoch: execution.epoch }
  return [{ type: 'PauseEnded', data: { status, ...lease, ...(until > 0 && Number.isFinite(until) && { until: isoTime(until) }) } }]
}

const refuseEnded = ({ status }: Execution): void => {
  if (hasEnded(status)) throw new WeConnectError('INVALID_STATE', `The execution has ended: ${status}`)
}
