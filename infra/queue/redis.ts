import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'
import type { RedisLink } from '@weconnect/redis/connect'
import { type Job as BullJob, type JobsOptions, Queue, Worker } from 'bullmq'
import { watchForLoss } from './loss.ts'
import {
  type Job,
  type JobState,
  type JobView,
  keptCompleted,
  keptFailed,
  mostAttempts,
  type QueueName,
  type QueueStatistics,
  type Queues,
  queueKinds,
  queueNames,
  type Statistics,
  usualPriority,
} from './port.ts'

/** A process that says nothing for so long has its jobs taken away. They are hints, so that taking one too early costs a look at the log. */
const lockMs = 10_000
const closeLimitMs = 5_000
/** Minutes for which BullMQ keeps how many jobs ended in each. */
const countedMinutes = 60 * 24

export interface RedisQueuesOptions {
  readonly link: RedisLink
  /** Names this process. */
  readonly process: string
  /** Told of what went wrong in the background, but not that Redis is away: the link tells that. */
  readonly onError: (error: unknown) => void
}

const optionsOf = (name: QueueName, { key, priority = usualPriority, delayMs }: Job): JobsOptions => ({
  priority,
  attempts: mostAttempts,
  backoff: { type: 'exponential', delay: queueKinds[name].backoffMs },
  removeOnComplete: { count: keptCompleted },
  removeOnFail: { count: keptFailed },
  deduplication: { id: key, keepLastIfActive: true },
  ...(delayMs !== undefined && delayMs > 0 && { delay: Math.round(delayMs) }),
})

const viewOf = (job: BullJob<JsonObject>, state: JobState): JobView => ({
  id: job.id ?? '',
  key: job.name,
  state,
  data: job.data,
  priority: job.priority ?? usualPriority,
  attempts: job.attemptsStarted,
  progress: typeof job.progress === 'number' ? job.progress : 0,
  addedAt: job.timestamp,
  ...(job.finishedOn !== undefined && { finishedAt: job.finishedOn }),
  ...(job.failedReason !== undefined && { error: job.failedReason }),
})

/** What BullMQ calls the states: jobs with a priority wait in a set of their own. */
const bullStates = {
  waiting: ['prioritized', 'waiting'],
  active: ['active'],
  delayed: ['delayed'],
  completed: ['completed'],
  failed: ['failed'],
} as const

/** Queues that all processes share, in Redis or Valkey, by BullMQ. */
export const openRedisQueues = async ({ link, process, onError }: RedisQueuesOptions): Promise<Queues> => {
  const prefix = `${link.prefix}:queue`
  const stalledKey = `${link.prefix}:stalled`
  const open = (name: QueueName): Queue<JsonObject> => {
    const queue = new Queue<JsonObject>(name, { connection: link.commands, prefix, skipWaitingForReady: true })
    queue.on('error', () => undefined)
    return queue
  }
  const queues = Object.fromEntries(queueNames.map((name) => [name, open(name)])) as Record<QueueName, Queue<JsonObject>>
  const workers = new Map<QueueName, Worker<JsonObject>>()
  const loss = await watchForLoss(link, process)

  const asked = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work
    } catch (error) {
      throw new WeConnectError('UNAVAILABLE', 'Redis does not answer', { cause: error })
    }
  }

  const totalOf = async (name: QueueName, state: 'completed' | 'failed'): Promise<number> =>
    Number((await queues[name].getMetrics(state, 0, 0)).meta.count)

  const statisticsOf = async (name: QueueName): Promise<QueueStatistics> => {
    const [counts, completed, failed, stalled] = await Promise.all([
      queues[name].getJobCounts('prioritized', 'waiting', 'active', 'delayed'),
      totalOf(name, 'completed'),
      totalOf(name, 'failed'),
      link.commands.hget(stalledKey, name),
    ])
    const { prioritized = 0, waiting = 0, active = 0, delayed = 0 } = counts
    return { waiting: prioritized + waiting, active, delayed, completed, failed, stalled: Number(stalled ?? 0) }
  }

  const work: Queues['work'] = (name, handle, concurrency = queueKinds[name].concurrency) => {
    const worker = new Worker<JsonObject>(
      name,
      (job) =>
        handle({
          key: job.name,
          data: job.data,
          // Also of a process that died at it, which has not said that it failed.
          attempt: job.attemptsStarted,
          // Lost with Redis, like the job itself.
          progress: (percent) => job.updateProgress(percent).catch(() => undefined),
        }),
      {
        connection: link.patient(),
        prefix,
        concurrency,
        lockDuration: lockMs,
        stalledInterval: lockMs / 2,
        maxStalledCount: mostAttempts,
        metrics: { maxDataPoints: countedMinutes },
        removeOnComplete: { count: keptCompleted },
        removeOnFail: { count: keptFailed },
        runRetryDelay: 1_000,
      },
    )
    worker.on('stalled', () => void link.commands.hincrby(stalledKey, name, 1).catch(() => undefined))
    worker.on('error', (error) => {
      if (link.status().state === 'up' && !isOfLostJob(error)) onError(error)
    })
    workers.set(name, worker)
  }

  return {
    add: async (name, jobs) => {
      if (link.status().state === 'down') throw new WeConnectError('UNAVAILABLE', 'Redis is away')
      await asked(queues[name].addBulk(jobs.map((job) => ({ name: job.key, data: job.data, opts: optionsOf(name, job) }))))
    },
    work,
    repeat: async (name, { key, data }, everyMs) => {
      const known = await asked(queues[name].getJobScheduler(key))
      if (known?.every === everyMs) return
      const opts = { removeOnComplete: { count: keptCompleted }, removeOnFail: { count: keptFailed } }
      await asked(queues[name].upsertJobScheduler(key, { every: everyMs }, { name: key, data, opts }))
    },
    concurrency: (name) => workers.get(name)?.concurrency ?? queueKinds[name].concurrency,
    statistics: async () => {
      const all = await asked(Promise.all(queueNames.map(async (name) => [name, await statisticsOf(name)] as const)))
      return Object.fromEntries(all) as unknown as Statistics
    },
    jobs: async (name, state, limit) => {
      const found = await asked(queues[name].getJobs([...bullStates[state]], 0, Math.max(0, limit - 1), false))
      return found.slice(0, limit).map((job) => viewOf(job, state))
    },
    isUp: () => link.status().state === 'up',
    onLoss: loss.onLoss,
    close: async () => {
      loss.close()
      await Promise.all([...workers.values()].map(closeWorker))
      await Promise.all(Object.values(queues).map((queue) => queue.close().catch(() => undefined)))
    },
  }
}

/** It had a lock when it began; Redis was emptied, or another process took the job over, since. */
const isOfLostJob = (error: Error): boolean => /[Mm]issing (?:lock|key) for job|[Ll]ock mismatch|could not renew lock/.test(error.message)

const closeWorker = async (worker: Worker<JsonObject>): Promise<void> => {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, closeLimitMs)
  await Promise.race([worker.close().catch(() => undefined), late.promise])
  clearTimeout(timer)
}
