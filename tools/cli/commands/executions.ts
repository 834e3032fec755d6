import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { findWorkflow } from '../find-workflow.ts'
import { graphql } from '../graphql.ts'
import { type Connection, connect, instanceOptions } from '../instance.ts'
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

const query = `query ($filter: ExecutionFilter, $first: Int) {
  executions(filter: $filter, first: $first) { totalCount edges { node { id status triggerType createdAt durationMs workflow { name } } } }
}`
const head = ['ID', 'WORKFLOW', 'TRIGGER', 'STATUS', 'STARTED', 'DURATION']
const pollMs = 500

const cells = ({ id, workflow, triggerType, status, createdAt, durationMs }: ExecutionRow): string[] => [
  id,
  workflow?.name ?? '-',
  triggerType,
  status,
  createdAt,
  milliseconds(durationMs),
]

export const executions = async (args: readonly string[]): Promise<number> => {
  const options = {
    ...instanceOptions,
    follow: { type: 'boolean' },
    status: { type: 'string', multiple: true },
    workflow: { type: 'string' },
    limit: { type: 'string' },
  } as const
  const { values } = parseArgs({ args: [...args], options })
  const connection = await connect(values)
  const workflowId = values.workflow === undefined ? undefined : (await findWorkflow(connection, values.workflow)).id
  const filter = { ...(values.status && { status: values.status }), ...(workflowId !== undefined && { workflowId }) }
  if (values.follow) return follow(connection, filter, values.json === true)
  const { executions: page } = await graphql<Page>(connection, query, { filter, first: Number(values.limit ?? 20) })
  const rows = page.edges.map(({ node }) => node)
  if (values.json) console.log(JSON.stringify(rows))
  else console.log(rows.length === 0 ? 'No executions yet' : `${table(head, rows.map(cells))}\n${page.totalCount} in all`)
  return 0
}

/** Prints every execution when it is first seen and when its status changes, until Ctrl-C. */
const follow = async (connection: Connection, filter: object, json: boolean): Promise<number> => {
  const seen = new Map<string, string>()
  for (;;) {
    const { executions: page } = await graphql<Page>(connection, query, { filter, first: 100 })
    for (const { node } of page.edges.toReversed()) {
      if (seen.get(node.id) === node.status) continue
      seen.set(node.id, node.status)
      console.log(json ? JSON.stringify(node) : cells(node).join('  '))
    }
    await wait(pollMs)
  }
}
