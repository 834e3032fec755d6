import { stateTopics } from '@weconnect/contracts/topics'
import type { EventStore } from '@weconnect/eventstore/port'
import { type ExecutionState, foldExecution } from './execution-state.ts'
import { type RecordedEvent, recordedEvent } from './recorded-event.ts'
import { foldWorkflow, type WorkflowState } from './workflow-state.ts'

export type StreamState = ExecutionState | WorkflowState
export interface NewestState {
  readonly family: keyof typeof stateTopics
  readonly state: StreamState
  /** The newest event that is in it. */
  readonly event: RecordedEvent
}

/** Streams whose state is kept in memory between batches. */
const remembered = 20_000

const fold = (before: StreamState | undefined, event: RecordedEvent): StreamState =>
  event.family === 'execution'
    ? foldExecution(before as ExecutionState | undefined, event)
    : foldWorkflow(before as WorkflowState | undefined, event)

const hasState = (family: string): family is keyof typeof stateTopics => Object.hasOwn(stateTopics, family)

/**
 * Folds the state of streams along the log. What was forgotten, or came before this process, is folded from the stream itself, so that the same
 * log always gives the same states.
 */
export const newestStates = (store: Pick<EventStore, 'read'>) => {
  const states = new Map<string, StreamState>()

  const before = async ({ stored }: RecordedEvent): Promise<StreamState | undefined> => {
    const known = states.get(stored.stream)
    if (known?.revision === stored.revision - 1 || stored.revision === 0) return stored.revision === 0 ? undefined : known
    let state: StreamState | undefined
    for await (const earlier of store.read(stored.stream, { from: 0, limit: stored.revision })) state = fold(state, recordedEvent(earlier))
    return state
  }

  const remember = (stream: string, state: StreamState): void => {
    states.delete(stream)
    states.set(stream, state)
    if (states.size <= remembered) return
    for (const oldest of states.keys()) {
      states.delete(oldest)
      break
    }
  }

  /** The states that a batch leaves behind, one for each of its streams. */
  return async (events: readonly RecordedEvent[]): Promise<readonly NewestState[]> => {
    const newest = new Map<string, NewestState>()
    for (const event of events) {
      const { family, stored } = event
      if (!hasState(family)) continue
      const earlier = newest.get(stored.stream)?.state ?? (await before(event))
      newest.set(stored.stream, { family, state: fold(earlier, event), event })
    }
    for (const [stream, { state }] of newest) remember(stream, state)
    return [...newest.values()]
  }
}
