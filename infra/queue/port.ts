import type { JsonObject } from '@weconnect/contracts/json'

/** Name of each queue, with the jobs of it that one process does at a time and the milliseconds before the second try (twice as many before the third). */
export const queueKinds = {
  'workflow-execution': { concurrency: 10, backoffMs: 2_000 },
  'node-execution': { concurrency: 50, backoffMs: 1_000 },
  'webhook-processing': { concurrency: 100, backoffMs: 2_000 },
  notification: { concurrency: 10, backoffMs: 2_000 },
  analytics: { concurrency: 1, backoffMs: 2_000 },
} as const

export type QueueName = keyof typeof queueKinds
export const queueNames = Object.keys(queueKinds) as readonly QueueName[]

/** A job is tried so many times; then it is kept as failed. Who gave it finds it missing in the log, and gives it again. */
export const mostAttempts = 3
export const keptCompleted = 100
export const keptFailed = 500
/** Priority of who names none. */
export const usualPriority = 3

export interface Job {
  /** What has work, such as an execution. While a job of a key waits, another one of the same key is not added. */
  readonly key: string
  readonly data: JsonObject
  /** 1 (first) to 1,000; within one the oldest first. */
  readonly priority?: number
  /** Milliseconds until it may begin. */
  readonly delayMs?: number
}

/** One try of a job. */
export interface JobRun {
  readonly key: string
  readonly data: JsonObject
  /** 1 for the first. */
  readonly attempt: number
  /** @param percent 0 to 100 */
  progress(percent: number): Promise<void>
}

export type JobState = 'waiting' | 'active' | 'delayed' | 'completed' | 'failed'

export interface JobView {
  readonly id: string
  readonly key: string
  readonly state: JobState
  readonly data: JsonObject
  readonly priority: number
  /** Tries that were begun. */
  readonly attempts: number
  /** 0 to 100. */
  readonly progress: number
  /** Milliseconds since the epoch. */
  readonly addedAt: number
  readonly finishedAt?: number
  /** Why the last try failed. */
  readonly error?: string
}

export interface QueueStatistics {
  readonly waiting: number
  readonly active: number
  /** Not yet due, or to be tried again. */
  readonly delayed: number
  /** Done since the queue began to count: with Redis, since it was empty. */
  readonly completed: number
  /** Given up since then. */
  readonly failed: number
  /** Taken from a process that did not say in time that it was still at it. */
  readonly stalled: number
}

export type Statistics = Readonly<Record<QueueName, QueueStatistics>>

/**
 * Hints that there is work, for whichever process is free. The log is the truth: all of a queue may be lost at any time, and a job may be done twice.
 */
export interface Queues {
  /**
   * Adds all of them or, when it fails, some. A job whose key is at work now is done once more afterwards.
   * @throws WeConnectError UNAVAILABLE
   */
  add(queue: QueueName, jobs: readonly Job[]): Promise<void>
  /** Does the jobs of a queue in this process; a handler that rejects has its job tried again. At most one handler for a queue. */
  work(queue: QueueName, handle: (run: JobRun) => Promise<void>, concurrency?: number): void
  /** Adds the job again and again, once for all processes, the first time at once. */
  repeat(queue: QueueName, job: Pick<Job, 'key' | 'data'>, everyMs: number): Promise<void>
  /** Jobs of a queue at a time in this process. */
  concurrency(queue: QueueName): number
  /** @throws WeConnectError UNAVAILABLE */
  statistics(): Promise<Statistics>
  /** Newest first; of those that have ended, the last 100 that were completed and 500 that failed are kept. */
  jobs(queue: QueueName, state: JobState, limit: number): Promise<readonly JobView[]>
  /** Whether jobs can be added now. */
  isUp(): boolean
  /** Told that jobs may have been lost, or that none can be added for now (`isUp` says which). */
  onLoss(listener: () => void): void
  /** Takes no more jobs, and waits for those at work. */
  close(): Promise<void>
}
