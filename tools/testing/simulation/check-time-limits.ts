import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { WorkflowContent } from '@weconnect/workflows/model'

/** Milliseconds that an append and what follows at once take here at most. */
const graceMs = 500
/** Milliseconds of one try of a node that names no limit. */
const usualLimitMs = 30_000

/** Holds an execution against its time limit, and its tries against those of their nodes. @param isClockTrue nobody put the wall clocks off */
export const timeProblems = (
  executionId: string,
  events: readonly Envelope<ExecutionEvent>[],
  { nodes }: WorkflowContent,
  isClockTrue: boolean,
): string[] => {
  const limits = new Map(nodes.map(({ nodeId, options }) => [nodeId, options.timeoutMs]))
  const problems = [...tryProblems(events, limits), ...(isClockTrue ? deadlineProblems(events) : [])]
  return problems.map((problem) => `${executionId}: ${problem}`)
}

const tryProblems = (events: readonly Envelope<ExecutionEvent>[], limits: ReadonlyMap<string, number | undefined>): string[] =>
  events.flatMap(({ type, data }) => {
    if (type !== 'StepCompleted' && type !== 'StepFailed') return []
    const { step, nodeId, nodeType, durationMs } = data
    const limitMs = limits.get(nodeId)
    const isTimeout = type === 'StepFailed' && data.code === 'NODE_TIMEOUT'
    if (isTimeout && durationMs < (limitMs ?? usualLimitMs)) return [`step ${step} timed out after ${durationMs} ms, of ${limitMs}`]
    const isCall = nodeType === 'n8n-nodes-base.httpRequest'
    return isCall && limitMs !== undefined && durationMs > limitMs + graceMs
      ? [`a try of step ${step} took ${durationMs} ms, of ${limitMs}`]
      : []
  })

const holds: ReadonlySet<string> = new Set(['PauseRequested', 'IncidentRaised'])

/** While people hold it, its time stands still: such executions are left out. */
const deadlineProblems = (events: readonly Envelope<ExecutionEvent>[]): string[] => {
  const started = events.find(({ type }) => type === 'ExecutionStarted')
  const limitMs = started?.type === 'ExecutionStarted' ? started.data.timeoutMs : undefined
  if (limitMs === undefined || events.some(({ type }) => holds.has(type))) {
    const isUnlimited = limitMs === undefined && events.some(({ type }) => type === 'ExecutionTimedOut')
    return isUnlimited ? ['it timed out, and has no limit'] : []
  }
  const deadline = Date.parse(events[0]?.time ?? '') + limitMs
  return events.flatMap(({ type, data, time }) => {
    const lateMs = Date.parse(time) - deadline
    if (type === 'ExecutionTimedOut' && lateMs < 0) return [`it timed out ${-lateMs} ms before its time`]
    const begins = (type === 'StepStarted' && data.parentStep === undefined) || type === 'ExecutionCompleted'
    return begins && lateMs > graceMs ? [`${type} ${lateMs} ms after its time was over`] : []
  })
}
