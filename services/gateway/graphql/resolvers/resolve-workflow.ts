import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject } from '@weconnect/contracts/json'
import type { ExecutionFilter as ListedExecutions } from '@weconnect/projections/execution-list/queries'
import { listExecutions } from '@weconnect/projections/execution-list/queries'
import { listWorkflows, type WorkflowFilter } from '@weconnect/projections/workflow-list/queries'
import { allowed, type GraphContext, readable } from '../context.ts'
import type { Resolvers } from '../executable-schema.ts'
import { connectionOf, type GivenPageArgs, pageArgs } from '../sources/connection.ts'
import { executionOfRow } from '../sources/execution-source.ts'
import { withoutNulls } from '../sources/given.ts'
import {
  contentSource,
  edgeOf,
  type NodeSource,
  nodeOfAggregate,
  nodeOfRow,
  type WorkflowSource,
  workflowOfAggregate,
  workflowOfRow,
} from '../sources/workflow-source.ts'

interface Listing extends GivenPageArgs {
  readonly atLeast?: string | null
}

/** Arguments of `executions`, wherever it is asked for. */
export interface ExecutionListing extends Listing {
  readonly filter?: {
    readonly triggerType?: ListedExecutions['trigger']
    readonly createdAfter?: string
    readonly createdBefore?: string
    readonly parentExecutionId?: string
  } | null
}

export const listingFilter = (given: ExecutionListing['filter']) => {
  const { triggerType, createdAfter, createdBefore, ...same } = withoutNulls(given ?? {})
  return { ...same, trigger: triggerType, startedAfter: createdAfter, startedBefore: createdBefore }
}

export const executionConnection = async (context: GraphContext, args: ExecutionListing, workflowId?: string) => {
  const { organisationId } = allowed(context, 'execution:read')
  await readable(context, args.atLeast)
  const filter = { ...listingFilter(args.filter), ...(workflowId && { workflowId }) }
  return connectionOf(await listExecutions(context.parts.sql, { ...pageArgs(args), organisationId, filter }), executionOfRow)
}

const rowOf = async (source: WorkflowSource, context: GraphContext) => source.row ?? (await context.loaders().workflowRow(source.id))
const aggregateOf = async (source: WorkflowSource, context: GraphContext) =>
  source.aggregate ?? (await context.loaders().workflow(source.id)).workflow

/** Large parameters are a reference in the read model; the log has them. */
const configurationOf = async (node: NodeSource, context: GraphContext) => {
  if (!isJsonObject(node.configuration) || !('$ref' in node.configuration)) return node.configuration
  const { workflow } = await context.loaders().workflow(node.workflowId)
  return workflow.nodes.find(({ nodeId }) => nodeId === node.id)?.parameters ?? {}
}

export const workflowResolvers: Resolvers = {
  Query: {
    workflow: async (_: unknown, { id, atLeast }: { id: string; atLeast?: string | null }, context) => {
      const { organisationId } = allowed(context, 'workflow:read')
      await readable(context, atLeast)
      const { workflow, revision } = await context.parts.workflows.load(id, organisationId)
      return workflowOfAggregate(workflow, revision)
    },
    workflows: async (_: unknown, args: Listing & { filter?: (WorkflowFilter & { search?: string }) | null }, context) => {
      const { organisationId } = allowed(context, 'workflow:read')
      await readable(context, args.atLeast)
      const { search: text, ...same } = withoutNulls(args.filter ?? {})
      return connectionOf(
        await listWorkflows(context.parts.sql, { ...pageArgs(args), organisationId, filter: { ...same, text } }),
        workflowOfRow,
      )
    },
    workflowVersion: async (_: unknown, { workflowId, version }: { workflowId: string; version?: number | null }, context) => {
      const { organisationId } = allowed(context, 'workflow:read')
      const { workflow, revision } = await context.parts.workflows.load(workflowId, organisationId)
      if (version === undefined || version === null) return contentSource(workflow, null, revision)
      const published = workflow.versions.get(version)
      if (published === undefined) throw new WeConnectError('NOT_FOUND', `The workflow has no version ${version}`)
      return contentSource(await context.parts.workflows.contentAt(workflowId, published.revision), version, published.revision)
    },
    problems: async (_: unknown, { workflowId }: { workflowId: string }, context) => {
      const { organisationId } = allowed(context, 'workflow:read')
      return context.parts.workflows.problems((await context.parts.workflows.load(workflowId, organisationId)).workflow)
    },
    exportWorkflow: (_: unknown, { id, version }: { id: string; version?: number | null }, context) => {
      const { organisationId } = allowed(context, 'workflow:read')
      return context.parts.workflows.exportWorkflow(id, organisationId, version ?? undefined)
    },
  },
  Workflow: {
    userId: async (source: WorkflowSource, _: unknown, context) => (await rowOf(source, context))?.userId,
    executionStats: async (source: WorkflowSource, _: unknown, context) => (await rowOf(source, context))?.executionStats,
    lastExecutionAt: async (source: WorkflowSource, _: unknown, context) => (await rowOf(source, context))?.lastExecutionAt,
    createdAt: async (source: WorkflowSource, _: unknown, context) => (await rowOf(source, context))?.createdAt,
    updatedAt: async (source: WorkflowSource, _: unknown, context) => (await rowOf(source, context))?.updatedAt,
    nodes: async ({ id, aggregate }: WorkflowSource, _: unknown, context) =>
      aggregate ? aggregate.nodes.map((node) => nodeOfAggregate(id, node)) : (await context.loaders().nodeRows(id)).map(nodeOfRow),
    connections: async ({ id, aggregate }: WorkflowSource, _: unknown, context) =>
      aggregate ? aggregate.connections.map((edge) => edgeOf(id, edge)) : context.loaders().connectionRows(id),
    pinData: async (source: WorkflowSource, _: unknown, context) => (await aggregateOf(source, context)).pinData,
    versions: async (source: WorkflowSource, _: unknown, context) =>
      [...(await aggregateOf(source, context)).versions].map(([version, published]) => ({ version, ...published })),
    problems: async (source: WorkflowSource, _: unknown, context) => context.parts.workflows.problems(await aggregateOf(source, context)),
    executions: ({ id }: WorkflowSource, args: ExecutionListing, context) => executionConnection(context, args, id),
    webhooks: ({ id }: WorkflowSource, _: unknown, context) => context.loaders().webhookRows(id),
  },
  WorkflowNode: {
    configuration: (node: NodeSource, _: unknown, context) => configurationOf(node, context),
    category: ({ category, type, typeVersion }: NodeSource, _: unknown, { parts }) =>
      category ?? parts.registry.find(type, typeVersion)?.definition.category,
  },
}
