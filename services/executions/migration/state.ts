import { WeConnectError } from '@weconnect/contracts/errors'
import type { MigrationEvent, MigrationRequested } from '@weconnect/contracts/events/migration'
import type { Blocker } from './face.ts'

/** Executions of one migration at most: their ids are one append. */
const mostExecutions = 10_000

/** A migration, folded from its stream: the one place where it is decided. */
export interface Migration {
  /** preparing: nothing is decided; moving and releasing: decided, and under way. */
  readonly status: 'absent' | 'preparing' | 'moving' | 'releasing' | 'completed' | 'abandoned'
  readonly requested?: MigrationRequested['data']
  /** Executions that are held, or moved, or released, from the first. */
  readonly done: number
  readonly blockers: readonly Blocker[]
}

export const initialMigration = (): Migration => ({ status: 'absent', done: 0, blockers: [] })

export const evolveMigration = (migration: Migration, event: MigrationEvent): Migration => {
  switch (event.type) {
    case 'MigrationRequested':
      return { ...migration, status: 'preparing', requested: event.data }
    case 'MigrationProgressed':
      return { ...migration, done: event.data.done }
    case 'MigrationCommitted':
      return { ...migration, status: 'moving', done: 0 }
    case 'MigrationAbandoned':
      return { ...migration, status: 'releasing', done: 0, blockers: event.data.blockers as unknown as readonly Blocker[] }
    case 'MigrationCompleted':
      return {
        ...migration,
        status: migration.status === 'moving' ? 'completed' : 'abandoned',
        done: migration.requested?.executionIds.length ?? 0,
      }
  }
}

export type MigrationCommand =
  | ({ readonly type: 'RequestMigration' } & MigrationRequested['data'])
  /** `done` executions of what is under way are done. */
  | { readonly type: 'MarkProgress'; readonly done: number }
  | { readonly type: 'CommitMigration' }
  | { readonly type: 'AbandonMigration'; readonly blockers: readonly Blocker[] }
  | { readonly type: 'CompleteMigration' }

/** @throws WeConnectError INVALID_INPUT, INVALID_STATE when it is decided otherwise */
export const decideMigration = (command: MigrationCommand, migration: Migration): MigrationEvent[] => {
  const { status } = migration
  switch (command.type) {
    case 'RequestMigration':
      return status === 'absent' ? [requested(command)] : []
    case 'MarkProgress':
      return isUnderWay(migration) && command.done > migration.done ? [{ type: 'MigrationProgressed', data: { done: command.done } }] : []
    case 'CommitMigration':
      if (status === 'moving' || status === 'completed') return []
      refuseUnless(migration, status === 'preparing')
      return [{ type: 'MigrationCommitted', data: {} }]
    case 'AbandonMigration':
      if (status === 'releasing' || status === 'abandoned') return []
      refuseUnless(migration, status === 'preparing')
      return [{ type: 'MigrationAbandoned', data: { blockers: command.blockers as never } }]
    case 'CompleteMigration':
      if (status === 'completed' || status === 'abandoned') return []
      refuseUnless(migration, status !== 'preparing' && status !== 'absent')
      return [{ type: 'MigrationCompleted', data: {} }]
  }
}

export const isUnderWay = ({ status }: Migration): boolean => status === 'preparing' || status === 'moving' || status === 'releasing'

const refuseUnless = ({ status }: Migration, may: boolean): void => {
  if (!may) throw new WeConnectError('INVALID_STATE', `The migration is ${status}`)
}

const requested = ({ type: _, ...data }: { readonly type: 'RequestMigration' } & MigrationRequested['data']): MigrationRequested => {
  const executionIds = [...new Set(data.executionIds)]
  if (executionIds.length === 0) throw new WeConnectError('INVALID_INPUT', 'There is no execution to move')
  if (executionIds.length > mostExecutions)
    throw new WeConnectError('INVALID_INPUT', `${executionIds.length} executions are too many for one migration: ${mostExecutions} at most`)
  return { type: 'MigrationRequested', data: { ...data, executionIds } }
}
