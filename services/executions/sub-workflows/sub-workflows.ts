import { errorCodes, isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { Outputs } from '@weconnect/contracts/items'
import type { Workflows } from '@weconnect/workflows/face'
import { v5 as uuid5 } from 'uuid'
import { hasEnded } from '../decider/state.ts'
import type { CallSite, EngineParts, StreamJournal, SubWorkflows, Timer } from '../parts.ts'
import { lastOutputs } from '../requests/ended.ts'
import type { Runs } from '../requests/runs.ts'
import { type RecordedExecution, readExecution } from '../stream/recorded.ts'
import { tell } from '../stream/tell.ts'

/** Calls within calls, against a workflow that calls itself for ever. */
const maxDepth = 30
const namespace = '9f2c2f0e-5a0b-4d38-9d43-6f2a3f9f4c11'

/** Milliseconds until a child that the log could not take is tried again. */
const retryAfterMs = 1_000

/** Lets others have the place of an execution while it waits for the work. */
export type LendPlace = (executionId: string, work: () => Promise<Outputs>) => Promise<Outputs>

export interface SubWorkflowOptions {
  readonly engine: () => Runs
  readonly lendPlace: LendPlace
  readonly workflows: Workflows
  readonly journal: StreamJournal
  /** Of the log that the journal writes. */
  readonly logId: string
  readonly timer: Timer
}

type Call = Parameters<SubWorkflows['run']>[0]

/** Executions called by a step. */
export const openSubWorkflows = ({ engine, lendPlace, workflows, journal, logId, timer }: SubWorkflowOptions): SubWorkflows => {
  const called = async ({ site, workflowId, items, wait, call, correlationId, signal }: Call): Promise<Outputs> => {
    await assertDepth(journal, site.executionId)
    const { workflow, revision } = await workflows.load(workflowId, site.organisationId)
    const version = workflow.activeVersion || workflow.version
    const executionId = childId(site, call)
    const context = {
      actor: `engine:${site.executionId}`,
      organisationId: site.organisationId,
      correlationId,
      causationId: site.executionId,
    }
    if (signal.aborted) throw stopped()
    const child = engine().execute({
      executionId,
      workflowId,
      workflowVersion: version,
      workflowRevision: workflow.versions.get(version)?.revision ?? revision,
      trigger: 'execution',
      input: [items],
      parent: { executionId: site.executionId, step: site.step },
      ...(!wait && { answer: 'immediately' as const }),
      context,
    })
    try {
      await child.accepted
      if (!wait) return [items]
      // Stopped while the child was being begun: whoever stopped it has not seen the child.
      if (signal.aborted) await cancelChild({ journal, logId }, executionId, site)
      const end = await child.ended
      if (end.kind === 'completed') return end.outputs
      if (end.kind === 'failed') throw childFailed(workflow.name, end.error)
    } catch (error) {
      if (!isWeConnectError(error, 'REVISION_CONFLICT')) throw error
      if (!wait) return [items]
    }
    return outputsOfEnded(engine(), journal, executionId, workflow.name, signal)
  }
  return {
    // A log that cannot be written for a moment is no failure of the step: the child goes on when it can, and so does the call.
    run: async (call) => {
      for (;;) {
        try {
          return await lendPlace(call.site.executionId, () => called(call))
        } catch (error) {
          if (!isWeConnectError(error) || !errorCodes[error.code].retryable || call.signal.aborted) throw error
          await timer.wait(retryAfterMs, call.signal)
        }
      }
    },
    cancel: async ({ executionId, organisationId, steps }) => {
      const site = { executionId, organisationId }
      for (const step of steps) await cancelChildren({ journal, logId }, { ...site, ...step })
    },
  }
}

/**
 * What the children gave when they ran, for a replay.
 * @param unknown answers for a child that never began, or is no longer in the log
 */
export const recordedSubWorkflows = (
  { journal, contentAt }: Pick<EngineParts, 'journal' | 'contentAt'>,
  unknown: (site: CallSite) => Promise<Outputs>,
): SubWorkflows => ({
  run: async ({ site, call, wait, items }) => {
    if (!wait) return [items]
    const recorded = await readExecution(journal, childId(site, call))
    const { requested } = recorded.state
    if (!requested || !hasEnded(recorded.state.status)) return unknown(site)
    const { name } = await contentAt(requested.workflowId, requested.workflowRevision)
    return givenBy(recorded, journal, name)
  },
  cancel: async () => undefined,
})

interface Site {
  readonly executionId: string
  readonly organisationId: string
  readonly step: number
  readonly effectEpoch: number
}

/** It follows from the step, so that a parent that is run again after a crash finds the child it had begun instead of making another. */
const childId = ({ executionId, step, effectEpoch }: Omit<Site, 'organisationId'>, call: number): string =>
  uuid5(`${executionId}/${step}/${call}${effectEpoch > 0 ? `/${effectEpoch}` : ''}`, namespace)

/** A step calls one after the other, so that its calls end where the first is missing. What has ended by itself is left. */
const cancelChildren = async (log: Pick<EngineParts, 'journal' | 'logId'>, site: Site): Promise<void> => {
  for (let call = 0; ; call += 1) {
    if (!(await cancelChild(log, childId(site, call), site))) return
  }
}

/** @returns whether there is such a child */
const cancelChild = async (
  log: Pick<EngineParts, 'journal' | 'logId'>,
  child: string,
  { executionId: parent, organisationId }: Pick<Site, 'executionId' | 'organisationId'>,
): Promise<boolean> => {
  const reason = `the execution that called it was stopped: ${parent}`
  const context = { actor: `engine:${parent}`, organisationId, correlationId: parent, causationId: parent }
  try {
    await tell(log, child, { type: 'RequestCancellation', reason }, context)
  } catch (error) {
    if (isWeConnectError(error, 'NOT_FOUND')) return false
    if (!isWeConnectError(error, 'INVALID_STATE')) throw error
  }
  return true
}

const stopped = (): WeConnectError => new WeConnectError('EXECUTION_CANCELLED', 'The execution was stopped')

const outputsOfEnded = async (
  engine: Runs,
  journal: StreamJournal,
  executionId: string,
  name: string,
  signal: AbortSignal,
): Promise<Outputs> => {
  return givenBy(await engine.endOf(executionId, signal), journal, name)
}

const givenBy = async (recorded: RecordedExecution, journal: StreamJournal, name: string): Promise<Outputs> => {
  const { status, error } = recorded.state
  if (status !== 'completed') throw childFailed(name, error ?? { message: `it ended as ${status}` })
  return lastOutputs(journal, recorded)
}

const childFailed = (name: string, error: unknown): WeConnectError => {
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'unknown error'
  return new WeConnectError('NODE_FAILED', `The workflow "${name}" failed: ${message}`)
}

const assertDepth = async (journal: StreamJournal, executionId: string): Promise<void> => {
  let parent: string | undefined = executionId
  for (let depth = 0; parent !== undefined; depth += 1) {
    if (depth >= maxDepth)
      throw new WeConnectError('NODE_FAILED', `Workflows call each other more than ${maxDepth} deep; is one calling itself without an end?`)
    const { state }: { state: { requested?: { parentExecutionId?: string } } } = await readExecution(journal, parent)
    parent = state.requested?.parentExecutionId
  }
}
