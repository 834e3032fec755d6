import { listTriggers, type TriggerFilter, type TriggerRow } from '@weconnect/projections/triggers/queries'
import { allowed, readable } from '../context.ts'
import type { Resolvers } from '../executable-schema.ts'
import { connectionOf, type GivenPageArgs, pageArgs } from '../sources/connection.ts'
import { withoutNulls } from '../sources/given.ts'
import { workflowOfRow } from '../sources/workflow-source.ts'

interface Listing extends GivenPageArgs {
  readonly filter?: TriggerFilter | null
  readonly atLeast?: string | null
}

export const triggerResolvers: Resolvers = {
  Query: {
    triggers: async (_: unknown, args: Listing, context) => {
      const { organisationId } = allowed(context, 'schedule:read')
      await readable(context, args.atLeast)
      const filter = withoutNulls(args.filter ?? {})
      return connectionOf(await listTriggers(context.parts.sql, { ...pageArgs(args), organisationId, filter }), (row) => row)
    },
  },
  Trigger: {
    workflow: async ({ workflowId }: TriggerRow, _: unknown, context) => {
      const row = await context.loaders().workflowRow(workflowId)
      return row && workflowOfRow(row)
    },
  },
}
