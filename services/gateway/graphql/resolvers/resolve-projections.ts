import { WeConnectError } from '@weconnect/contracts/errors'
import type { ProjectionStatus } from '@weconnect/projections/runner/face'
import { parkedStreams, pausedProjections, retryParked, setPaused } from '@weconnect/projections/runner/parked-streams'
import { allowed, type GraphContext } from '../context.ts'
import type { Resolvers } from '../executable-schema.ts'

const projectionOf = (
  { state, eventsBehind, msBehind, poison, unreachable, ...same }: ProjectionStatus,
  paused: ReadonlySet<string>,
): Record<string, unknown> => ({
  ...same,
  status: state,
  paused: paused.has(same.name),
  lag: eventsBehind,
  lagMs: msBehind,
  problem: poison ?? (unreachable === undefined ? undefined : { error: unreachable }),
})

const allOf = async ({ parts }: GraphContext) => {
  const paused = new Set(await pausedProjections(parts.sql))
  return (await parts.projector.status()).map((status) => projectionOf(status, paused))
}

const statusOf = async (context: GraphContext, name: string) => {
  const projection = (await allOf(context)).find((each) => each['name'] === name)
  if (projection === undefined) throw new WeConnectError('NOT_FOUND', `There is no projection ${name.slice(0, 60)}`)
  return { projection }
}

const pausing =
  (paused: boolean) =>
  async (_: unknown, { name }: { name: string }, context: GraphContext) => {
    allowed(context, 'projection:manage')
    await statusOf(context, name)
    await setPaused(context.parts.sql, name, paused)
    return statusOf(context, name)
  }

export const projectionResolvers: Resolvers = {
  Query: {
    projections: async (_: unknown, _args: unknown, context) => {
      allowed(context, 'projection:read')
      return allOf(context)
    },
    parkedStreams: async (_: unknown, { projection }: { projection?: string | null }, context) => {
      allowed(context, 'projection:manage')
      return parkedStreams(context.parts.sql, projection ?? undefined)
    },
  },
  Mutation: {
    rebuildProjection: async (_: unknown, { name }: { name: string }, context) => {
      allowed(context, 'projection:manage')
      const rebuild = await context.parts.projector.rebuild(name)
      const { projection } = await statusOf(context, name)
      return { projection: { ...projection, rebuild } }
    },
    retryProjection: async (_: unknown, { name }: { name: string }, context) => {
      allowed(context, 'projection:manage')
      await context.parts.projector.retry(name)
      return statusOf(context, name)
    },
    retryParkedStream: async (_: unknown, { projection, stream }: { projection: string; stream: string }, context) => {
      allowed(context, 'projection:manage')
      await retryParked(context.parts.sql, projection, stream)
      return statusOf(context, projection)
    },
    pauseProjection: pausing(true),
    resumeProjection: pausing(false),
  },
}
