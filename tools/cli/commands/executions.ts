import { parseArgs } from 'node:util'
import { UsageError, wholeNumber } from '../arguments.ts'
import { findWorkflow } from '../find-workflow.ts'
import { graphql } from '../graphql.ts'
import { type Connection, connect, instanceOptions } from '../instance.ts'
import { nextStep } from '../next-step.ts'
import { milliseconds, table } from '../table.ts'

interface ExecutionRow {
  readonly id: string
  readonly status: string
  readonly triggerType: string
  readonly createdAt: string
  readonly durationMs: number | null
  readonly workflow: { readonly name: string } | null
}
interface Page {
  readonly executions: { readonly totalCount: number; readonly edges: readonly { readonly node: ExecutionRow }[] }
}
interface Filter {
  readonly workflowId?: string
  readonly status?: readonly string[]
}

const fields = 'id status triggerType createdAt durationMs workflow { name }'
const query = `query ($filter: ExecutionFilter, $first: Int) { executions(filter: $filter, first: $first) { totalCount edges { node { ${fields} } } } }`
const updates = `subscription ($filter: ExecutionUpdateFilter) { executions(filter: $filter) { execution { ${fields} } } }`
const head = ['ID', 'WORKFLOW', 'TRIGGER', 'STATUS', 'STARTED', 'DURATION']
const statuses = ['pending', 'running', 'waiting', 'paused', 'incident', 'completed', 'failed', 'cancelled', 'timeout']
const most = 100

const cells = ({ id, workflow, triggerType, status, createdAt, durationMs }: ExecutionRow): string[] => [
  id,
  workflow?.name ?? '-',
  triggerType,
  status,
  createdAt,
  milliseconds(durationMs),
]

const options = {
  ...instanceOptions,
  follow: { type: 'boolean' },
  status: { type: 'string', multiple: true },
  workflow: { type: 'string' },
  limit: { type: 'string' },
} as const

const knownStatus = (status: string): string => {
  if (statuses.includes(status)) return status
  throw new UsageError(`--status is one of ${statuses.join(', ')}, not "${status}"`)
}

export const executions = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options })
  const first = Math.min(most, wholeNumber('limit', values.limit, 20))
  const status = values.status?.map(knownStatus)
  const connection = await connect(values)
  const workflow = values.workflow === undefined ? undefined : await findWorkflow(connection, values.workflow)
  const workflowId = workflow?.id
  const filter: Filter = { ...(status && { status }), ...(workflowId !== undefined && { workflowId }) }
  if (values.follow) return follow(connection, filter, first, values.json === true)
  const { executions: page } = await graphql<Page>(connection, query, { filter, first })
  const rows = page.edges.map(({ node }) => node)
  if (values.json) console.log(JSON.stringify(rows))
  else if (rows.length === 0) console.log(status ? 'No such executions' : `No executions yet: ${await nextStep(connection, workflow)}`)
  else
    console.log(
      `${table(head, rows.map(cells))}\n${page.totalCount} in all${rows.length < page.totalCount ? `, the newest ${rows.length} shown` : ''}`,
    )
  return 0
}

/** The newest ones, then every execution when its status changes, until Ctrl-C. With --json a line each. */
const follow = async (connection: Connection, filter: Filter, first: number, json: boolean): Promise<number> => {
  const { subscribe } = await import('../subscription.ts')
  const { workflowId, status } = filter
  const seen = new Map<string, string>()
  const show = (row: ExecutionRow): void => {
    if (seen.get(row.id) === row.status || (status && !status.includes(row.status))) return
    seen.set(row.id, row.status)
    console.log(json ? JSON.stringify(row) : line(row))
  }
  // First the subscription, then the list: what happens in between is in both, and shown once.
  await using subscription = subscribe<{ executions: { execution: ExecutionRow } }>(connection, updates, {
    filter: workflowId === undefined ? {} : { workflowId },
  })
  const coming = subscription.updates
  let next = coming.next()
  const { executions: page } = await graphql<Page>(connection, query, { filter, first })
  for (const { node } of page.edges.toReversed()) show(node)
  for (let result = await next; !result.done; result = await next) {
    next = coming.next()
    show(result.value.executions.execution)
  }
  return 0
}

/** Of a fixed width, because what is to come is not known. */
const line = (row: ExecutionRow): string => {
  const [id = '', workflow = '', trigger = '', status = '', started = '', duration = ''] = cells(row)
  return [id, workflow.padEnd(24), trigger.padEnd(9), status.padEnd(9), started, duration].join('  ')
}
