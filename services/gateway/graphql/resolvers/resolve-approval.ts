import { type ApprovalFilter, type ApprovalRow, listApprovals } from '@weconnect/projections/approvals/queries'
import { allowed, readable } from '../context.ts'
import type { Resolvers } from '../executable-schema.ts'
import { connectionOf, type GivenPageArgs, pageArgs } from '../sources/connection.ts'
import { withoutNulls } from '../sources/given.ts'
import { workflowOfRow } from '../sources/workflow-source.ts'

interface Listing extends GivenPageArgs {
  readonly filter?: ApprovalFilter | null
  readonly atLeast?: string | null
}

export const approvalResolvers: Resolvers = {
  Query: {
    approvals: async (_: unknown, args: Listing, context) => {
      const { organisationId } = allowed(context, 'execution:read')
      await readable(context, args.atLeast)
      const filter = withoutNulls(args.filter ?? {})
      return connectionOf(await listApprovals(context.parts.sql, { ...pageArgs(args), organisationId, filter }), (row) => row)
    },
  },
  Approval: {
    workflow: async ({ workflowId }: ApprovalRow, _: unknown, context) => {
      const row = await context.loaders().workflowRow(workflowId)
      return row && workflowOfRow(row)
    },
  },
}
