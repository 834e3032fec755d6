import type { Job, QueueName, Queues } from '@weconnect/queue/port'
import type { Dispatch, Work, WorkKind } from './dispatch.ts'

const queueOf: Readonly<Record<WorkKind, QueueName>> = {
  begin: 'workflow-execution',
  webhook: 'webhook-processing',
  errorWorkflow: 'notification',
  goOn: 'node-execution',
  retry: 'node-execution',
}
const carried = [...new Set(Object.values(queueOf))]

/** Steps that are tried again come after what is tried for the first time. */
const retryPriority = 10
/** Jobs of one call. */
const batchSize = 1_000

/** What an engine does with work that it is given. */
export interface Worker {
  /** Does it, whoever would otherwise; rejects when it could not be done for a reason that may pass. */
  takeUp(work: Work): Promise<void>
  /** Does it here, now or when it is due. */
  takeHere(work: Work): void
  /** Looks through the open work of the log for what nobody knows of any more. */
  lookForWork(): Promise<void>
}

export interface QueueDispatchOptions {
  readonly queues: Queues
  /** Queues that work is handed to; work of the others is done where it is found. */
  readonly handsTo: (queue: QueueName) => boolean
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Calls again and again: so often work is looked for that no queue knows of. Absent: only when it may have been lost. */
  readonly every?: ((call: () => void) => void) | undefined
  /** Told of what went wrong in the background. */
  readonly onError: (error: unknown) => void
}

export interface QueueDispatch extends Dispatch {
  /** Takes jobs for an engine from now on. */
  serve(worker: Worker): void
}

const jobOf = ({ executionId, kind, dueAt, priority, isLeftBehind }: Work, now: number): Job => ({
  // What is due later must not keep away what is said of the execution before.
  key: dueAt === undefined ? executionId : `${executionId}@${dueAt}`,
  data: { executionId, kind, ...(priority !== undefined && { priority }), ...(isLeftBehind && { isLeftBehind }) },
  ...(priority !== undefined && { priority }),
  ...(kind === 'retry' && { priority: retryPriority }),
  ...(dueAt !== undefined && { delayMs: Math.max(0, dueAt - now) }),
})

/** Executions by way of the queues: a job says that there is work in a stream, and whoever takes it reads there what the work is. */
export const openQueueDispatch = ({ queues, handsTo, now, every, onError }: QueueDispatchOptions): QueueDispatch => {
  let worker: Worker | undefined
  const pending = new Map<QueueName, Work[]>()

  const takes = (kind: WorkKind): boolean => worker !== undefined && handsTo(queueOf[kind]) && queues.isUp()

  /** What comes while a batch is on its way makes the next one. */
  const send = async (queue: QueueName, works: Work[]): Promise<void> => {
    while (works.length > 0) {
      const batch = works.splice(0, batchSize)
      try {
        await queues.add(
          queue,
          batch.map((work) => jobOf(work, now())),
        )
      } catch {
        // Those that were added all the same find their execution taken.
        for (const work of batch) worker?.takeHere(work)
      }
    }
    pending.delete(queue)
  }

  const serve = (by: Worker): void => {
    worker = by
    for (const queue of carried)
      if (handsTo(queue))
        queues.work(queue, async ({ data, attempt, progress }) => {
          void progress(10)
          await by.takeUp({ ...(data as unknown as Work), ...(attempt > 1 && { isLeftBehind: true }) })
          await progress(100)
        })
    const look = (): void => void by.lookForWork().catch(onError)
    queues.onLoss(look)
    if (!every) return
    // Nobody has handed over what was asked for while there was no engine.
    look()
    every(look)
  }

  return {
    takes,
    offer: (work) => {
      if (!takes(work.kind)) return false
      const queue = queueOf[work.kind]
      const known = pending.get(queue)
      if (known) {
        known.push(work)
        return true
      }
      const works = [work]
      pending.set(queue, works)
      void send(queue, works)
      return true
    },
    serve,
  }
}
