import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { RunFacts } from '../scope/run-facts.ts'
import { readAt } from '../stream/recorded.ts'

/** The event that ended a step, read back; undefined while it is not durable. */
export const outcomeOf = async (
  { parts, recorder, requested }: Pick<RunFacts, 'parts' | 'recorder' | 'requested'>,
  step: number,
): Promise<Envelope<ExecutionEvent> | undefined> => {
  const revision = recorder.state.steps[step]?.outcomeRevision
  return revision === undefined ? undefined : readAt(parts.journal, requested.executionId, revision)
}
