import type { Envelope } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionEvent, ExecutionMigrated, ExecutionRequested } from '@weconnect/contracts/events/execution'
import type { Outputs } from '@weconnect/contracts/items'
import type { Step } from '../decider/state.ts'
import type { StreamJournal } from '../parts.ts'
import { RunMemory } from '../scope/run-memory.ts'
import { executionStream, type RecordedExecution, readAt, readExecution } from '../stream/recorded.ts'
import type { ExecutionStatus, ExecutionView, MovedView, StepView } from './face.ts'
import { IncidentNotes } from './incident-notes.ts'
import { WaitNotes } from './wait-notes.ts'

/** The recorded events of one execution. @throws WeConnectError NOT_FOUND, also when it belongs to another organisation */
export const eventsOf = async (
  journal: StreamJournal,
  executionId: string,
  organisationId: string,
): Promise<Envelope<ExecutionEvent>[]> => {
  const events: Envelope<ExecutionEvent>[] = []
  for await (const event of journal.read(executionStream(executionId))) events.push(event as Envelope<ExecutionEvent>)
  if (events.length === 0 || events[0]?.organisationId !== organisationId) throw notFound(executionId)
  return events
}

const notFound = (executionId: string): WeConnectError => new WeConnectError('NOT_FOUND', `There is no execution ${executionId}`)

export const readOutcomeFrom =
  (journal: StreamJournal, executionId: string, revisionOf: (step: number) => number | undefined) =>
  async (step: number): Promise<Envelope<ExecutionEvent> | undefined> => {
    const revision = revisionOf(step)
    return revision === undefined ? undefined : readAt(journal, executionId, revision)
  }

/** An execution as a reader sees it. Items are read from the stream when they are asked for. */
export const viewOf = async (journal: StreamJournal, executionId: string, organisationId: string): Promise<ExecutionView> => {
  const notes = new Map<number, Notes>()
  const incidents = new IncidentNotes()
  const waits = new WaitNotes()
  const migrations: MovedView[] = []
  const recorded = await readExecution(journal, executionId, (event) => {
    keepNotes(notes, event)
    incidents.keep(event)
    waits.keep(event)
    if (event.type === 'ExecutionMigrated') migrations.push(movedView(event))
  })
  const { state, context, head } = recorded
  if (!state.requested || context.organisationId !== organisationId) throw notFound(executionId)
  const readOutcome = readOutcomeFrom(journal, executionId, (step) => state.steps[step]?.outcomeRevision)
  const memory = memoryOf(recorded, readOutcome)
  return {
    executionId,
    organisationId,
    workflowId: state.requested.workflowId,
    workflowVersion: state.requested.workflowVersion,
    status: state.status as ExecutionStatus,
    trigger: state.requested.trigger,
    ...forkOf(state.requested),
    requestedAt: state.requestedAt ?? '',
    ...(state.startedAt !== undefined && { startedAt: state.startedAt }),
    ...(state.finishedAt !== undefined && { finishedAt: state.finishedAt }),
    ...(state.durationMs !== undefined && { durationMs: state.durationMs }),
    ...(state.error !== undefined && { error: state.error }),
    revision: head.revision,
    // In order `parallel` a step that a pause put aside has a number, and may never begin.
    steps: state.steps.flatMap((step) => stepView(step, memory, notes.get(step.step) ?? {})),
    incidents: incidents.list,
    waits: waits.list(state.steps),
    migrations,
    ...(waits.paused && { paused: waits.paused }),
    ...parentOf(state.requested),
    input: async () => state.requested?.input as unknown as Outputs,
    output: async () => (state.lastStep < 0 ? [] : memory.load(state.lastStep)),
  }
}

const movedView = ({ data, time, actor }: Envelope<ExecutionMigrated>): MovedView => {
  const { migrationId, fromVersion, workflowVersion: toVersion } = data
  return { migrationId, fromVersion, toVersion, movedAt: time, movedBy: actor }
}

const forkOf = ({
  forkedFromExecutionId: executionId,
  forkedAtStep: step = 0,
}: ExecutionRequested['data']): Pick<ExecutionView, 'forkedFrom'> =>
  executionId === undefined ? {} : { forkedFrom: { executionId, step } }

const parentOf = ({ parentExecutionId: executionId, parentStep: step }: ExecutionRequested['data']): Pick<ExecutionView, 'parent'> =>
  executionId === undefined ? {} : { parent: { executionId, ...(step !== undefined && { step }) } }

/** Memory that knows which step ran which node, and reads everything else when asked. */
export const memoryOf = (
  recorded: RecordedExecution,
  readOutcome: (step: number) => Promise<Envelope<ExecutionEvent> | undefined>,
): RunMemory => {
  const memory = new RunMemory(recorded.state.requested?.input as unknown as Outputs, () => recorded.state, readOutcome)
  for (const { kind, step } of recorded.moves) {
    if (kind === 'begin') memory.begin(step.nodeName, step.step, step.inputs)
    else memory.end(step.step)
  }
  return memory
}

/** What a step leaves to read beside its items. */
type Notes = Pick<StepView, 'error' | 'logs'>

const keepNotes = (notes: Map<number, Notes>, event: ExecutionEvent): void => {
  if (event.type !== 'StepCompleted' && event.type !== 'StepFailed') return
  const { error, logs, step } = event.data
  if (error !== undefined || logs !== undefined)
    notes.set(step, { ...(error !== undefined && { error }), ...(logs !== undefined && { logs }) })
}

const stepView = (step: Step, memory: RunMemory, notes: Notes): StepView => ({
  step: step.step,
  nodeId: step.nodeId,
  nodeName: step.nodeName,
  nodeType: step.nodeType,
  runIndex: step.runIndex,
  attempt: step.attempt,
  status: step.status,
  inputs: step.inputs,
  outputCounts: step.outputCounts,
  startedAt: step.startedAt,
  ...(step.durationMs !== undefined && { durationMs: step.durationMs }),
  cacheHit: step.cacheHit,
  ...notes,
  input: () => memory.loadInputs(step.inputs),
  output: async () => (step.status === 'completed' ? memory.load(step.step) : []),
})
