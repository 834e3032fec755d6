import type { Principal } from '@weconnect/admin/permissions'
import { WeConnectError } from '@weconnect/contracts/errors'
import { ExecutionId, streamOf, WorkflowId } from '@weconnect/contracts/ids'
import type { Journal } from '@weconnect/eventstore/journal'

export type Watched = 'execution' | 'workflow'

const checked = { execution: ExecutionId, workflow: WorkflowId }

/**
 * The stream of what is to be watched.
 * @throws WeConnectError INVALID_INPUT, NOT_FOUND: also when it belongs to another organisation, so that ids tell nothing
 */
export const watchableStream = async (journal: Journal, principal: Principal, type: Watched, id: string): Promise<string> => {
  const stream = streamOf(type, checked[type](id))
  for await (const first of journal.read(stream, { limit: 1 })) if (first.organisationId === principal.organisationId) return stream
  throw new WeConnectError('NOT_FOUND', `There is no such ${type}`)
}
