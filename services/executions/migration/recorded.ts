import type { Context, Envelope } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { MigrationEvent } from '@weconnect/contracts/events/migration'
import { streamOf } from '@weconnect/contracts/ids'
import type { Head } from '@weconnect/eventstore/journal'
import type { StreamJournal } from '../parts.ts'
import type { MigrationView } from './face.ts'
import { decideMigration, evolveMigration, initialMigration, type Migration, type MigrationCommand } from './state.ts'

const migrationStream = (migrationId: string): string => streamOf('migration', migrationId)

export interface RecordedMigration {
  readonly id: string
  readonly migration: Migration
  readonly head: Head
  /** Of who asked for it. */
  readonly context: Context
}

/** An unknown one has status `absent`. */
export const readMigration = async (journal: StreamJournal, id: string): Promise<RecordedMigration> => {
  let migration = initialMigration()
  let head: Head = { revision: -1, hash: '' }
  let context: Context = { actor: 'system', organisationId: '', correlationId: id, causationId: id }
  for await (const event of journal.read(migrationStream(id)) as AsyncIterable<Envelope<MigrationEvent>>) {
    const { actor, organisationId, correlationId, causationId, revision, hash } = event
    if (revision === 0) context = { actor, organisationId, correlationId, causationId }
    migration = evolveMigration(migration, event)
    head = { revision, hash }
  }
  return { id, migration, head, context }
}

/** @throws WeConnectError REVISION_CONFLICT when another one wrote meanwhile, and what the decision refuses */
export const tellMigration = async (
  journal: StreamJournal,
  { id, migration, head }: RecordedMigration,
  command: MigrationCommand,
  context: Context,
): Promise<void> => {
  const events = decideMigration(command, migration)
  if (events.length > 0) await journal.append(migrationStream(id), head, events, context)
}

/** @throws WeConnectError NOT_FOUND, also when it belongs to another organisation */
export const migrationView = async (journal: StreamJournal, id: string, organisationId: string): Promise<MigrationView> => {
  const { migration, context } = await readMigration(journal, id)
  const { status, requested, done, blockers } = migration
  if (status === 'absent' || !requested || context.organisationId !== organisationId)
    throw new WeConnectError('NOT_FOUND', `There is no migration ${id}`)
  const { workflowId, fromVersion, toVersion, executionIds, reason } = requested
  return {
    id,
    workflowId,
    toVersion,
    status,
    total: executionIds.length,
    done,
    blockers,
    ...(fromVersion !== undefined && { fromVersion }),
    ...(reason !== undefined && { reason }),
  }
}
