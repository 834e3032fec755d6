import { parseArgs } from 'node:util'
import { UsageError } from '../arguments.ts'
import { findWorkflow } from '../find-workflow.ts'
import { graphql } from '../graphql.ts'
import { type Connection, connect, instanceOptions } from '../instance.ts'
import { table } from '../table.ts'

interface Statistics {
  readonly calls: number
  readonly succeeded: number
  readonly failed: number
  readonly averageMs: number | null
  readonly duplicates: number
  readonly refused: number
  readonly refusedBy: { readonly who: number; readonly rate: number; readonly content: number; readonly other: number }
}
interface WebhookRow {
  readonly id: string
  readonly workflowId: string
  readonly method: string
  readonly path: string
  readonly lastCalledAt: string | null
  readonly statistics: Statistics
}
interface Page {
  readonly webhooks: {
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
    readonly edges: readonly { readonly node: WebhookRow }[]
  }
}

const list = `query ($filter: WebhookFilter, $after: String) { webhooks(filter: $filter, first: 50, after: $after) {
  pageInfo { hasNextPage endCursor } edges { node { id workflowId method path lastCalledAt statistics } } } }`
const head = ['METHOD', 'ADDRESS', 'CALLS', 'FAILED', 'AVERAGE', 'REPEATED', 'REFUSED', 'LAST']

/** The active webhooks, or those of one workflow, with what became of their calls. */
export const webhooks = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options: instanceOptions, allowPositionals: true })
  const [name, ...rest] = positionals
  if (rest.length > 0) throw new UsageError('webhooks takes the name of one workflow, or nothing')
  const connection = await connect(values)
  const workflowId = name === undefined ? undefined : (await findWorkflow(connection, name)).id
  const found = await all(connection, { isActive: true, ...(workflowId !== undefined && { workflowId }) })
  if (values.json) console.log(JSON.stringify(found))
  else if (found.length === 0) console.log('No active webhooks: activate a workflow with a Webhook node')
  else
    console.log(
      table(
        head,
        found.map((row) => cells(connection, row)),
      ),
    )
  return 0
}

const all = async (connection: Connection, filter: object): Promise<WebhookRow[]> => {
  const found: WebhookRow[] = []
  for (let after: string | null = null, more = true; more; ) {
    const { webhooks: page }: Page = await graphql<Page>(connection, list, { filter, after })
    found.push(...page.edges.map(({ node }) => node))
    after = page.pageInfo.endCursor
    more = page.pageInfo.hasNextPage
  }
  return found
}

const cells = ({ url }: Connection, { method, path, lastCalledAt, statistics }: WebhookRow): string[] => {
  const { calls, failed, averageMs, duplicates, refused, refusedBy } = statistics
  const why = Object.entries(refusedBy).flatMap(([kind, count]) => (count > 0 ? `${kind} ${count}` : []))
  return [
    method,
    `${url}/webhook/${path}`,
    String(calls),
    String(failed),
    averageMs === null ? '-' : `${averageMs} ms`,
    String(duplicates),
    refused === 0 ? '0' : `${refused} (${why.join(', ')})`,
    lastCalledAt ?? '-',
  ]
}
