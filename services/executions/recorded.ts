import type { Context, Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent, StepCompleted, StepFailed } from '@weconnect/contracts/events/execution'
import { streamOf } from '@weconnect/contracts/ids'
import type { Head } from '@weconnect/eventstore/journal'
import type { StreamJournal } from './parts.ts'
import { type Execution, evolve, initialExecution, type Recorded, type Step } from './state.ts'

/** Beginnings and ends of steps, in the order in which they were recorded. */
export type Move = { readonly kind: 'begin' | 'end'; readonly step: Step }

/** What a run needs to go on from where its stream stands. */
export interface Recovered {
  readonly moves: readonly Move[]
  /** Steps that began and have no outcome. */
  readonly open: readonly Step[]
  /** Outcomes of which something stays beside the items (static data, custom data), in order. */
  readonly traces: readonly (StepCompleted | StepFailed)[]
}

export interface RecordedExecution extends Recovered {
  readonly state: Execution
  readonly head: Head
  readonly context: Context
  /** The step whose Respond to Webhook node answered, when one did. */
  readonly answered: StepCompleted['data'] | undefined
}

export const executionStream = (executionId: string): string => streamOf('execution', executionId)

const movesOf = (event: ExecutionEvent, after: Execution, began: Set<number>): Move[] => {
  if (event.type !== 'StepStarted' && event.type !== 'StepCompleted' && event.type !== 'StepFailed') return []
  const step = after.steps[event.data.step]
  if (!step) return []
  const moves: Move[] = began.has(step.step) ? [] : [{ kind: 'begin', step }]
  began.add(step.step)
  if (event.type === 'StepCompleted') moves.push({ kind: 'end', step })
  return moves
}

const contextOf = ({ actor, organisationId, correlationId, causationId }: Context): Context => ({
  actor,
  organisationId,
  correlationId,
  causationId,
})

const leavesTraces = (event: ExecutionEvent): boolean =>
  (event.type === 'StepCompleted' || event.type === 'StepFailed') &&
  (event.data.staticData !== undefined || event.data.customData !== undefined)

/** Reads and folds one execution. An unknown one has status `absent`. @param onEvent is given every event on the way */
export const readExecution = async (
  journal: StreamJournal,
  executionId: string,
  onEvent?: (event: ExecutionEvent) => void,
): Promise<RecordedExecution> => {
  let state = initialExecution()
  let head: Head = { revision: -1, hash: '' }
  let context: Context = { actor: 'system', organisationId: '', correlationId: executionId, causationId: executionId }
  let answered: StepCompleted['data'] | undefined
  const traces: (StepCompleted | StepFailed)[] = []
  const moves: Move[] = []
  const began = new Set<number>()
  for await (const event of journal.read(executionStream(executionId)) as AsyncIterable<Envelope<ExecutionEvent>>) {
    onEvent?.(event as ExecutionEvent)
    if (event.revision === 0) context = contextOf(event)
    state = evolve(state, event as unknown as Recorded)
    moves.push(...movesOf(event as ExecutionEvent, state, began))
    if (leavesTraces(event as ExecutionEvent)) traces.push(event as StepCompleted | StepFailed)
    if (event.type === 'StepCompleted' && (event.data.response !== undefined || event.data.passedResponse !== undefined))
      answered ??= event.data
    head = { revision: event.revision, hash: event.hash }
  }
  const open = state.steps.filter((step) => step.status !== 'completed')
  return { state, head, context, moves, open, traces, answered }
}
