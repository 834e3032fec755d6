import type { UserView } from '@weconnect/admin/admin'
import { encodeCursor } from '@weconnect/contracts/cursor'
import { WeConnectError } from '@weconnect/contracts/errors'
import { type AuditFilter, type AuditRow, listAudit } from '@weconnect/projections/audit/queries'
import { listNodeDefinitions, type NodeDefinitionFilter } from '@weconnect/projections/node-definitions/queries'
import type { MetricEntity, MetricName } from '@weconnect/projections/performance-metrics/face'
import type { SearchKind } from '@weconnect/projections/search/face'
import { listWebhooks, type WebhookFilter } from '@weconnect/projections/webhooks/queries'
import { allowed, readable } from '../context.ts'
import type { Resolvers } from '../executable-schema.ts'
import { connectionOf, type GivenPageArgs, pageArgs } from '../sources/connection.ts'
import { type EventsArgs, eventsOfLog, eventsOfStream } from '../sources/event-pages.ts'
import { withoutNulls } from '../sources/given.ts'

interface AtLeast {
  readonly atLeast?: string | null
}
type Listing<Filter> = GivenPageArgs & AtLeast & { readonly filter?: Filter | null }

const userOf = ({ userId: id, organisationId: organizationId, email, role }: UserView) => ({ id, organizationId, email, role })

interface EventsOf extends EventsArgs {
  readonly stream?: string | null
  readonly executionId?: string | null
  readonly workflowId?: string | null
}

const streamOfArgs = ({ stream, executionId, workflowId }: EventsOf): string | undefined => {
  const streams = [stream, executionId && `execution-${executionId}`, workflowId && `workflow-${workflowId}`].filter((name) => !!name)
  if (streams.length > 1) throw new WeConnectError('INVALID_INPUT', 'Give one of stream, executionId and workflowId')
  return streams[0] ?? undefined
}

interface Period extends AtLeast {
  readonly entityType: MetricEntity
  readonly from: string
  readonly to: string
}

export const operationResolvers: Resolvers = {
  Query: {
    me: async (_: unknown, _args: unknown, context) => userOf(await context.parts.admin.user(allowed(context, 'workflow:read').userId)),
    events: (_: unknown, args: EventsOf, context) => {
      const stream = streamOfArgs(args)
      return stream === undefined ? eventsOfLog(context, args) : eventsOfStream(context, stream, args)
    },
    nodeDefinitions: async (_: unknown, args: Listing<NodeDefinitionFilter & { search?: string }>, context) => {
      const { organisationId } = allowed(context, 'node:read')
      const { search: text, ...same } = withoutNulls(args.filter ?? {})
      const page = await listNodeDefinitions(context.parts.sql, { ...pageArgs(args), organisationId, filter: { ...same, text } })
      return connectionOf(page, (row) => row)
    },
    webhooks: async (_: unknown, args: Listing<WebhookFilter>, context) => {
      const { organisationId } = allowed(context, 'webhook:read')
      await readable(context, args.atLeast)
      const filter = withoutNulls(args.filter ?? {})
      return connectionOf(await listWebhooks(context.parts.sql, { ...pageArgs(args), organisationId, filter }), (row) => row)
    },
    search: async (_: unknown, args: AtLeast & { query: string; kinds?: readonly SearchKind[] | null; first?: number | null }, context) => {
      const { organisationId } = allowed(context, 'workflow:read')
      await readable(context, args.atLeast, ['search'])
      const limit = args.first ?? 20
      if (limit < 0 || limit > 100) throw new WeConnectError('INVALID_INPUT', 'first is 0 to 100')
      return context.parts.reads.search.find({ organisationId, text: args.query, limit, ...withoutNulls({ kinds: args.kinds }) })
    },
    metrics: async (_: unknown, { atLeast, ...period }: Period & { entityId: string }, context) => {
      const { organisationId } = allowed(context, 'metric:read')
      await readable(context, atLeast, ['performance-metrics'])
      return context.parts.reads.metrics.rows({ ...period, organisationId })
    },
    metricSeries: async (
      _: unknown,
      { atLeast, entityId, ...period }: Period & { entityId?: string | null; metric: MetricName },
      context,
    ) => {
      const { organisationId } = allowed(context, 'metric:read')
      await readable(context, atLeast, ['performance-metrics'])
      return context.parts.reads.metrics.series({ ...period, ...withoutNulls({ entityId }), organisationId })
    },
    auditLog: async (_: unknown, args: Listing<AuditFilter>, context) => {
      const { organisationId } = allowed(context, 'audit:read')
      await readable(context, args.atLeast)
      const log = context.parts.journal.logId
      const page = await listAudit(context.parts.sql, { ...pageArgs(args), organisationId, filter: withoutNulls(args.filter ?? {}) })
      return connectionOf(page, (row: AuditRow) => ({ ...row, id: row.eventId, position: encodeCursor({ log, ...row }) }))
    },
  },
  Mutation: {
    signIn: async (_: unknown, { email, password }: { email: string; password: string }, context) => {
      await context.countSignIn()
      const { user, ...signedIn } = await context.parts.admin.signIn(email, password)
      return { ...signedIn, user: userOf(user) }
    },
  },
}
