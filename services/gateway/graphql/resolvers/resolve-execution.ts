import { encodeCursor } from '@weconnect/contracts/cursor'
import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { ForkRequest, IncidentAnswer } from '@weconnect/executions/face'
import type { ExecutionView, StepView } from '@weconnect/executions/view/face'
import type { ExecutionRow } from '@weconnect/projections/execution-list/queries'
import type { StepFilter } from '@weconnect/projections/run-logs/face'
import { allowed, commandContext, type GraphContext, readable } from '../context.ts'
import type { Resolvers } from '../executable-schema.ts'
import { connectionOf, type GivenPageArgs, pageArgs, pageOfList } from '../sources/connection.ts'
import { eventsOfStream } from '../sources/event-pages.ts'
import { type ExecutionSource, executionOfView, type StepSource, stepOf } from '../sources/execution-source.ts'
import { withoutNulls } from '../sources/given.ts'
import { itemsOf, outputsOf } from '../sources/items-input.ts'
import { workflowOfAggregate, workflowOfRow } from '../sources/workflow-source.ts'
import { type ExecutionListing, executionConnection } from './resolve-workflow.ts'

export const viewOf = async (source: ExecutionSource, context: GraphContext): Promise<ExecutionView> =>
  source.view ?? (await context.loaders().execution(source.id))

const ofRow =
  (field: keyof ExecutionRow) =>
  async (source: ExecutionSource, _: unknown, context: GraphContext): Promise<unknown> =>
    (source.row ?? (await context.loaders().executionRow(source.id)))?.[field]

const isReference = (value: JsonValue): boolean => isJsonObject(value) && '$ref' in value

/** From where the execution itself came, so that both are of one age. */
const workflowOf = async ({ workflowId, view }: ExecutionSource, _: unknown, context: GraphContext) => {
  if (view !== undefined) {
    const { workflow, revision } = await context.loaders().workflow(workflowId)
    return workflowOfAggregate(workflow, revision)
  }
  const row = await context.loaders().workflowRow(workflowId)
  return row && workflowOfRow(row)
}

interface StepsArgs extends GivenPageArgs {
  readonly status?: readonly StepView['status'][] | null
  readonly nodeId?: string | null
}

const stepsOf = async (source: ExecutionSource, { status, nodeId, ...args }: StepsArgs, context: GraphContext) => {
  const { steps } = await viewOf(source, context)
  const wanted = steps.filter((step) => (!status || status.includes(step.status)) && (!nodeId || step.nodeId === nodeId))
  return pageOfList(
    wanted.map((step) => stepOf(source.id, step)),
    args,
    ({ step }) => step,
  )
}

interface ListenArgs {
  readonly workflowId: string
  readonly forSeconds?: number | null
}

interface RunArgs {
  readonly input: {
    readonly workflowId: string
    readonly version?: number | null
    readonly triggerNode?: string | null
    readonly input?: JsonValue
    readonly executionId?: string | null
  }
}

interface ForkInput {
  readonly fromStep?: number | null
  readonly fromNode?: string | null
  readonly fromFailedStep?: boolean | null
  readonly version?: number | null
  readonly newestVersion?: boolean | null
  readonly input?: JsonValue
  readonly executionId?: string | null
}

const forkRequestOf = ({ fromStep, fromNode, fromFailedStep, version, newestVersion, input, executionId }: ForkInput): ForkRequest => {
  const points = [fromStep !== undefined && fromStep !== null, Boolean(fromNode), Boolean(fromFailedStep)].filter(Boolean)
  if (points.length > 1) throw new WeConnectError('INVALID_INPUT', 'Name one point to fork at: fromStep, fromNode or fromFailedStep')
  if (newestVersion && version !== undefined && version !== null)
    throw new WeConnectError('INVALID_INPUT', 'Name a version or ask for the newest, not both')
  return {
    from: fromFailedStep ? 'failedStep' : { step: fromStep ?? undefined, node: fromNode ?? undefined },
    version: newestVersion ? 'newest' : (version ?? 'same'),
    items: itemsOf(input),
    executionId: executionId ?? undefined,
  }
}

interface ResolveArgs {
  readonly input: {
    readonly executionId: string
    readonly step: number
    readonly resolution: IncidentAnswer['resolution']
    readonly output?: JsonValue
    readonly reason?: string | null
  }
}

