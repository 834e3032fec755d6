import {
  type Job,
  type JobRun,
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

/** Time and timers, given by the composition root. */
export interface QueueTimers {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls after `ms`. @returns what takes it back */
  after(ms: number, call: () => void): () => void
}

interface Held {
  readonly id: string
  readonly job: Job
  readonly priority: number
  readonly addedAt: number
  readonly order: number
  state: JobState
  attempts: number
  progress: number
  finishedAt?: number
  error?: string
  /** Came while this one was at work. */
  again?: Job
}

interface Queue {
  readonly waiting: Held[]
  /** With what takes their timer back. */
  readonly delayed: Map<Held, () => void>
  readonly active: Map<Held, Promise<void>>
  /** Jobs that have not ended, by key. */
  readonly open: Map<string, Held>
  readonly completed: Held[]
  readonly failed: Held[]
  readonly repeats: Map<string, () => void>
  totals: { completed: number; failed: number }
  worker: { readonly handle: (run: JobRun) => Promise<void>; readonly concurrency: number } | undefined
}

const emptyQueue = (): Queue => ({
  waiting: [],
  delayed: new Map(),
  active: new Map(),
  open: new Map(),
  completed: [],
  failed: [],
  repeats: new Map(),
  totals: { completed: 0, failed: 0 },
  worker: undefined,
})

const comesBefore = (one: Held, other: Held): boolean =>
  one.priority < other.priority || (one.priority === other.priority && one.order < other.order)

const view = ({ id, job: { key, data }, priority, addedAt, state, attempts, progress, finishedAt, error }: Held): JobView => ({
  id,
  key,
  data,
  state,
  priority,
  attempts,
  progress,
  addedAt,
  ...(finishedAt !== undefined && { finishedAt }),
  ...(error !== undefined && { error }),
})

/** Queues in the memory of this process: they end with it, and nothing in them can stall. */
export const openEmbeddedQueues = ({ now, after }: QueueTimers): Queues => {
  const queues = Object.fromEntries(queueNames.map((name) => [name, emptyQueue()])) as Record<QueueName, Queue>
  let count = 0
  let closed = false

  const fill = (name: QueueName): void => {
    const queue = queues[name]
    while (!closed && queue.worker && queue.active.size < queue.worker.concurrency) {
      const next = queue.waiting.shift()
      if (!next) return
      queue.active.set(next, run(name, next, queue.worker.handle))
    }
  }

  const enqueue = (name: QueueName, held: Held): void => {
    held.state = 'waiting'
    const { waiting } = queues[name]
    const at = waiting.findLastIndex((other) => comesBefore(other, held))
    waiting.splice(at + 1, 0, held)
    fill(name)
  }

  const delay = (name: QueueName, held: Held, ms: number): void => {
    held.state = 'delayed'
    const { delayed } = queues[name]
    const due = (): void => {
      delayed.delete(held)
      enqueue(name, held)
    }
    delayed.set(held, after(ms, due))
  }

  const run = async (name: QueueName, held: Held, handle: (run: JobRun) => Promise<void>): Promise<void> => {
    // The one who added it goes on first.
    await Promise.resolve()
    const { key, data } = held.job
    held.state = 'active'
    held.attempts += 1
    const progress = async (percent: number): Promise<void> => {
      held.progress = percent
    }
    try {
      await handle({ key, data, attempt: held.attempts, progress })
      end(name, held, 'completed')
    } catch (error) {
      held.error = error instanceof Error ? error.message : String(error)
      if (held.attempts >= mostAttempts) end(name, held, 'failed')
      else {
        queues[name].active.delete(held)
        if (!closed) delay(name, held, queueKinds[name].backoffMs * 2 ** (held.attempts - 1))
      }
    }
    fill(name)
  }

  const end = (name: QueueName, held: Held, state: 'completed' | 'failed'): void => {
    const queue = queues[name]
    queue.active.delete(held)
    if (queue.open.get(held.job.key) === held) queue.open.delete(held.job.key)
    held.state = state
    held.finishedAt = now()
    queue.totals[state] += 1
    const kept = queue[state]
    kept.unshift(held)
    kept.length = Math.min(kept.length, state === 'completed' ? keptCompleted : keptFailed)
    if (held.again && !closed) addOne(name, held.again)
  }

  const addOne = (name: QueueName, job: Job): void => {
    const queue = queues[name]
    const known = queue.open.get(job.key)
    if (known) {
      if (known.state === 'active') known.again = job
      return
    }
    count += 1
    const { priority = usualPriority, delayMs = 0 } = job
    const held: Held = { id: String(count), job, priority, addedAt: now(), order: count, state: 'waiting', attempts: 0, progress: 0 }
    queue.open.set(job.key, held)
    if (delayMs > 0) delay(name, held, delayMs)
    else enqueue(name, held)
  }

  const statisticsOf = ({ waiting, active, delayed, totals }: Queue): QueueStatistics => ({
    waiting: waiting.length,
    active: active.size,
    delayed: delayed.size,
    ...totals,
    stalled: 0,
  })

  const held = (queue: Queue, state: JobState): readonly Held[] => {
    if (state === 'active') return [...queue.active.keys()].reverse()
    if (state === 'delayed') return [...queue.delayed.keys()].reverse()
    return state === 'waiting' ? queue.waiting.toReversed() : queue[state]
  }

  return {
    add: async (name, jobs) => {
      for (const job of jobs) if (!closed) addOne(name, job)
    },
    work: (name, handle, concurrency = queueKinds[name].concurrency) => {
      queues[name].worker = { handle, concurrency }
      fill(name)
    },
    repeat: async (name, { key, data }, everyMs) => {
      const { repeats } = queues[name]
      if (repeats.has(key)) return
      const next = (): void => {
        if (closed) return
        addOne(name, { key, data })
        repeats.set(key, after(everyMs, next))
      }
      next()
    },
    concurrency: (name) => queues[name].worker?.concurrency ?? queueKinds[name].concurrency,
    statistics: async () => Object.fromEntries(queueNames.map((name) => [name, statisticsOf(queues[name])])) as unknown as Statistics,
    jobs: async (name, state, limit) => held(queues[name], state).slice(0, limit).map(view),
    isUp: () => !closed,
    onLoss: () => undefined,
    close: async () => {
      closed = true
      const all = Object.values(queues)
      for (const { delayed, repeats } of all) for (const takeBack of [...delayed.values(), ...repeats.values()]) takeBack()
      await Promise.all(all.flatMap(({ active }) => [...active.values()]))
    },
  }
}
