import type { Position } from '@weconnect/contracts/envelope'
import { noStream } from '@weconnect/eventstore/journal'
import type { EventStore, StoredEvent } from '@weconnect/eventstore/port'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import type { RunEnd } from '../decider/run-end.ts'
import { isEnding } from '../dispatch/open-work.ts'
import { FlowGate, type GateOptions } from '../flow/flow-gate.ts'
import { graphOf } from '../graph/graph.ts'
import { startNodeOf } from '../graph/start-node.ts'
import { bytesOf, claimFiles, hasLargeFiles, keepFile } from '../items/claim-files.ts'
import { executionStream, readExecution } from '../stream/recorded.ts'
import { resumeExecution } from '../stream/resume-execution.ts'
import { endOf, resultOf } from './ended.ts'
import type { Accepted, Execution } from './execution-handle.ts'
import { type ExecuteRequest, requestedOf } from './execution-start.ts'
import type { Runs } from './runs.ts'

export interface RunsElsewhereOptions extends Pick<GateOptions, 'parts' | 'weightOf' | 'onError'> {
  readonly store: EventStore
  /** When it aborts, nobody here is told any more how an execution ends. */
  readonly signal: AbortSignal
}

/** Asks for executions in the log, where an engine of another process finds them, and learns from the log what came of them. */
export const openRunsElsewhere = (options: RunsElsewhereOptions): Runs => {
  const { parts, store, signal } = options
  const { journal, binaries } = parts
  const ask = openRequests(options)

  /** Reads on in the stream of an execution until an event stands. @returns false when the signal aborts before */
  const comesTo = async (executionId: string, after: Position, stands: (event: StoredEvent) => boolean): Promise<boolean> => {
    for await (const events of store.subscribe({ after, stream: executionStream(executionId), signal }))
      if (events.some(stands)) return true
    return false
  }

  const endAfter = async (executionId: string, after: Position): Promise<RunEnd> => {
    if (!(await comesTo(executionId, after, isEndOfRun))) return { kind: 'stopped' }
    const { state, outputs } = await resultOf(journal, await readExecution(journal, executionId))
    if (state.status === 'completed') return { kind: 'completed', outputs }
    if (state.status === 'failed') return { kind: 'failed', code: state.errorCode ?? 'EXECUTION_FAILED', error: state.error ?? null }
    return { kind: state.status === 'cancelled' || state.status === 'timeout' ? state.status : 'paused' }
  }

  const answerAfter = async (executionId: string, after: Position): Promise<NodeResponse | undefined> => {
    await comesTo(executionId, after, (event) => isAnswer(event) || isEndOfRun(event))
    return (await resultOf(journal, await readExecution(journal, executionId))).response
  }

  const begun = (executionId: string, accepted: Promise<Accepted>): Execution => {
    const ended = onceAsked(async (): Promise<RunEnd> => {
      const { position, within } = await accepted
      return within === undefined ? endAfter(executionId, position) : { kind: 'paused', within }
    })
    const answered = onceAsked(async () => {
      const { position, within } = await accepted
      return within === undefined ? answerAfter(executionId, position) : undefined
    })
    return {
      accepted,
      get answered() {
        return answered()
      },
      get ended() {
        return ended()
      },
    }
  }

  const untilClosed = (other: AbortSignal): AbortSignal => AbortSignal.any([other, signal])
  return {
    execute: (request) => begun(request.executionId, ask.request(request)),
    // Engines follow the log, and look for what nobody goes on with.
    take: () => undefined,
    resume: (executionId, input, context) => begun(executionId, resumeExecution(journal, executionId, input, context)),
    isRunning: () => false,
    status: () => ({ ready: true, running: 0, queued: 0 }),
    endOf: (executionId, other) => endOf(store, journal, executionId, untilClosed(other)),
    resultOf: async (executionId, other) => resultOf(journal, await endOf(store, journal, executionId, untilClosed(other))),
    bytesOf: (file, organisationId) => bytesOf(file, organisationId, binaries),
    keepFile: (pieces, organisationId) => keepFile(pieces, organisationId, binaries),
    windowOf: (executionId, organisationId) => ask.gate.windowOf(executionId, organisationId),
    forkedFlow: (requested, content, organisationId) => ask.gate.forkedFlow(requested, content, organisationId),
    slotWait: (executionId, flow) => ask.gate.waitOf(executionId, flow),
  }
}

/** Most who ask for an execution do not wait for its end: then nothing is followed. */
const onceAsked = <Value>(make: () => Promise<Value>): (() => Promise<Value>) => {
  let made: Promise<Value> | undefined
  return () => {
    made ??= make()
    return made
  }
}

const isEndOfRun = ({ type }: StoredEvent): boolean => isEnding(type) || type === 'ExecutionPaused'

/** Types and names of fields are in the clear; what else looks like it costs one reading too many. */
const isAnswer = ({ type, data }: StoredEvent): boolean =>
  type === 'StepCompleted' && (data.includes('"response"') || data.includes('"passedResponse"'))

/** Requests in the log, after what their workflow's flow control says of them. */
const openRequests = ({ parts, store, weightOf, signal, onError }: RunsElsewhereOptions) => {
  const { journal, contentAt, binaries } = parts

  const request = async (asked: ExecuteRequest): Promise<Accepted> => {
    const { executionId, workflowId, workflowRevision, trigger, triggerNode, context } = asked
    const content = await contentAt(workflowId, workflowRevision)
    const startNode = startNodeOf(graphOf(content), trigger, triggerNode, parts)
    const input = hasLargeFiles(asked.input) ? await claimFiles(asked.input, context.organisationId, binaries) : asked.input
    const flow = gate.declares(content)
    const admitted = flow && (await gate.admit(flow, { ...asked, input }, content))
    if (admitted?.gathered) return { ...admitted.gathered.token, within: admitted.gathered.executionId }
    const data = requestedOf({ ...asked, input }, startNode.nodeId, admitted)
    try {
      return (await journal.append(executionStream(executionId), noStream, [{ type: 'ExecutionRequested', data }], context)).token
    } catch (error) {
      if (admitted) gate.left(executionId)
      throw error
    }
  }
  /** What it grants is taken up by an engine, which asks again. */
  const gate = new FlowGate({ parts, store, weightOf, goOn: () => undefined, isHere: () => false, execute: request, onError })
  signal.addEventListener('abort', () => gate.close(), { once: true })
  return { request, gate }
}
