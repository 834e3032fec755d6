import { WeConnectError } from '@weconnect/contracts/errors'
import type { BulkKind, BulkView } from '@weconnect/executions/bulk/face'
import { type ExecutionRowStatus, listExecutions } from '@weconnect/projections/execution-list/queries'
import { allowed, commandContext, type GraphContext, readable } from '../context.ts'
import type { Resolvers } from '../executable-schema.ts'
import { type ExecutionListing, listingFilter } from './resolve-workflow.ts'

/** Executions of one operation, at most. */
const most = 10_000
const pageSize = 100

interface BulkArgs {
  readonly input: {
    readonly operation: BulkKind
    readonly filter: NonNullable<ExecutionListing['filter']> & { readonly status?: readonly ExecutionRowStatus[] | null }
    readonly dryRun?: boolean | null
    readonly newestVersion?: boolean | null
    readonly reason?: string | null
    readonly atLeast?: string | null
  }
}

/** For which an operation can be meant, when the filter does not say. */
const meant: Readonly<Record<BulkKind, readonly ExecutionRowStatus[]>> = {
  cancel: ['pending', 'running', 'waiting', 'paused', 'incident'],
  pause: ['pending', 'running', 'waiting', 'incident'],
  resume: ['paused'],
  retry: ['failed'],
  rerun: ['completed', 'failed', 'cancelled', 'timeout'],
}

const permissionOf = (operation: BulkKind) =>
  operation === 'cancel'
    ? ('execution:cancel' as const)
    : operation === 'pause' || operation === 'resume'
      ? 'execution:pause'
      : 'execution:run'

/** Ids of all executions that the filter finds, the newest first. @throws WeConnectError INVALID_INPUT when they are too many */
const found = async (
  context: GraphContext,
  organisationId: string,
  { operation, filter }: BulkArgs['input'],
): Promise<readonly string[]> => {
  const ids: string[] = []
  const wanted = { ...listingFilter(filter), status: filter.status ?? meant[operation] }
  for (let after: string | undefined; ; ) {
    const page = await listExecutions(context.parts.sql, { organisationId, filter: wanted, first: pageSize, ...(after && { after }) })
    ids.push(...page.rows.map(({ id }) => id))
    if (ids.length > most)
      throw new WeConnectError('INVALID_INPUT', `The filter finds more than ${most} executions; narrow it, for example by createdAfter`)
    if (!page.hasNextPage || page.endCursor === null) return ids
    after = page.endCursor
  }
}

const sourceOf = ({ failures, ...view }: BulkView) => ({ ...view, failed: failures.length, failures: failures.slice(0, 100) })

/** The same for many executions. */
export const bulkResolvers: Resolvers = {
  Query: {
    bulkOperation: async (_: unknown, { id }: { id: string }, context) =>
      sourceOf(await context.parts.executions.bulkView(id, allowed(context, 'execution:read').organisationId)),
  },
  Mutation: {
    bulkExecutions: async (_: unknown, { input }: BulkArgs, context) => {
      const principal = allowed(context, permissionOf(input.operation))
      await readable(context, input.atLeast)
      const executionIds = await found(context, principal.organisationId, input)
      const { operation, reason, newestVersion } = input
      if (input.dryRun) {
        const none = { done: 0, succeeded: 0, skipped: 0, failed: 0, failures: [] }
        return { id: null, operation, status: 'dryRun', total: executionIds.length, sample: executionIds.slice(0, 20), ...none }
      }
      const request = { operation, executionIds, newestVersion: newestVersion === true, ...(reason && { reason }) }
      const view = await context.parts.executions.bulk(request, commandContext(context, principal))
      return { ...sourceOf(view), sample: executionIds.slice(0, 20) }
    },
  },
}
