import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionRequested } from '@weconnect/contracts/events/execution'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { Workflows } from '@weconnect/workflows/face'
import type { Workflow, WorkflowContent, WorkflowNode } from '@weconnect/workflows/model'
import { v5 as uuid5 } from 'uuid'
import type { ErrorWorkflows, FailedRun, StreamJournal } from '../parts.ts'
import type { Runs } from '../requests/runs.ts'
import { readExecution } from '../stream/recorded.ts'

const namespace = '4f1c7a52-93be-4c57-8d0e-5b6a1d2f8e33'
/** The same whenever the failure is reported. */
export const errorExecutionIdOf = (failedExecutionId: string): string => uuid5(failedExecutionId, namespace)
/** Error workflows whose failure started an error workflow in turn: more than anyone means to have. */
const longestChain = 10

export interface ErrorWorkflowOptions {
  readonly engine: () => Pick<Runs, 'execute'>
  readonly workflows: Pick<Workflows, 'load'>
  readonly journal: StreamJournal
  /** Where a person can see an execution. */
  readonly executionUrl: (executionId: string) => string
  /** Told of what kept an error workflow from being started. */
  readonly onError: (error: unknown, executionId: string) => void
}

/** n8n's names of what started an execution. */
const modes: Readonly<Record<ExecutionRequested['data']['trigger'], string>> = {
  manual: 'manual',
  webhook: 'webhook',
  schedule: 'trigger',
  api: 'trigger',
  execution: 'integrated',
  error: 'error',
}

/**
 * Starts the error workflow of an execution that is about to be recorded as failed. It is asked for before that is recorded, and its id follows from the
 * one that failed: whatever crashes in between, it is started once.
 */
export const openErrorWorkflows = (options: ErrorWorkflowOptions): ErrorWorkflows => ({
  report: async (failed) => {
    const { executionId } = failed.requested
    try {
      const target = isByHand(failed.requested) ? undefined : targetOf(failed)
      if (target === undefined || (await chainOf(options.journal, failed.requested)).includes(target)) return
      await failed.durable()
      await start(options, failed, target)
    } catch (error) {
      if (!mayBeGone(error)) throw error
      options.onError(error, executionId)
    }
  },
})

/** What no repetition makes better: the execution fails all the same. */
const mayBeGone = (error: unknown): boolean =>
  ['NOT_FOUND', 'INVALID_STATE', 'INVALID_INPUT'].some((code) => isWeConnectError(error, code as 'NOT_FOUND'))

/** Started by a person, or the call of a test webhook, who sees the failure. */
const isByHand = ({ trigger, workflowVersion }: ExecutionRequested['data']): boolean =>
  trigger === 'manual' || (trigger === 'webhook' && workflowVersion === 0)

/** The one that its settings name; a workflow with an Error Trigger is its own, as in n8n. */
const targetOf = ({ content, requested }: FailedRun): string | undefined => {
  const named = content.settings['errorWorkflow']
  if (typeof named === 'string' && named !== '' && named !== 'DEFAULT') return named
  return errorTriggerOf(content) && requested.workflowId
}

const errorTriggerOf = ({ nodes }: Pick<WorkflowContent, 'nodes'>): WorkflowNode | undefined =>
  nodes.find(({ nodeType, options }) => nodeType.endsWith('.errorTrigger') && !options.disabled)

/** Error workflows that led here: none of them is started again, or a failure would go round for ever. */
const chainOf = async (journal: StreamJournal, requested: ExecutionRequested['data']): Promise<readonly string[]> => {
  const chain: string[] = []
  for (let next: ExecutionRequested['data'] | undefined = requested; next?.trigger === 'error' && chain.length < longestChain; ) {
    chain.push(next.workflowId)
    if (next.parentExecutionId === undefined) break
    const { state }: { state: { requested?: ExecutionRequested['data'] } } = await readExecution(journal, next.parentExecutionId)
    next = state.requested
  }
  return chain
}

const start = async ({ engine, workflows, executionUrl }: ErrorWorkflowOptions, failed: FailedRun, workflowId: string): Promise<void> => {
  const { requested, organisationId, correlationId } = failed
  const { executionId } = requested
  const { workflow, revision } = await workflows.load(workflowId, organisationId)
  const node = startableTrigger(workflow)
  const version = workflow.activeVersion || workflow.version
  const { accepted } = engine().execute({
    executionId: errorExecutionIdOf(executionId),
    workflowId,
    workflowVersion: version,
    workflowRevision: workflow.versions.get(version)?.revision ?? revision,
    trigger: 'error',
    triggerNode: node.nodeId,
    input: [[{ json: errorData(failed, executionUrl(executionId)) }]],
    parent: { executionId, step: failed.step },
    answer: 'immediately',
    context: { actor: `engine:${executionId}`, organisationId, correlationId, causationId: executionId },
  })
  await accepted.catch((error: unknown) => {
    if (!isWeConnectError(error, 'REVISION_CONFLICT')) throw error
  })
}

const startableTrigger = (workflow: Workflow): WorkflowNode => {
  const node = errorTriggerOf(workflow)
  if (workflow.status === 'archived') throw new WeConnectError('INVALID_STATE', `The error workflow "${workflow.name}" is archived`)
  if (!node) throw new WeConnectError('INVALID_STATE', `The error workflow "${workflow.name}" has no Error Trigger`)
  return node
}

/** As n8n documents it. */
const errorData = ({ requested, content, error, lastNodeExecuted }: FailedRun, url: string): JsonObject => ({
  execution: {
    id: requested.executionId,
    url,
    ...(requested.forkedFromExecutionId !== undefined && { retryOf: requested.forkedFromExecutionId }),
    error: withStack(error),
    ...(lastNodeExecuted !== undefined && { lastNodeExecuted }),
    mode: modes[requested.trigger],
  },
  workflow: { id: content.workflowId, name: content.name },
})

/** Nodes run without a stack that would mean something to the user; its first line is the message. */
const withStack = (error: JsonValue): JsonObject => {
  const known = isJsonObject(error) ? error : { message: String(error) }
  return 'stack' in known ? known : { ...known, stack: `Error: ${String(known['message'])}` }
}
