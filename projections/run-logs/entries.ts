import type { EventType } from '@weconnect/contracts/events/catalogue'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'

export type ExecutionType = ExecutionEvent['type'] & EventType

/** What an entry takes from the data of each event: fields as they are, and payloads, which may be large, under the name of the entry. */
export const entries: Readonly<
  Record<ExecutionType, { readonly fields: readonly string[]; readonly payloads?: Readonly<Record<string, string>> }>
> = {
  ExecutionRequested: { fields: ['trigger', 'workflowId', 'workflowVersion', 'triggerNodeId'], payloads: { input: 'inputs' } },
  ExecutionStarted: { fields: ['worker', 'epoch', 'executionOrder'] },
  ExecutionClaimed: { fields: ['worker', 'epoch'] },
  ExecutionReleased: { fields: ['epoch'] },
  ExecutionPaused: { fields: ['step', 'until', 'waitFor', 'deadline'] },
  PauseRequested: { fields: ['reason'] },
  PauseEnded: { fields: ['status', 'until'] },
  ExecutionMigrationPrepared: { fields: ['migrationId', 'until'] },
  ExecutionMigrated: { fields: ['migrationId', 'fromVersion', 'workflowVersion'] },
  ExecutionMigrationReleased: { fields: ['migrationId'] },
  WaitOpened: { fields: ['step', 'nodeId', 'nodeName', 'waitFor', 'name', 'roles', 'until'] },
  SignalReceived: { fields: ['step', 'name', 'signalId'], payloads: { payload: 'inputs' } },
  ApprovalDecided: { fields: ['step', 'approved', 'role'], payloads: { comment: 'inputs' } },
  CompensationStarted: { fields: ['cause', 'firstStep', 'failedStep', 'nodeId', 'code'], payloads: { error: 'error' } },
  ExecutionResumed: { fields: ['step'], payloads: { input: 'inputs' } },
  CancellationRequested: { fields: ['reason'] },
  ExecutionCancelled: { fields: ['durationMs'] },
  ExecutionTimedOut: { fields: ['timeoutMs', 'durationMs'] },
  ExecutionCompleted: { fields: ['lastStep', 'durationMs'] },
  ExecutionFailed: { fields: ['step', 'nodeId', 'code', 'durationMs'], payloads: { error: 'error' } },
  StepStarted: { fields: ['step', 'nodeId', 'nodeName', 'nodeType', 'runIndex', 'attempt', 'inputs', 'startedAt'] },
  StepCompleted: {
    fields: [
      'step',
      'nodeId',
      'nodeName',
      'nodeType',
      'runIndex',
      'attempt',
      'inputs',
      'startedAt',
      'durationMs',
      'outputCounts',
      'cacheHit',
      'skipped',
    ],
    payloads: { outputs: 'outputs', passed: 'outputs', error: 'error', logs: 'logs', customData: 'customData' },
  },
  StepFailed: {
    fields: ['step', 'nodeId', 'nodeName', 'nodeType', 'runIndex', 'attempt', 'inputs', 'startedAt', 'durationMs', 'code', 'final'],
    payloads: { error: 'error', logs: 'logs' },
  },
  StepRetryScheduled: { fields: ['step', 'attempt', 'dueAt'] },
  StepSkipped: { fields: ['nodeId', 'reason'] },
  IncidentRaised: { fields: ['step', 'nodeId', 'nodeName', 'attempt', 'ordinal', 'effectKey', 'crashes'], payloads: { detail: 'error' } },
  IncidentResolved: { fields: ['step', 'resolution', 'effectEpoch', 'remaining', 'reason'] },
}
