import type { StepInput } from '@weconnect/contracts/events/types'
import type { RunLogEntry, StepRow } from './face.ts'

/** The same as the view node_executions makes of the entries in PostgreSQL (tables.ts). */
const statusAfter: Readonly<Record<string, (newest: RunLogEntry) => StepRow['status']>> = {
  StepStarted: () => 'running',
  StepCompleted: () => 'completed',
  StepFailed: ({ final }) => (final === true ? 'failed' : 'retrying'),
  StepRetryScheduled: () => 'retrying',
  ExecutionPaused: ({ waitFor }) => (waitFor === 'incident' ? 'incident' : waitFor === 'retry' ? 'retrying' : 'waiting'),
  WaitOpened: () => 'waiting',
  SignalReceived: () => 'running',
  ApprovalDecided: () => 'running',
  ExecutionResumed: () => 'running',
  IncidentRaised: () => 'incident',
  IncidentResolved: () => 'retrying',
}
const withData: ReadonlySet<string> = new Set(['StepStarted', 'StepCompleted', 'StepFailed'])

/**
 * Steps of one execution, in order: of each the newest entry that has its data, and the state that the newest entry of all says.
 * @param entries ascending by revision
 */
export const stepsOf = (executionId: string, entries: Iterable<RunLogEntry>): readonly StepRow[] => {
  const steps = new Map<number, { data?: RunLogEntry; newest: RunLogEntry; attempts: number }>()
  for (const entry of entries) {
    if (typeof entry.step !== 'number' || statusAfter[entry.event] === undefined) continue
    const step = steps.get(entry.step) ?? { newest: entry, attempts: 0 }
    steps.set(entry.step, step)
    step.newest = entry
    step.attempts = Math.max(step.attempts, entry.attempt ?? 0)
    if (withData.has(entry.event)) step.data = entry
  }
  return [...steps]
    .sort(([a], [b]) => a - b)
    .flatMap(([, { data, newest, attempts }]) => (data === undefined ? [] : [rowOf(executionId, data, newest, attempts)]))
}

const rowOf = (executionId: string, data: RunLogEntry, newest: RunLogEntry, attempts: number): StepRow => ({
  id: `${executionId}:${data.step}`,
  executionId,
  step: data.step ?? 0,
  nodeId: data.nodeId ?? '',
  nodeName: data.nodeName ?? '',
  nodeType: data.nodeType ?? '',
  runIndex: data.runIndex ?? 0,
  status: statusAfter[newest.event]?.(newest) ?? 'running',
  inputData: (data.inputs ?? null) as unknown as readonly StepInput[],
  outputData: data.outputs ?? null,
  outputCounts: data.outputCounts ?? null,
  errorData: data.error ?? null,
  errorCode: data.code ?? null,
  retryCount: attempts - 1,
  cacheHit: data.cacheHit ?? false,
  performanceMetrics: null,
  startedAt: data.startedAt ?? '',
  finishedAt: data.event === 'StepStarted' ? null : data.time,
  durationMs: data.durationMs ?? null,
})
