import { WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import { restsUntil } from '../decider/rest.ts'
import { type Execution, hasEnded } from '../decider/state.ts'
import { isoTime } from '../iso-time.ts'
import type { Problem } from './fit.ts'
import type { Place } from './place.ts'

const runs = (what: string): Problem => ({ code: 'RUNNING', message: `${what}; pause it, or wait until it waits` })

/** Why an execution, wherever it stands, cannot move now. */
export const whyNotNow = ({ status, migration, cancellationRequested, compensation, started, steps }: Execution): Problem | undefined => {
  if (hasEnded(status)) return { code: 'ENDED', message: `It has ended: ${status}` }
  if (migration) return { code: 'MIGRATING', message: `Migration ${migration.id} holds it` }
  if (cancellationRequested) return { code: 'CANCELLING', message: 'It is being cancelled' }
  if (compensation) return { code: 'COMPENSATING', message: 'What its steps did is being undone' }
  if (!started) return { code: 'NOT_BEGUN', message: 'It has not begun; cancel it and run the other version' }
  if (status === 'running') return runs('It runs')
  const begun = steps.find((step) => step?.status === 'running' && step.resumedRevision === undefined)
  return begun && runs(`What step ${begun.step} ("${begun.nodeName}") does or did is not known yet`)
}

/** The migration alone may write on: appends of whoever ran it are refused by the epoch. @throws WeConnectError INVALID_STATE */
export const decideHold = (execution: Execution, migrationId: string, until: string): ExecutionEvent[] => {
  if (execution.migration?.id === migrationId) return []
  const reason = whyNotNow(execution)
  if (reason) throw new WeConnectError('INVALID_STATE', reason.message)
  return [{ type: 'ExecutionMigrationPrepared', data: { migrationId, epoch: execution.epoch + 1, until } }]
}

export const decideMove = (execution: Execution, migrationId: string, place: Place): ExecutionEvent[] =>
  execution.migration?.id === migrationId ? [{ type: 'ExecutionMigrated', data: { migrationId, ...place, ...restAfter(execution) } }] : []

export const decideRelease = (execution: Execution, migrationId: string): ExecutionEvent[] =>
  execution.migration?.id === migrationId ? [{ type: 'ExecutionMigrationReleased', data: { migrationId, ...restAfter(execution) } }] : []

/** What it waited for before it was held, it waits for again. */
const restAfter = (execution: Execution): { readonly status: 'ready' | 'waiting'; readonly until?: string } => {
  const until = restsUntil({ ...execution, migration: undefined })
  if (until === 0) return { status: 'ready' }
  return { status: 'waiting', ...(Number.isFinite(until) && { until: isoTime(until) }) }
}
