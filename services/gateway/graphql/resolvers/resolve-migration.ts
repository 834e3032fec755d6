import { WeConnectError } from '@weconnect/contracts/errors'
import type { MigrationPlan, MigrationRequest, MigrationView } from '@weconnect/executions/migration/face'
import { listExecutions } from '@weconnect/projections/execution-list/queries'
import { allowed, commandContext, type GraphContext, readable } from '../context.ts'
import type { Resolvers } from '../executable-schema.ts'
import type { ExecutionSource } from '../sources/execution-source.ts'
import { viewOf } from './resolve-execution.ts'

/** Executions of one migration, at most. */
const most = 10_000
const pageSize = 100
const shownExecutions = 1_000
const shownBlockers = 100

interface MigrationArgs {
  readonly input: {
    readonly workflowId: string
    readonly fromVersion?: number | null
    readonly toVersion: number
    readonly nodes?: readonly { readonly from: string; readonly to: string }[] | null
    readonly executionIds?: readonly string[] | null
    readonly reason?: string | null
    readonly atLeast?: string | null
  }
}

/** Ids of the executions that may move, the newest first. @throws WeConnectError INVALID_INPUT when they are too many */
const found = async (
  { parts }: GraphContext,
  organisationId: string,
  { workflowId, fromVersion, toVersion }: MigrationArgs['input'],
): Promise<readonly string[]> => {
  const ids: string[] = []
  const filter = { workflowId, status: ['waiting', 'paused', 'incident'] as const }
  const isMeant = (version: number): boolean =>
    typeof fromVersion === 'number' ? version === fromVersion : version > 0 && version !== toVersion
  for (let after: string | undefined; ; ) {
    const page = await listExecutions(parts.sql, { organisationId, filter, first: pageSize, ...(after && { after }) })
    ids.push(...page.rows.filter(({ workflowVersion }) => isMeant(workflowVersion)).map(({ id }) => id))
    if (ids.length > most) throw new WeConnectError('INVALID_INPUT', `More than ${most} executions wait; name those to move by their ids`)
    if (!page.hasNextPage || page.endCursor === null) return ids
    after = page.endCursor
  }
}

const requestOf = async (context: GraphContext, organisationId: string, { input }: MigrationArgs): Promise<MigrationRequest> => {
  await readable(context, input.atLeast)
  const { workflowId, toVersion, fromVersion, nodes, executionIds, reason } = input
  if (executionIds && executionIds.length > most)
    throw new WeConnectError('INVALID_INPUT', `One migration is of at most ${most} executions`)
  return {
    workflowId,
    toVersion,
    nodes: nodes ?? [],
    executionIds: executionIds ?? (await found(context, organisationId, input)),
    ...(typeof fromVersion === 'number' && { fromVersion }),
    ...(reason && { reason }),
  }
}

const planOf = ({ toVersion, executions, versions }: MigrationPlan) => {
  const [stay, move] = [
    executions.filter(({ blockers }) => blockers.length > 0),
    executions.filter(({ blockers }) => blockers.length === 0),
  ]
  const shown = [...stay, ...move].slice(0, shownExecutions)
  return {
    toVersion,
    versions,
    total: executions.length,
    movable: move.length,
    executions: shown.map(({ status, ...execution }) => ({ ...execution, status: status === 'absent' ? null : status })),
  }
}

const sourceOf = (view: MigrationView) => ({ ...view, blockers: view.blockers.slice(0, shownBlockers) })

/** Executions that wait, moved to another version. */
export const migrationResolvers: Resolvers = {
  Execution: {
    migrations: async (source: ExecutionSource, _: unknown, context) => (await viewOf(source, context)).migrations,
  },
  Query: {
    planMigration: async (_: unknown, args: MigrationArgs, context) => {
      const { organisationId } = allowed(context, 'execution:read')
      return planOf(await context.parts.executions.planMigration(await requestOf(context, organisationId, args), organisationId))
    },
    migration: async (_: unknown, { id }: { id: string }, context) =>
      sourceOf(await context.parts.executions.migration(id, allowed(context, 'execution:read').organisationId)),
  },
  Mutation: {
    migrateExecutions: async (_: unknown, args: MigrationArgs, context) => {
      const principal = allowed(context, 'execution:migrate')
      const request = await requestOf(context, principal.organisationId, args)
      return sourceOf(await context.parts.executions.migrate(request, commandContext(context, principal)))
    },
  },
}
