import type { Context, DomainEvent, Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent, StepCompleted, StepFailed } from '@weconnect/contracts/events/execution'
import type { JsonValue } from '@weconnect/contracts/json'
import { type Head, noStream, type Written } from '@weconnect/eventstore/journal'
import type { ReplayDifference, ReplayReport } from './face.ts'
import { forkedBeginning } from './fork.ts'
import { graphOf } from './graph.ts'
import { isGivenEnd } from './incident.ts'
import { differences } from './json-difference.ts'
import type { CallSite, Calls, EngineParts, StepTryNumbers, StreamJournal } from './parts.ts'
import { executionStream, readExecution } from './recorded.ts'
import { Recorder } from './recorder.ts'
import type { RunMemory } from './run-memory.ts'
import { Runner } from './runner.ts'
import { startNodeOf } from './start-node.ts'
import { evolve, initialExecution, type Recorded } from './state.ts'
import { memoryOf, readOutcomeFrom } from './view.ts'

/** Where the events of a replay go: nothing of it is ever written to the log. */
const scratchJournal = (): StreamJournal & { readonly events: Envelope[] } => {
  const events: Envelope[] = []
  return {
    events,
    append: async (stream: string, head: Head, added: readonly DomainEvent[], context: Context, time = '') => {
      for (const event of added)
        events.push({
          ...context,
          ...event,
          eventId: '',
          schemaVersion: 1,
          time,
          hash: '',
          stream,
          revision: events.length,
          position: '',
        } as Envelope)
      const revision = head.revision + added.length
      return { head: { revision, hash: '' }, token: { log: '', stream, revision, position: '' }, eventIds: [] } as unknown as Written
    },
    read: async function* (_stream, { from = 0, limit = Number.POSITIVE_INFINITY } = {}) {
      yield* events.slice(from, from + limit)
    },
  }
}

type Outcome = StepCompleted | StepFailed
const keyOf = (step: number, attempt: number): string => `${step}/${attempt}`

/** What was recorded of the outside, by step and try. */
const outcomesOf = (events: readonly ExecutionEvent[]): Map<string, Outcome> => {
  const outcomes = new Map<string, Outcome>()
  for (const event of events) {
    if (event.type === 'StepCompleted' || event.type === 'StepFailed') outcomes.set(keyOf(event.data.step, event.data.attempt), event)
  }
  return outcomes
}

/** Makes the calls of one try from their record. */
export type RecordedCalls = (site: CallSite, recorded: JsonValue | undefined) => Calls

/**
 * Folds the recorded stream, then runs the same version again with everything the outside said at the time (calls, times, chance, other
 * workflows), and compares what each step gave.
 */
export const replay = async (
  parts: EngineParts,
  recordedCalls: RecordedCalls,
  events: readonly Envelope<ExecutionEvent>[],
  executionId: string,
): Promise<ReplayReport> => {
  const began = parts.clock.monotonicMs()
  const recorded = await readExecution(parts.journal, executionId)
  const foldMs = parts.clock.monotonicMs() - began
  const { requested, started } = recorded.state
  const report = (found: readonly ReplayDifference[], steps: number): ReplayReport => ({
    executionId,
    equal: found.length === 0 && foldAgrees(events),
    events: events.length,
    steps,
    foldEqual: foldAgrees(events),
    differences: found,
    durationMs: parts.clock.monotonicMs() - began,
    foldMs,
  })
  if (!requested || !started) return report([], 0)
  const outcomes = outcomesOf(events)
  const memory = memoryOf(
    recorded,
    readOutcomeFrom(parts.journal, executionId, (step) => recorded.state.steps[step]?.outcomeRevision),
  )
  const journal = scratchJournal()
  const wokenBy = (step: number) => events[recorded.state.steps[step]?.resumedRevision ?? -1]
  const replayParts: EngineParts = { ...parts, ...replayedOutside(outcomes, recordedCalls, memory), journal }
  for (const step of recorded.state.steps) if (step.cacheHit) await memory.load(step.step)
  const graph = graphOf(await parts.contentAt(requested.workflowId, requested.workflowRevision))
  const startNode = startNodeOf(graph, requested.trigger, requested.triggerNodeId, parts)
  const context: Context = recorded.context
  await journal.append(executionStream(executionId), noStream, forkedBeginning(requested, started, events), context)
  for (let paused = true; paused; ) {
    const again = await readExecution(journal, executionId)
    const { head, state } = again
    const recorder = new Recorder(journal, parts.clock, { stream: executionStream(executionId), context, head, state }, () => undefined)
    const { organisationId, correlationId } = context
    const runner: Runner = new Runner({
      parts: {
        ...replayParts,
        wokenBy,
        startedAt: (step, attempt, undoes = false) => {
          // Where its steps began to be undone, the recorded run had ended.
          const isOver = !undoes && step >= (recorded.state.compensation?.firstStep ?? Number.POSITIVE_INFINITY)
          return recordedStart(outcomes, isOver ? [] : recorded.state.steps, step, isOver ? 0 : attempt, () => runner.stop('cancelled'))
        },
      },
      graph,
      recorder,
      requested,
      started,
      organisationId,
      correlationId,
      startNode,
      workflowActive: requested.workflowVersion > 0,
      requestedAtMs: Date.parse(recorded.state.requestedAt ?? ''),
    })
    await runner.resume(again)
    paused = (await runner.run()).kind === 'paused'
  }
  return report(compare(outcomes, outcomesOf(journal.events as unknown as ExecutionEvent[])), recorded.state.steps.length)
}

