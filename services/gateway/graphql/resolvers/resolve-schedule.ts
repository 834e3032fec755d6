import { encodeCursor } from '@weconnect/contracts/cursor'
import type { Context, WriteToken } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import { listSchedules, type ScheduleFilter, type ScheduleRow, schedulesByIds } from '@weconnect/projections/schedules/queries'
import { allowed, commandContext, type GraphContext, readable } from '../context.ts'
import type { Resolvers } from '../executable-schema.ts'
import { connectionOf, type GivenPageArgs, pageArgs } from '../sources/connection.ts'
import { withoutNulls } from '../sources/given.ts'
import { workflowOfRow } from '../sources/workflow-source.ts'

interface Listing extends GivenPageArgs {
  readonly filter?: ScheduleFilter | null
  readonly atLeast?: string | null
}
interface Target {
  readonly id: string
}
interface Backfill extends Target {
  readonly from: string
  readonly to: string
  readonly again?: boolean | null
  readonly backfillId?: string | null
}

const rowOf = async ({ parts }: GraphContext, organisationId: string, id: string): Promise<ScheduleRow> => {
  const [row] = await schedulesByIds(parts.sql, { organisationId, ids: [id] })
  if (!row) throw new WeConnectError('NOT_FOUND', `There is no schedule ${id.slice(0, 60)}`)
  return row
}

/** A command on a schedule, answered with what the read model shows once it has it. */
const command =
  <Args extends Target>(run: (args: Args, context: GraphContext, by: Context) => Promise<WriteToken>) =>
  async (_: unknown, args: Args, context: GraphContext) => {
    const principal = allowed(context, 'schedule:manage')
    const position = encodeCursor(await run(args, context, commandContext(context, principal)))
    await readable(context, position)
    return { schedule: await rowOf(context, principal.organisationId, args.id), position }
  }

export const scheduleResolvers: Resolvers = {
  Query: {
    schedules: async (_: unknown, args: Listing, context) => {
      const { organisationId } = allowed(context, 'schedule:read')
      await readable(context, args.atLeast)
      const filter = withoutNulls(args.filter ?? {})
      return connectionOf(await listSchedules(context.parts.sql, { ...pageArgs(args), organisationId, filter }), (row) => row)
    },
    schedule: async (_: unknown, { id, atLeast }: Target & { atLeast?: string | null }, context) => {
      const { organisationId } = allowed(context, 'schedule:read')
      await readable(context, atLeast)
      return rowOf(context, organisationId, id)
    },
  },
  Schedule: {
    workflow: async ({ workflowId }: ScheduleRow, _: unknown, context) => {
      const row = await context.loaders().workflowRow(workflowId)
      return row && workflowOfRow(row)
    },
    next: ({ id, organizationId }: ScheduleRow, { count }: { count?: number | null }, context) =>
      context.parts.schedules.next(id, organizationId, count ?? 5),
  },
  Mutation: {
    pauseSchedule: command(({ id, note }: Target & { note?: string | null }, { parts }, by) =>
      parts.schedules.pause(id, note ?? undefined, by),
    ),
    resumeSchedule: command(({ id }: Target, { parts }, by) => parts.schedules.resume(id, by)),
    backfillSchedule: command(({ id, from, to, again, backfillId }: Backfill, { parts }, by) =>
      parts.schedules.backfill(id, { backfillId: backfillId ?? parts.newId(), from, to, again: again ?? false }, by),
    ),
  },
}
