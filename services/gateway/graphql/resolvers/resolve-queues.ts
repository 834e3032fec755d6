import { WeConnectError } from '@weconnect/contracts/errors'
import { type JobState, type JobView, type QueueName, queueNames } from '@weconnect/queue/port'
import { type QueueSample, sampleTopic } from '@weconnect/queue/samples'
import type { LiveMessage } from '@weconnect/redis/live-port'
import { abortable } from '../abortable.ts'
import { allowed, type GraphContext } from '../context.ts'
import type { Resolvers } from '../executable-schema.ts'

const isoTime = (ms: number): string => new Date(ms).toISOString()

const jobOf = ({ addedAt, finishedAt, ...same }: JobView) => ({
  ...same,
  addedAt: isoTime(addedAt),
  ...(finishedAt !== undefined && { finishedAt: isoTime(finishedAt) }),
})

const atMost = (first: number | null | undefined, usual: number, most: number): number => {
  const limit = first ?? usual
  if (limit < 0 || limit > most) throw new WeConnectError('INVALID_INPUT', `first is 0 to ${most}`)
  return limit
}

const jobsOf =
  (context: GraphContext, name: QueueName) =>
  async ({ state, first }: { state: JobState; first?: number | null }) => {
    allowed(context, 'queue:inspect')
    return (await context.parts.queues.jobs(name, state, atMost(first, 20, 100))).map(jobOf)
  }

const sampleOf = ({ cursor, data }: LiveMessage) => {
  const { time, queues } = data as unknown as QueueSample
  return { cursor, time, queues: Object.entries(queues).map(([name, counts]) => ({ name, ...counts })) }
}

export const queueResolvers: Resolvers = {
  Query: {
    queues: async (_: unknown, _args: unknown, context) => {
      allowed(context, 'queue:read')
      const statistics = await context.parts.queues.statistics()
      const { concurrency } = context.parts.queues
      return queueNames.map((name) => ({ name, concurrency: concurrency(name), ...statistics[name], jobs: jobsOf(context, name) }))
    },
    queueSamples: async (_: unknown, { first }: { first?: number | null }, context) => {
      allowed(context, 'queue:read')
      return (await context.parts.live.recent(sampleTopic, atMost(first, 60, 240))).map(sampleOf)
    },
  },
  Subscription: {
    queueSampled: {
      subscribe: (_: unknown, { after }: { after?: string | null }, context: GraphContext) => {
        allowed(context, 'queue:read')
        return abortable((signal) => {
          const samples = context.parts.live.subscribe(sampleTopic, { after: after ?? undefined, signal })
          return (async function* () {
            for await (const sample of samples) {
              if (context.identity !== undefined) await context.parts.admin.verifyToken(context.identity.token)
              yield { queueSampled: sampleOf(sample) }
            }
          })()
        })
      },
    },
  },
}
