import type { Context, DomainEvent, Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { JsonValue } from '@weconnect/contracts/json'
import { type Head, noStream, type Written } from '@weconnect/eventstore/journal'
import { evolve, type Recorded } from '../decider/evolve.ts'
import { initialExecution } from '../decider/state.ts'
import { graphOf } from '../graph/graph.ts'
import type { EngineParts, StreamJournal } from '../parts.ts'
import { runnerOf } from '../run/run-start.ts'
import { executionStream, readExecution } from '../stream/recorded.ts'
import { Recorder } from '../stream/recorder.ts'
import { memoryOf, readOutcomeFrom } from '../view/view.ts'
import { forkedBeginning } from './fork.ts'
import { differences } from './json-difference.ts'
import { historyOf, type Outcome, outcomesOf, type RecordedCalls, recordedOutside } from './recorded-outside.ts'
import type { ReplayDifference, ReplayReport } from './report.ts'
import { journalOf, mayGoOn, type Stretch, stretchesOf, takenAsGiven } from './stretches.ts'

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

/**
 * Folds the recorded stream, then runs the same versions again with everything the outside said at the time (calls, times, chance, other
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
  const found: ReplayDifference[] = []
  for (const stretch of stretchesOf(events)) found.push(...(await differencesIn(stretch, parts, recordedCalls, executionId)))
  return report(found, recorded.state.steps.length)
}

/** Runs what was recorded on one version again. @returns where it differs */
const differencesIn = async (
  { events, given }: Stretch,
  parts: EngineParts,
  recordedCalls: RecordedCalls,
  executionId: string,
): Promise<readonly ReplayDifference[]> => {
  const recorded = await readExecution(journalOf(events), executionId)
  const { state, context } = recorded
  const { requested, started } = state
  if (!requested || !started) return []
  const history = historyOf(events, state)
  const memory = memoryOf(
    recorded,
    readOutcomeFrom(parts.journal, executionId, (step) => state.steps[step]?.outcomeRevision),
  )
  const journal = scratchJournal()
  const replayParts: EngineParts = { ...parts, ...recordedOutside(parts, history, recordedCalls, memory), journal }
  for (const step of state.steps) if (step?.cacheHit) await memory.load(step.step)
  const graph = graphOf(await parts.contentAt(requested.workflowId, requested.workflowRevision))
  const beginning = given.length > 0 ? takenAsGiven(given) : forkedBeginning(requested, started, events)
  await journal.append(executionStream(executionId), noStream, beginning, context)
  const times = { requestedAtMs: Date.parse(state.requestedAt ?? ''), begunAtMs: Date.parse(state.startedAt ?? '') }
  for (let paused = true; paused; ) {
    const again = await readExecution(journal, executionId)
    const { head } = again
    const recorder = new Recorder(
      journal,
      parts.clock,
      { stream: executionStream(executionId), context, head, state: again.state },
      () => undefined,
    )
    const runner = runnerOf(replayParts, { context, graph, recorder, requested, started }, times)
    await runner.resume({ ...again, open: again.open.filter((step) => mayGoOn(step, history)) })
    const hasPaused = (await runner.run()).kind === 'paused'
    // Where the record ends, nothing goes on.
    paused = hasPaused && journal.events.length > head.revision + 1
  }
  return compare(history.outcomes, outcomesOf(journal.events as unknown as ExecutionEvent[]))
}

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