export const executionResolvers: Resolvers = {
  Query: {
    execution: async (_: unknown, { id, atLeast }: { id: string; atLeast?: string | null }, context) => {
      const { organisationId } = allowed(context, 'execution:read')
      await readable(context, atLeast)
      return executionOfView(await context.parts.executions.view(id, organisationId))
    },
    executions: (_: unknown, args: ExecutionListing, context) => executionConnection(context, args),
    steps: async (_: unknown, args: GivenPageArgs & { filter: StepFilter; atLeast?: string | null }, context) => {
      const { organisationId } = allowed(context, 'execution:read')
      await readable(context, args.atLeast, ['run-logs'])
      const filter = { ...withoutNulls(args.filter), executionId: args.filter.executionId }
      return connectionOf(await context.parts.reads.runLogs.steps({ ...pageArgs(args), organisationId, filter }), (row) => row)
    },
    explainExecution: (_: unknown, { id }: { id: string }, context) =>
      context.parts.executions.explain(id, allowed(context, 'execution:read').organisationId),
    runLog: async (_: unknown, args: { executionId: string; fromRevision?: number | null; atLeast?: string | null }, context) => {
      const { organisationId } = allowed(context, 'execution:read')
      await readable(context, args.atLeast, ['run-logs'])
      const { executionId } = args
      return context.parts.reads.runLogs.entries({ organisationId, executionId, fromRevision: args.fromRevision ?? 0 })
    },
  },
  Execution: {
    userId: ofRow('userId'),
    triggerData: ofRow('triggerData'),
    executionPlan: ofRow('executionPlan'),
    executionPath: ofRow('executionPath'),
    performanceMetrics: ofRow('performanceMetrics'),
    resourceUsage: ofRow('resourceUsage'),
    inputData: async (source: ExecutionSource, _: unknown, context) =>
      source.row && !isReference(source.row.inputData) ? source.row.inputData : (await viewOf(source, context)).input(),
    outputData: async (source: ExecutionSource, _: unknown, context) => (await viewOf(source, context)).output(),
    forkedFromId: async (source: ExecutionSource, _: unknown, context) => (await viewOf(source, context)).forkedFrom?.executionId,
    forkedAtStep: async (source: ExecutionSource, _: unknown, context) => (await viewOf(source, context)).forkedFrom?.step,
    incidents: async (source: ExecutionSource, { open }: { open?: boolean | null }, context) => {
      const { incidents } = await viewOf(source, context)
      const wanted = incidents.filter(({ resolution }) => open !== true || resolution === undefined)
      return wanted.map((incident) => ({ ...incident, executionId: source.id }))
    },
    workflow: workflowOf,
    steps: stepsOf,
    events: ({ id }: ExecutionSource, args: GivenPageArgs & { types?: readonly string[] | null }, context) =>
      eventsOfStream(context, `execution-${id}`, args),
  },
  Step: {
    input: ({ view }: StepSource) => view.input(),
    output: ({ view }: StepSource) => view.output(),
  },
  NodeExecution: {
    durationMs: ({ durationMs }: { durationMs: number | null }) => (durationMs === null ? null : Math.round(durationMs)),
  },
  Mutation: {
    runWorkflow: async (_: unknown, { input: { input, workflowId, ...request } }: RunArgs, context) => {
      const principal = allowed(context, 'execution:run')
      const items = itemsOf(input)
      const given = { ...withoutNulls(request), workflowId, ...(items && { input: items }) }
      const { executionId, token } = await context.parts.executions.run(given, commandContext(context, principal))
      return executionPayload(context, executionId, principal.organisationId, token)
    },
    listenForTestWebhook: (_: unknown, { workflowId, forSeconds }: ListenArgs, context) =>
      context.parts.testWebhooks.listen(workflowId, commandContext(context, allowed(context, 'workflow:edit')), forSeconds ?? undefined),
    stopListeningForTestWebhook: (_: unknown, { workflowId }: Pick<ListenArgs, 'workflowId'>, context) =>
      context.parts.testWebhooks.stop(workflowId, commandContext(context, allowed(context, 'workflow:edit'))),
    cancelExecution: async (_: unknown, { id, reason }: { id: string; reason?: string | null }, context) => {
      const principal = allowed(context, 'execution:cancel')
      const token = await context.parts.executions.cancel(id, reason ?? undefined, commandContext(context, principal))
      return executionPayload(context, id, principal.organisationId, token)
    },
    forkExecution: async (_: unknown, { id, input }: { id: string; input?: ForkInput | null }, context) => {
      const principal = allowed(context, 'execution:run')
      const { executionId, token } = await context.parts.executions.fork(id, forkRequestOf(input ?? {}), commandContext(context, principal))
      return executionPayload(context, executionId, principal.organisationId, token)
    },
    resolveIncident: async (_: unknown, { input: { output, reason, ...input } }: ResolveArgs, context) => {
      const principal = allowed(context, 'execution:resolve')
      const outputs = outputsOf(output)
      const answer = { ...input, ...(outputs && { outputs }), ...(reason && { reason }) }
      const token = await context.parts.executions.resolveIncident(answer, commandContext(context, principal))
      return executionPayload(context, input.executionId, principal.organisationId, token)
    },
    replayExecution: (_: unknown, { id }: { id: string }, context) =>
      context.parts.executions.replay(id, allowed(context, 'execution:replay').organisationId),
  },
}

export const executionPayload = async (
  { parts }: GraphContext,
  executionId: string,
  organisationId: string,
  token: Parameters<typeof encodeCursor>[0],
) => ({
  execution: executionOfView(await parts.executions.view(executionId, organisationId)),
  position: encodeCursor(token),
  version: token.revision,
})
