import type { Context } from '@weconnect/contracts/envelope'
import type { ExecutionRequested } from '@weconnect/contracts/events/execution'
import type { JsonObject } from '@weconnect/contracts/json'
import { decide } from '../decider/decide.ts'
import type { EngineParts } from '../parts.ts'
import { executionStream, readExecution } from './recorded.ts'

/** Ends an execution that can never go on, for example because its version cannot be read. */
export const failUnrunnable = async (parts: EngineParts, executionId: string, error: { code: string; message: string }): Promise<void> => {
  const { state, head, context } = await readExecution(parts.journal, executionId)
  if (state.status === 'absent') return
  const events = decide({ type: 'FailExecution', at: parts.clock.now(), ...error }, state)
  if (events.length === 0) return
  if (state.requested) await report(parts, state.requested, context, error)
  await parts.journal.append(executionStream(executionId), head, events, context)
}

/** When not even its version can be read, nobody knows of an error workflow. */
const report = async (
  { contentAt, errorWorkflows }: EngineParts,
  requested: ExecutionRequested['data'],
  { organisationId, correlationId }: Context,
  error: JsonObject,
): Promise<void> => {
  const content = await contentAt(requested.workflowId, requested.workflowRevision).catch(() => undefined)
  const failed = { requested, organisationId, correlationId, error, step: 0, lastNodeExecuted: undefined, durable: async () => undefined }
  if (content) await errorWorkflows.report({ ...failed, content })
}
