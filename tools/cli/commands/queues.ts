import { parseArgs } from 'node:util'
import { WeConnectError } from '@weconnect/contracts/errors'
import { graphql } from '../graphql.ts'
import { connect, instanceOptions } from '../instance.ts'
import { table } from '../table.ts'

interface QueueRow {
  readonly name: string
  readonly concurrency: number
  readonly waiting: number
  readonly active: number
  readonly delayed: number
  readonly completed: number
  readonly failed: number
  readonly stalled: number
}
interface JobRow {
  readonly id: string
  readonly key: string
  readonly priority: number
  readonly attempts: number
  readonly progress: number
  readonly addedAt: string
  readonly finishedAt: string | null
  readonly error: string | null
}

const counts = 'name concurrency waiting active delayed completed failed stalled'
const states = ['waiting', 'active', 'delayed', 'completed', 'failed'] as const

/** `queues`: how full they are; `queues NAME [--state S]`: the jobs in one. */
export const queues = async (args: readonly string[]): Promise<number> => {
  const options = { ...instanceOptions, state: { type: 'string' } } as const
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const connection = await connect(values)
  const [name] = positionals
  if (name === undefined) {
    const { queues: rows } = await graphql<{ queues: readonly QueueRow[] }>(connection, `{ queues { ${counts} } }`)
    const titles = ['QUEUE', 'AT A TIME', 'WAITING', 'ACTIVE', 'DELAYED', 'COMPLETED', 'FAILED', 'STALLED']
    const cells = rows.map((row) => [
      row.name,
      row.concurrency,
      row.waiting,
      row.active,
      row.delayed,
      row.completed,
      row.failed,
      row.stalled,
    ])
    console.log(
      values.json
        ? JSON.stringify(rows)
        : table(
            titles,
            cells.map((row) => row.map(String)),
          ),
    )
    return 0
  }
  const state = states.find((known) => known === (values.state ?? 'waiting'))
  if (state === undefined) throw new WeConnectError('INVALID_INPUT', `--state is one of ${states.join(', ')}`)
  const found = await graphql<{ queues: readonly { name: string; jobs: readonly JobRow[] }[] }>(
    connection,
    `{ queues { name jobs(state: ${state}, first: 100) { id key priority attempts progress addedAt finishedAt error } } }`,
  )
  const queue = found.queues.find((each) => each.name === name)
  if (!queue) throw new WeConnectError('NOT_FOUND', `There is no queue ${name}: ${found.queues.map((each) => each.name).join(', ')}`)
  const cells = queue.jobs.map(({ key, priority, attempts, progress, addedAt, finishedAt, error }) => [
    ...[key, priority, attempts, `${progress}%`, addedAt, finishedAt ?? '', error ?? ''].map(String),
  ])
  console.log(values.json ? JSON.stringify(queue.jobs) : table(['KEY', 'PRIORITY', 'TRIES', 'PROGRESS', 'ADDED', 'ENDED', 'ERROR'], cells))
  return 0
}
