import type { RecordedEvent } from './recorded-event.ts'

/** The record ExecutionState of contracts/states. */
export interface ExecutionState {
  readonly executionId: string
  readonly organisationId: string
  readonly revision: number
  readonly updatedAt: string
  readonly status: 'pending' | 'running' | 'waiting' | 'paused' | 'incident' | 'completed' | 'failed' | 'cancelled' | 'timeout'
  readonly workflowId?: string
  readonly workflowVersion?: number
  readonly trigger?: string
  readonly parentExecutionId?: string
  readonly requestedAt?: string
  readonly startedAt?: string
  readonly endedAt?: string
  readonly durationMs?: number
  readonly stepsCompleted: number
  readonly stepsFailed: number
  readonly waitFor?: string
  readonly errorCode?: string
  readonly errorNodeId?: string
}

const begun = ({ stored, metadata }: RecordedEvent): ExecutionState => ({
  executionId: stored.stream.slice('execution-'.length),
  organisationId: metadata.organisationId,
  revision: -1,
  updatedAt: metadata.time,
  status: 'pending',
  stepsCompleted: 0,
  stepsFailed: 0,
})

/** Only what is in the clear: the topic holds nothing of a user's data. */
export const foldExecution = (before: ExecutionState | undefined, event: RecordedEvent): ExecutionState => {
  const state = before ?? begun(event)
  return { ...state, ...changeOf(state, event), revision: event.stored.revision, updatedAt: event.metadata.time }
}

const changeOf = (state: ExecutionState, { metadata, data }: RecordedEvent): Partial<ExecutionState> => {
  // People hold it up, whatever it would do else.
  const unlessHeld = (status: ExecutionState['status']) => ({ status: (data['held'] as ExecutionState['status'] | undefined) ?? status })
  const ended = (status: ExecutionState['status']) => ({ status, endedAt: metadata.time, durationMs: data['durationMs'] as number })
  switch (metadata.type) {
    case 'ExecutionRequested':
      return {
        workflowId: data['workflowId'] as string,
        workflowVersion: data['workflowVersion'] as number,
        trigger: data['trigger'] as string,
        requestedAt: metadata.time,
        ...(typeof data['parentExecutionId'] === 'string' && { parentExecutionId: data['parentExecutionId'] }),
      }
    case 'ExecutionStarted':
      return { status: 'running', startedAt: state.startedAt ?? metadata.time }
    case 'ExecutionMigrated':
      return { workflowVersion: data['workflowVersion'] as number }
    case 'StepCompleted':
      return { stepsCompleted: state.stepsCompleted + 1 }
    case 'StepFailed':
      return { stepsFailed: state.stepsFailed + 1 }
    case 'ExecutionPaused':
      return { ...unlessHeld('waiting'), waitFor: data['waitFor'] as string }
    case 'ExecutionResumed':
    case 'ApprovalDecided':
      return unlessHeld('running')
    case 'SignalReceived':
      return data['step'] === undefined ? {} : unlessHeld('running')
    case 'PauseRequested':
      return unlessHeld('paused')
    case 'PauseEnded':
      return { status: data['status'] as ExecutionState['status'] }
    case 'IncidentRaised':
      return { status: 'incident' }
    case 'IncidentResolved':
      return (data['remaining'] as number) > 0 ? {} : unlessHeld('running')
    case 'ExecutionCompleted':
      return ended('completed')
    case 'ExecutionFailed':
      return {
        ...ended('failed'),
        errorCode: data['code'] as string,
        ...(typeof data['nodeId'] === 'string' && { errorNodeId: data['nodeId'] }),
      }
    case 'ExecutionCancelled':
      return ended('cancelled')
    case 'ExecutionTimedOut':
      return ended('timeout')
    default:
      return {}
  }
}
