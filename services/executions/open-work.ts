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
    case 'IncidentRaised':
      return { stream, status: 'waiting' }
    case 'IncidentResolved': {
      const { remaining } = JSON.parse(event.data.toString()) as { remaining: number }
      return { stream, status: remaining > 0 ? 'waiting' : 'ready' }
    }
    case 'ExecutionPaused': {
      const { until } = JSON.parse(event.data.toString()) as { until?: string }
      return { stream, status: 'waiting', ...(until !== undefined && { dueAt: Date.parse(until) }) }
    }
    default:
      return undefined
  }
}
