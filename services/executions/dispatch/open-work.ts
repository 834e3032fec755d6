import type { ExecutionMigrationPrepared, ExecutionMigrationReleased, PauseEnded } from '@weconnect/contracts/events/execution'
import { familyOf } from '@weconnect/contracts/ids'
import type { EventBytes, WorkOf, WorkRow } from '@weconnect/eventstore/port'

const endings = new Set(['ExecutionCompleted', 'ExecutionFailed', 'ExecutionCancelled', 'ExecutionTimedOut'])

export const isEnding = (type: string): boolean => endings.has(type)

/** Work on many executions, by family: an engine goes on with it until it has ended. */
const operations: Readonly<Record<string, { readonly ends: string }>> = {
  bulk: { ends: 'BulkCompleted' },
  migration: { ends: 'MigrationCompleted' },
}

/** What an append means for recovery: the newest event that says so decides. Few are parsed. */
export const executionWork: WorkOf = (stream, events) => {
  const operation = operations[familyOf(stream)]
  if (operation) return events.some(({ type }) => type === operation.ends) ? 'done' : { stream, status: 'ready' }
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
    case 'CancellationRequested':
    case 'IncidentResolved':
    case 'ApprovalDecided':
      return wokenRow(stream, JSON.parse(event.data.toString()) as Said, event.type === 'CancellationRequested')
    case 'SignalReceived': {
      const said = JSON.parse(event.data.toString()) as Said & { step?: number }
      return said.step === undefined ? undefined : wokenRow(stream, said)
    }
    case 'PauseRequested':
      return { stream, status: 'waiting' }
    case 'PauseEnded': {
      const { status, until, worker, epoch } = JSON.parse(event.data.toString()) as PauseEnded['data']
      if (status === 'waiting' || status === 'incident') return waitingRow(stream, until)
      return { stream, status: 'ready', ...(worker !== undefined && { status: 'running', worker, ...(epoch !== undefined && { epoch }) }) }
    }
    case 'ExecutionMigrationPrepared':
      return waitingRow(stream, (JSON.parse(event.data.toString()) as ExecutionMigrationPrepared['data']).until)
    case 'ExecutionMigrated':
    case 'ExecutionMigrationReleased': {
      const { status, until } = JSON.parse(event.data.toString()) as ExecutionMigrationReleased['data']
      return status === 'ready' ? { stream, status } : waitingRow(stream, until)
    }
    case 'ExecutionPaused': {
      const { until, deadline } = JSON.parse(event.data.toString()) as { until?: string; deadline?: string }
      return waitingRow(stream, until, deadline)
    }
    default:
      return undefined
  }
}

interface Said {
  readonly atRest?: boolean
  readonly held?: string
}

/** Of one that runs, whoever runs it hears it; one that a person holds stays where it is. */
const wokenRow = (stream: string, { atRest, held }: Said, always = false): WorkRow | undefined =>
  atRest && (always || held === undefined) ? { stream, status: 'ready' } : undefined

/** @param times ISO 8601: the first of them wakes it */
const waitingRow = (stream: string, ...times: readonly (string | undefined)[]): WorkRow => {
  const dueAt = Math.min(...times.map((time) => (time === undefined ? Number.POSITIVE_INFINITY : Date.parse(time))))
  return { stream, status: 'waiting', ...(Number.isFinite(dueAt) && { dueAt }) }
}
