import { familyOf } from '@weconnect/contracts/ids'
import type { EventBytes, WorkOf, WorkRow } from '@weconnect/eventstore/port'

const endings = new Set(['ExecutionCompleted', 'ExecutionFailed', 'ExecutionCancelled', 'ExecutionTimedOut'])

export const isEnding = (type: string): boolean => endings.has(type)

/** What an append means for recovery: the newest event that says so decides. Few are parsed. */
export const executionWork: WorkOf = (stream, events) => {
  if (familyOf(stream) !== 'execution') return undefined
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const event = events[index]!
    if (endings.has(event.type)) return 'done'
    const row = rowOf(stream, event)
    if (row) return row
  }
  return undefined
}

const rowOf = (stream: string, event: EventBytes): WorkRow | undefined => {
  switch (event.type) {
    case 'ExecutionRequested':
      return { stream, status: 'ready' }
    case 'ExecutionStarted':
    case 'ExecutionClaimed': {
      const { worker, epoch } = JSON.parse(event.data.toString()) as { worker: string; epoch: number }
      return { stream, status: 'running', worker, epoch }
    }
    case 'ExecutionResumed':
      return { stream, status: 'running' }
    case 'IncidentRaised': {
      const { othersGoOn } = JSON.parse(event.data.toString()) as { othersGoOn?: boolean }
      return othersGoOn ? undefined : { stream, status: 'waiting' }
    }
    case 'IncidentResolved':
      return { stream, status: 'ready' }
    case 'ApprovalDecided':
      return { stream, status: 'ready' }
    case 'SignalReceived': {
      const { step } = JSON.parse(event.data.toString()) as { step?: number }
      return step === undefined ? undefined : { stream, status: 'ready' }
    }
    case 'PauseRequested':
      return { stream, status: 'waiting' }
    case 'PauseEnded': {
      const { status, until } = JSON.parse(event.data.toString()) as { status: string; until?: string }
      return status === 'waiting' || status === 'incident' ? waitingRow(stream, until) : { stream, status: 'ready' }
    }
    case 'ExecutionPaused': {
      const { until, deadline } = JSON.parse(event.data.toString()) as { until?: string; deadline?: string }
      return waitingRow(stream, until, deadline)
    }
    default:
      return undefined
  }
}

/** @param times ISO 8601: the first of them wakes it */
const waitingRow = (stream: string, ...times: readonly (string | undefined)[]): WorkRow => {
  const dueAt = Math.min(...times.map((time) => (time === undefined ? Number.POSITIVE_INFINITY : Date.parse(time))))
  return { stream, status: 'waiting', ...(Number.isFinite(dueAt) && { dueAt }) }
}
