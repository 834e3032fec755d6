import type { Context, Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent, StepCompleted } from '@weconnect/contracts/events/execution'
import { streamOf } from '@weconnect/contracts/ids'
import type { Head } from '@weconnect/eventstore/journal'
import { evolve, type Recorded } from '../decider/evolve.ts'
import { renamed } from '../decider/migrated.ts'
import { type Execution, initialExecution, type Step } from '../decider/state.ts'
import type { Standpoint } from '../graph/frontier.ts'
import type { StreamJournal } from '../parts.ts'

/** Beginnings and ends of steps, in the order in which they were recorded. */
export type Move = { readonly kind: 'begin' | 'end'; readonly step: Step }

/** What a step leaves beside its items for the steps after it. */
export type StepTraces = Pick<StepCompleted['data'], 'nodeId' | 'nodeName' | 'staticData' | 'customData' | 'nodeContext'>

/** What a run needs to go on from where its stream stands. */
export interface Recovered {
  readonly moves: readonly Move[]
  /** It moved to another version after so many moves: there it went on from this standpoint. */
  readonly migrated?: { readonly moves: number; readonly standpoint: Standpoint } | undefined
  /** Steps that began and have no outcome. */
  readonly open: readonly Step[]
  /** Of every step that left data, in order; then of every node that has a context, the newest one. */
  readonly traces: readonly StepTraces[]
}

export interface RecordedExecution extends Recovered {
  readonly state: Execution
  readonly head: Head
  readonly context: Context
  /** The step whose Respond to Webhook node answered, when one did. */
  readonly answered: StepCompleted['data'] | undefined
}

export const executionStream = (executionId: string): string => streamOf('execution', executionId)

export const movesOf = (event: ExecutionEvent, after: Execution, began: Set<number>): Move[] => {
  if (event.type !== 'StepStarted' && event.type !== 'StepCompleted' && event.type !== 'StepFailed') return []
  const step = after.steps[event.data.step]
  if (!step) return []
  if (step.compensates !== undefined) return []
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

/** Without the items, of which there may be many. */
const tracesOf = (event: ExecutionEvent): StepTraces | undefined => {
  if (event.type !== 'StepCompleted' && event.type !== 'StepFailed') return undefined
  const { nodeId, nodeName, staticData, customData }: StepTraces = event.data
  if (staticData === undefined && customData === undefined) return undefined
  return { nodeId, nodeName, ...(staticData && { staticData }), ...(customData && { customData }) }
}

const contextLeftBy = ({ nodeId, nodeName, nodeContext }: StepCompleted['data']): StepTraces => ({
  nodeId,
  nodeName,
  ...(nodeContext && { nodeContext }),
})

/** The event of an execution at a revision. */
export const readAt = async (
  journal: Pick<StreamJournal, 'read'>,
  executionId: string,
  revision: number,
): Promise<Envelope<ExecutionEvent> | undefined> => {
  for await (const event of journal.read(executionStream(executionId), { from: revision, limit: 1 }))
    return event as Envelope<ExecutionEvent>
  return undefined
}

/** Reads and folds one execution. An unknown one has status `absent`. @param onEvent is given every event on the way */
export const readExecution = async (
  journal: StreamJournal,
  executionId: string,
  onEvent?: (event: Envelope<ExecutionEvent>) => void,
): Promise<RecordedExecution> => {
  let state = initialExecution()
  let head: Head = { revision: -1, hash: '' }
  let context: Context = { actor: 'system', organisationId: '', correlationId: executionId, causationId: executionId }
  let answered: StepCompleted['data'] | undefined
  let traces: StepTraces[] = []
  // A loop leaves its context at every turn, and only the last one counts: the others are not even opened.
  const contexts = new Map<string, StepCompleted['data']>()
  let moves: Move[] = []
  let migrated: RecordedExecution['migrated']
  const began = new Set<number>()
  for await (const event of journal.read(executionStream(executionId)) as AsyncIterable<Envelope<ExecutionEvent>>) {
    onEvent?.(event)
    if (event.revision === 0) context = contextOf(event)
    state = evolve(state, event as unknown as Recorded)
    moves.push(...movesOf(event as ExecutionEvent, state, began))
    const left = tracesOf(event as ExecutionEvent)
    if (left) traces.push(left)
    if (event.type === 'StepCompleted' && 'nodeContext' in event.data) contexts.set(event.data.nodeName, event.data)
    if (event.type === 'ExecutionMigrated') {
      const { nodes } = event.data
      traces = [...traces, ...[...contexts.values()].map(contextLeftBy)].map((each) => renamed(each, nodes))
      contexts.clear()
      moves = moves.map(({ kind, step }) => ({ kind, step: renamed(step, nodes) }))
      migrated = { moves: moves.length, standpoint: event.data }
    }
    if (event.type === 'StepCompleted' && (event.data.response !== undefined || event.data.passedResponse !== undefined))
      answered ??= event.data
    head = { revision: event.revision, hash: event.hash }
  }
  const open = state.steps.filter((step) => step.status !== 'completed' && step.compensates === undefined)
  traces.push(...[...contexts.values()].map(contextLeftBy))
  return { state, head, context, moves, ...(migrated && { migrated }), open, traces, answered }
}
