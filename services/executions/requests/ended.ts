import type { Outputs } from '@weconnect/contracts/items'
import type { EventStore } from '@weconnect/eventstore/port'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import { isEnding } from '../dispatch/open-work.ts'
import { responseOf } from '../items/response.ts'
import type { StreamJournal } from '../parts.ts'
import type { RunMemory } from '../scope/run-memory.ts'
import { executionStream, type RecordedExecution, readExecution } from '../stream/recorded.ts'
import { memoryOf, readOutcomeFrom } from '../view/view.ts'

export interface RecordedResult {
  readonly state: RecordedExecution['state']
  /** Items of the last step; empty unless it completed. */
  readonly outputs: Outputs
  readonly response: NodeResponse | undefined
}

/** Waits for the last event of an execution, wherever it runs. */
export const endOf = async (
  store: EventStore,
  journal: StreamJournal,
  executionId: string,
  signal: AbortSignal,
): Promise<RecordedExecution> => {
  for await (const events of store.subscribe({ after: 'start', stream: executionStream(executionId), signal })) {
    if (events.some(({ type }) => isEnding(type))) break
  }
  return readExecution(journal, executionId)
}

const memoryFrom = (journal: StreamJournal, recorded: RecordedExecution): RunMemory => {
  const { steps, requested } = recorded.state
  return memoryOf(
    recorded,
    readOutcomeFrom(journal, requested?.executionId ?? '', (step) => steps[step]?.outcomeRevision),
  )
}

/** Items of the last step. */
export const lastOutputs = async (journal: StreamJournal, recorded: RecordedExecution): Promise<Outputs> =>
  recorded.state.lastStep < 0 ? [] : memoryFrom(journal, recorded).load(recorded.state.lastStep)

/** What its Respond to Webhook node answered, when one did. */
const recordedResponse = async (journal: StreamJournal, recorded: RecordedExecution): Promise<NodeResponse | undefined> => {
  const { answered } = recorded
  return answered && responseOf(answered, () => memoryFrom(journal, recorded).loadInputs(answered.inputs))
}

/** Of an execution that has ended. */
export const resultOf = async (journal: StreamJournal, recorded: RecordedExecution): Promise<RecordedResult> => ({
  state: recorded.state,
  outputs: recorded.state.status === 'completed' ? await lastOutputs(journal, recorded) : [],
  response: await recordedResponse(journal, recorded),
})
