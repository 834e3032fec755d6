import { ApiError } from './errors.ts'

interface Task {
  readonly uid: number
  readonly indexUid: string | null
  readonly type: string
  readonly enqueuedAt: string
  readonly batchUid: number
  readonly canceledBy: null
  status: 'enqueued' | 'processing' | 'succeeded' | 'failed'
  error: ApiError['body'] | null
  startedAt: string | null
  finishedAt: string | null
}

export interface Tasks {
  /** Accepts a change; it is made later, after all that were accepted before it, as a whole or not at all. */
  add(indexUid: string | null, type: string, run: () => void): { readonly status: 202; readonly body: object }
  find(uid: string): object
  fail(count: number): void
}

export const openTasks = (): Tasks => {
  const tasks: Task[] = []
  let last: Promise<void> = Promise.resolve()
  let failing = 0

  const process = async (task: Task, run: () => void): Promise<void> => {
    task.status = 'processing'
    task.startedAt = new Date().toISOString()
    await new Promise((resolve) => setTimeout(resolve, 1))
    try {
      if (failing > 0) {
        failing -= 1
        throw new ApiError(500, 'no_space_left_on_device', 'No space left on device (os error 28)', 'system')
      }
      run()
      task.status = 'succeeded'
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      task.status = 'failed'
      task.error = error.body
    }
    task.finishedAt = new Date().toISOString()
  }

  return {
    add: (indexUid, type, run) => {
      const uid = tasks.length
      const enqueuedAt = new Date().toISOString()
      const task: Task = {
        ...{ uid, indexUid, type, enqueuedAt, batchUid: uid, canceledBy: null },
        ...{ status: 'enqueued', error: null, startedAt: null, finishedAt: null },
      }
      tasks.push(task)
      last = last.then(() => process(task, run))
      return { status: 202, body: { taskUid: uid, indexUid, status: 'enqueued', type, enqueuedAt } }
    },
    find: (uid) => {
      const task = tasks[Number(uid)]
      if (task === undefined) throw new ApiError(404, 'task_not_found', `Task \`${uid}\` not found.`)
      return task
    },
    fail: (count) => {
      failing = count
    },
  }
}