/** A step that was never recorded began after the recorded end (a cancellation, a limit): the replay ends there too. */
const recordedStart = (
  outcomes: ReadonlyMap<string, Outcome>,
  steps: readonly { readonly startedAt: string }[],
  step: number,
  attempt: number,
  end: () => void,
): string => {
  const known = outcomes.get(keyOf(step, attempt))?.data.startedAt ?? steps[step]?.startedAt
  if (known === undefined) end()
  return known ?? '1970-01-01T00:00:00.000Z'
}

const replayedOutside = (
  outcomes: ReadonlyMap<string, Outcome>,
  recordedCalls: RecordedCalls,
  memory: RunMemory,
): Pick<EngineParts, 'calls' | 'subWorkflows' | 'errorWorkflows' | 'cache' | 'timer' | 'longestWaitMs' | 'byHand'> => {
  const recordedOf = ({ step, attempt }: StepTryNumbers): Outcome | undefined => outcomes.get(keyOf(step, attempt))
  const isCached = (outcome: Outcome | undefined): boolean => outcome?.type === 'StepCompleted' && outcome.data.cacheHit === true
  const struck = (outcome: Outcome | undefined): boolean => outcome?.type === 'StepFailed' && outcome.data.code === 'NODE_TIMEOUT'
  return {
    calls: (site) => recordedCalls(site, recordedOf(site)?.data.calls),
    subWorkflows: { run: ({ site }) => memory.load(site.step), cancel: async () => undefined },
    errorWorkflows: { report: async () => undefined },
    cache: { get: (_key, _now, of) => (isCached(recordedOf(of)) ? memory.outputs(of.step) : undefined), set: () => undefined },
    longestWaitMs: Number.POSITIVE_INFINITY,
    byHand: async (of) => {
      const outcome = recordedOf(of)
      if (!outcome || !isGivenEnd(outcome)) return undefined
      if (outcome.type === 'StepCompleted')
        return { kind: 'completed', event: outcome, outputs: await memory.load(of.step), context: undefined }
      return { kind: 'failed', code: outcome.data.code, error: outcome.data.error, event: outcome }
    },
    timer: {
      wait: () => Promise.resolve(),
      limit: (_ms, signal, of) => (of && struck(recordedOf(of)) ? Promise.resolve() : aborted(signal)),
    },
  }
}

/** Nothing takes time in a replay, and no limit strikes but those that did. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))

/** Whether the folded state is what the last event of the stream says. */
const foldAgrees = (events: readonly Envelope<ExecutionEvent>[]): boolean => {
  const state = events.reduce((folded, event) => evolve(folded, event as unknown as Recorded), initialExecution())
  const last = events[events.length - 1]
  if (last?.type === 'ExecutionCompleted')
    return state.status === 'completed' && state.steps.length === last.data.steps && state.lastStep === last.data.lastStep
  if (last?.type === 'ExecutionFailed') return state.status === 'failed'
  return state.status !== 'absent'
}

const compared = ({ type, data }: Outcome): JsonValue => {
  const { nodeId, runIndex, inputs } = data
  if (type === 'StepFailed') return { type, nodeId, runIndex, inputs, code: data.code, error: data.error } as unknown as JsonValue
  const { outputCounts, outputs, passed, response, passedResponse, customData, nodeContext, error, skipped } = data
  return {
    type,
    nodeId,
    runIndex,
    inputs,
    outputCounts,
    outputs,
    passed,
    response,
    passedResponse,
    customData,
    nodeContext,
    error,
    skipped,
  } as unknown as JsonValue
}

const compare = (recorded: ReadonlyMap<string, Outcome>, replayed: ReadonlyMap<string, Outcome>): ReplayDifference[] =>
  [...new Set([...recorded.keys(), ...replayed.keys()])].flatMap((key) => {
    const [before, after] = [recorded.get(key), replayed.get(key)]
    const { step, nodeName } = (before ?? after)!.data
    return differences(before && compared(before), after && compared(after)).map((difference) => ({ step, nodeName, ...difference }))
  })
