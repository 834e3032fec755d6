import { WeConnectError } from '@weconnect/contracts/errors'
import type { BulkEvent, BulkProgressed, BulkRequested } from '@weconnect/contracts/events/bulk'

/** Executions of one operation at most: their ids are one append. */
export const mostExecutions = 10_000
/** Executions between two marks of how far it is. */
export const perMark = 50

export interface BulkFailure {
  readonly executionId: string
  readonly code: string
  readonly message: string
}

/** An operation on many executions, folded from its stream. */
export interface Bulk {
  readonly status: 'absent' | 'running' | 'completed'
  readonly requested?: BulkRequested['data']
  readonly done: number
  readonly succeeded: number
  readonly skipped: number
  readonly failures: readonly BulkFailure[]
}

export const initialBulk = (): Bulk => ({ status: 'absent', done: 0, succeeded: 0, skipped: 0, failures: [] })

export const evolveBulk = (bulk: Bulk, event: BulkEvent): Bulk => {
  switch (event.type) {
    case 'BulkRequested':
      return { ...bulk, status: 'running', requested: event.data }
    case 'BulkProgressed': {
      const { failures, ...counts } = event.data
      return { ...bulk, ...counts, failures: [...bulk.failures, ...(failures as unknown as readonly BulkFailure[])] }
    }
    case 'BulkCompleted':
      return { ...bulk, status: 'completed' }
  }
}

export type BulkCommand =
  | ({ readonly type: 'RequestBulk' } & BulkRequested['data'])
  | { readonly type: 'MarkProgress'; readonly outcomes: readonly Outcome[] }

export type Outcome = 'succeeded' | 'skipped' | BulkFailure

/** @throws WeConnectError INVALID_INPUT, INVALID_STATE */
export const decideBulk = (command: BulkCommand, bulk: Bulk): BulkEvent[] => {
  if (command.type === 'RequestBulk') return bulk.status === 'absent' ? [requested(command)] : []
  if (bulk.status !== 'running' || !bulk.requested) throw new WeConnectError('INVALID_STATE', `The operation is ${bulk.status}`)
  const progressed = command.outcomes.length === 0 ? [] : [progress(bulk, command.outcomes)]
  const isOver = bulk.done + command.outcomes.length >= bulk.requested.executionIds.length
  return [...progressed, ...(isOver ? [{ type: 'BulkCompleted', data: {} } as const] : [])]
}

const requested = ({ type: _, ...data }: { readonly type: 'RequestBulk' } & BulkRequested['data']): BulkRequested => {
  const count = data.executionIds.length
  if (count > mostExecutions)
    throw new WeConnectError(
      'INVALID_INPUT',
      `The filter finds ${count} executions; one operation is for at most ${mostExecutions}: narrow it`,
    )
  return { type: 'BulkRequested', data: { ...data, executionIds: [...new Set(data.executionIds)] } }
}

const progress = (bulk: Bulk, outcomes: readonly Outcome[]): BulkProgressed => ({
  type: 'BulkProgressed',
  data: {
    done: bulk.done + outcomes.length,
    succeeded: bulk.succeeded + outcomes.filter((outcome) => outcome === 'succeeded').length,
    skipped: bulk.skipped + outcomes.filter((outcome) => outcome === 'skipped').length,
    failures: outcomes.filter((outcome) => typeof outcome === 'object') as never,
  },
})
