import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { Outputs } from '@weconnect/contracts/items'
import type { Workflows } from '@weconnect/workflows/face'
import { v5 as uuid5 } from 'uuid'
import { lastOutputs } from './ended.ts'
import type { StreamJournal, SubWorkflows } from './parts.ts'
import { readExecution } from './recorded.ts'
import type { Runs } from './runs.ts'

/** Calls within calls, against a workflow that calls itself for ever. */
const maxDepth = 30
const namespace = '9f2c2f0e-5a0b-4d38-9d43-6f2a3f9f4c11'

export interface SubWorkflowOptions {
  readonly engine: () => Runs
  readonly workflows: Workflows
  readonly journal: StreamJournal
}

/**
 * Executions called by a step. The id of the child follows from the step, so that a parent that is run again after a crash finds the child it
 * had begun instead of making another.
 */
export const openSubWorkflows = ({ engine, workflows, journal }: SubWorkflowOptions): SubWorkflows => ({
  run: async ({ site, workflowId, items, wait, call, correlationId, signal }) => {
    await assertDepth(journal, site.executionId)
    const { workflow, revision } = await workflows.load(workflowId, site.organisationId)
    const version = workflow.activeVersion || workflow.version
    const again = site.effectEpoch > 0 ? `/${site.effectEpoch}` : ''
    const executionId = uuid5(`${site.executionId}/${site.step}/${call}${again}`, namespace)
    const context = {
      actor: `engine:${site.executionId}`,
      organisationId: site.organisationId,
      correlationId,
      causationId: site.executionId,
    }
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
      const end = await child.ended
      if (end.kind === 'completed') return end.outputs
      if (end.kind === 'failed') throw childFailed(workflow.name, end.error)
    } catch (error) {
      if (!isWeConnectError(error, 'REVISION_CONFLICT')) throw error
      if (!wait) return [items]
    }
    return outputsOfEnded(engine(), journal, executionId, workflow.name, signal)
  },
})

const outputsOfEnded = async (
  engine: Runs,
  journal: StreamJournal,
  executionId: string,
  name: string,
  signal: AbortSignal,
): Promise<Outputs> => {
  const recorded = await engine.endOf(executionId, signal)
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
