import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { WorkflowContent } from '@weconnect/workflows/model'
import { type Effect, runOf } from './provider.ts'

type Events = readonly Envelope<ExecutionEvent>[]

/** Milliseconds that an append and what follows at once take here at most. */
const graceMs = 500
/** Milliseconds from the beginning of a run to the time in its first event, at most. */
const appendMs = 100
/** Milliseconds of one try of a node that names no limit. */
const usualLimitMs = 30_000

/** Holds an execution against its time limit, and its tries against those of their nodes. @param isClockTrue nobody put the wall clocks off */
export const timeProblems = (executionId: string, events: Events, { nodes }: WorkflowContent, isClockTrue: boolean): string[] => {
  const limits = new Map(nodes.map(({ nodeId, options }) => [nodeId, options.timeoutMs]))
  const problems = [...tryProblems(events, limits), ...(isClockTrue ? deadlineProblems(events) : [])]
  return problems.map((problem) => `${executionId}: ${problem}`)
}

const tryProblems = (events: Events, limits: ReadonlyMap<string, number | undefined>): string[] =>
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
const deadlineProblems = (events: Events): string[] => {
  const started = events.find(({ type }) => type === 'ExecutionStarted')
  const limitMs = started?.type === 'ExecutionStarted' ? started.data.timeoutMs : undefined
  if (limitMs === undefined || events.some(({ type }) => holds.has(type))) {
    const isUnlimited = limitMs === undefined && events.some(({ type }) => type === 'ExecutionTimedOut')
    return isUnlimited ? ['it timed out, and has no limit'] : []
  }
  const deadline = Date.parse(started?.time ?? '') + limitMs
  return events.flatMap(({ type, data, time }) => {
    const lateMs = Date.parse(time) - deadline
    if (type === 'ExecutionTimedOut' && lateMs < -appendMs) return [`it timed out ${-lateMs} ms before its time`]
    const begins = (type === 'StepStarted' && data.parentStep === undefined) || type === 'ExecutionCompleted'
    return begins && lateMs > graceMs ? [`${type} ${lateMs} ms after its time was over`] : []
  })
}

/** What a step has ended with is all that it does: a try that is given up calls nobody any more. @param own the execution's effects */
export const lateEffects = (events: Events, own: readonly Effect[]): string[] => {
  const endedAt = new Map<string, number>()
  for (const { type, data, time } of events) {
    if ((type !== 'StepStarted' && type !== 'StepCompleted' && type !== 'StepFailed') || data.nodeType !== 'n8n-nodes-base.httpRequest')
      continue
    const step = `${data.nodeName}/${data.runIndex}`
    if (type === 'StepStarted') endedAt.delete(step)
    else endedAt.set(step, Date.parse(time))
  }
  return own.flatMap(({ call, at }) => {
    const lateMs = at - (endedAt.get(runOf(call).join('/')) ?? at)
    return lateMs > graceMs ? [`${call} was done ${lateMs} ms after its step had ended`] : []
  })
}
