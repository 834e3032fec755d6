import { WeConnectError } from '@weconnect/contracts/errors'
import type { StreamJournal } from '../parts.ts'
import type { BulkView } from './face.ts'
import { readBulk } from './recorded.ts'

/** @throws WeConnectError NOT_FOUND, also when it belongs to another organisation */
export const bulkViewOf = async (journal: StreamJournal, id: string, organisationId: string): Promise<BulkView> => {
  const { bulk, context } = await readBulk(journal, id)
  const { requested, done, succeeded, skipped, failures, status } = bulk
  if (!requested || status === 'absent' || context.organisationId !== organisationId)
    throw new WeConnectError('NOT_FOUND', `There is no operation ${id}`)
  return { id, operation: requested.operation, status, total: requested.executionIds.length, done, succeeded, skipped, failures }
}
