import { WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionEvent, ExecutionRequested, ExecutionStarted } from '@weconnect/contracts/events/execution'
import type { JsonValue } from '@weconnect/contracts/json'
import { type Claim, decideClaim } from './crashes.ts'
import { decideResolution, type Resolution } from './incident.ts'
import { decidePause, decidePauseEnd } from './pause-by-hand.ts'
import { atRest } from './rest.ts'
import { type Decision, decideApproval, decideSignal, type Signal } from './signals-and-approvals.ts'
import { type Execution, hasEnded, heldBy } from './state.ts'

export type ExecutionCommand =
  | { readonly type: 'RequestExecution'; readonly request: ExecutionRequested['data'] }
  | { readonly type: 'StartExecution'; readonly start: Omit<ExecutionStarted['data'], 'epoch'> }
  | ({ readonly type: 'ClaimExecution' } & Claim)
  | { readonly type: 'RequestCancellation'; readonly reason?: string | undefined }
  | { readonly type: 'CancelExecution'; readonly at: number }
  | { readonly type: 'FailExecution'; readonly at: number; readonly code: string; readonly message: string }
  | { readonly type: 'ResumeExecution'; readonly input: JsonValue }
  | ({ readonly type: 'ResolveIncident' } & Resolution)
  | { readonly type: 'PauseExecution'; readonly reason?: string | undefined }
  | { readonly type: 'UnpauseExecution' }
  | ({ readonly type: 'SignalExecution' } & Signal)
  | ({ readonly type: 'DecideApproval' } & Decision)

const elapsedMs = (execution: Execution, at: number): number =>
  Math.max(0, at - Date.parse(execution.requestedAt ?? new Date(at).toISOString()))

/** What a person makes of an incident moves the execution on, which only one version may do. */
const heldByMigration = (id: string): string =>
  `The execution is being moved to another version (migration ${id}); say it again in a moment`

/** Decides what happens to an execution from outside of its steps. @throws WeConnectError NOT_FOUND, INVALID_STATE */
export const decide = (command: ExecutionCommand, execution: Execution): ExecutionEvent[] => {
  if (command.type === 'RequestExecution') {
    if (execution.status !== 'absent') return []
    return [{ type: 'ExecutionRequested', data: command.request }]
  }
  if (execution.status === 'absent') throw new WeConnectError('NOT_FOUND', 'There is no such execution')
  switch (command.type) {
    case 'StartExecution':
      if (execution.status !== 'pending')
        throw new WeConnectError('INVALID_STATE', `The execution is ${execution.status}, so it cannot start`)
      return [{ type: 'ExecutionStarted', data: { ...command.start, epoch: 1 } }]
    case 'ClaimExecution':
      if (hasEnded(execution.status)) throw new WeConnectError('INVALID_STATE', `The execution has ended: ${execution.status}`)
      return decideClaim(command, execution)
    case 'RequestCancellation':
      if (hasEnded(execution.status)) throw new WeConnectError('INVALID_STATE', `The execution has ended: ${execution.status}`)
      if (execution.cancellationRequested) return []
      if (execution.compensation) throw new WeConnectError('INVALID_STATE', 'The execution is ending: what its steps did is being undone')
      return [
        { type: 'CancellationRequested', data: { ...(command.reason !== undefined && { reason: command.reason }), ...atRest(execution) } },
      ]
    case 'CancelExecution':
      if (hasEnded(execution.status)) return []
      return [{ type: 'ExecutionCancelled', data: { steps: execution.steps.length, durationMs: elapsedMs(execution, command.at) } }]
    case 'FailExecution': {
      if (hasEnded(execution.status)) return []
      const { code, message, at } = command
      return [
        {
          type: 'ExecutionFailed',
          data: { code, error: { code, message }, steps: execution.steps.length, durationMs: elapsedMs(execution, at) },
        },
      ]
    }
    case 'ResolveIncident':
      if (execution.migration) throw new WeConnectError('INVALID_STATE', heldByMigration(execution.migration.id))
      return decideResolution(command, execution)
    case 'PauseExecution':
      return decidePause(execution, command.reason)
    case 'UnpauseExecution':
      return decidePauseEnd(execution)
    case 'SignalExecution':
      return decideSignal(command, execution)
    case 'DecideApproval':
      return decideApproval(command, execution)
    case 'ResumeExecution': {
      // A step may have been waiting when it ended.
      if (hasEnded(execution.status)) throw new WeConnectError('INVALID_STATE', `The execution has ended: ${execution.status}`)
      const waiting = execution.steps.find((step) => step?.status === 'waiting' && step.waitFor === 'webhook')
      if (!waiting) throw new WeConnectError('INVALID_STATE', `The execution is ${execution.status}; it waits for no call`)
      if (execution.cancellationRequested) throw new WeConnectError('INVALID_STATE', 'The execution is being cancelled')
      return [{ type: 'ExecutionResumed', data: { step: waiting.step, input: command.input, ...heldBy(execution) } }]
    }
  }
}
