import { WeConnectError } from '@weconnect/contracts/errors'
import { ExecutionId } from '@weconnect/contracts/ids'
import type { Workflows } from '@weconnect/workflows/face'
import { bulkStream, readBulk } from './bulk/recorded.ts'
import { decideBulk } from './bulk/state.ts'
import { bulkViewOf } from './bulk/view.ts'
import type { Executions } from './face.ts'
import { bytesOf } from './items/claim-files.ts'
import { openMigrations } from './migration/migrations.ts'
import type { EngineParts } from './parts.ts'
import { forkExecution } from './replay/fork-execution.ts'
import type { RecordedCalls } from './replay/recorded-outside.ts'
import { replay } from './replay/replay.ts'
import { manualInput } from './requests/execution-start.ts'
import type { Runs } from './requests/runs.ts'
import { readExecution } from './stream/recorded.ts'
import { tell } from './stream/tell.ts'
import { explain } from './view/explain.ts'
import { explainFlow, explainWindow } from './view/explain-flow.ts'
import { eventsOf, viewOf } from './view/view.ts'

export interface ExecutionsOptions {
  readonly engine: Runs
  readonly parts: EngineParts
  readonly workflows: Workflows
  readonly recordedCalls: RecordedCalls
  readonly newId: () => string
}

/** What other services may ask of executions. */
export const openExecutions = ({ engine, parts, workflows, recordedCalls, newId }: ExecutionsOptions): Executions => ({
  run: async (request, context) => {
    const { workflow, revision } = await workflows.load(request.workflowId, context.organisationId)
    const published = request.version === undefined ? undefined : workflow.versions.get(request.version)
    if (request.version !== undefined && !published) throw new WeConnectError('NOT_FOUND', `The workflow has no version ${request.version}`)
    if (workflow.status === 'archived') throw new WeConnectError('INVALID_STATE', 'The workflow is archived; restore it before it runs')
    const executionId = request.executionId === undefined ? newId() : ExecutionId(request.executionId)
    const { accepted } = engine.execute({
      executionId,
      workflowId: request.workflowId,
      workflowVersion: request.version ?? 0,
      workflowRevision: published?.revision ?? revision,
      trigger: context.actor.startsWith('user:') ? 'manual' : 'api',
      triggerNode: request.triggerNode,
      input: manualInput(request.input),
      answer: 'immediately',
      context,
    })
    return { executionId, token: await accepted }
  },
  fork: async (executionId, request, context) => {
    const id = request.executionId === undefined ? newId() : ExecutionId(request.executionId)
    return forkExecution({ engine, parts, workflows, newId: () => id }, executionId, request, context)
  },
  resume: async (executionId, items, context) => {
    const { state } = await readExecution(parts.journal, executionId)
    if (items === undefined && state.pausedByHand) return tell(parts, executionId, { type: 'UnpauseExecution' }, context)
    return engine.resume(executionId, [items ?? [{ json: {} }]], context).accepted
  },
  explain: async (executionId, organisationId) => {
    const recorded = await readExecution(parts.journal, executionId)
    const window = recorded.state.status === 'absent' ? await engine.windowOf(executionId, organisationId) : undefined
    if (window) return explainWindow(window)
    if (recorded.state.status === 'absent' || recorded.context.organisationId !== organisationId)
      throw new WeConnectError('NOT_FOUND', `There is no execution ${executionId}`)
    const flow = await explainFlow(engine, recorded, executionId)
    return flow ?? explain(recorded, engine, executionId)
  },
  fileBytes: (file, organisationId) => bytesOf(file, organisationId, parts.binaries),
  cancel: (executionId, reason, context) => tell(parts, executionId, { type: 'RequestCancellation', reason }, context),
  bulk: async (request, context) => {
    const id = newId()
    const { bulk, head } = await readBulk(parts.journal, id)
    await parts.journal.append(bulkStream(id), head, decideBulk({ type: 'RequestBulk', ...request }, bulk), context)
    return bulkViewOf(parts.journal, id, context.organisationId)
  },
  ...openMigrations({ parts, workflows, newId }),
  bulkView: (id, organisationId) => bulkViewOf(parts.journal, id, organisationId),
  pause: (executionId, reason, context) => tell(parts, executionId, { type: 'PauseExecution', reason }, context),
  signal: ({ executionId, ...signal }, context) => tell(parts, executionId, { type: 'SignalExecution', ...signal }, context),
  decideApproval: ({ executionId, ...decision }, context) => tell(parts, executionId, { type: 'DecideApproval', ...decision }, context),
  resolveIncident: ({ executionId, ...resolution }, context) =>
    tell(parts, executionId, { type: 'ResolveIncident', ...resolution }, context),
  view: (executionId, organisationId) => viewOf(parts.journal, executionId, organisationId),
  events: (executionId, organisationId) => eventsOf(parts.journal, executionId, organisationId),
  replay: async (executionId, organisationId) =>
    replay(parts, recordedCalls, await eventsOf(parts.journal, executionId, organisationId), executionId),
})
