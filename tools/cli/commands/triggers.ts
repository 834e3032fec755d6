import { parseArgs } from 'node:util'
import { UsageError } from '../arguments.ts'
import { everyPage } from '../every-page.ts'
import { findWorkflow } from '../find-workflow.ts'
import { connect, instanceOptions } from '../instance.ts'
import { table } from '../table.ts'

interface TriggerRow {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly executionCount: number
  readonly lastExecutionAt: string | null
  readonly failure: { readonly code: string; readonly message: string; readonly since: string } | null
  readonly workflow: { readonly name: string } | null
}
const list = `query ($filter: TriggerFilter, $after: String) { triggers(filter: $filter, first: 50, after: $after) {
  pageInfo { hasNextPage endCursor } edges { node { id name kind executionCount lastExecutionAt failure workflow { name } } } } }`
const head = ['WORKFLOW', 'TRIGGER', 'LOOKS', 'RUNS', 'LAST', 'STATE']
const looks: Readonly<Record<string, string>> = { poll: 'at times', kafka: 'in a topic', mail: 'in a mailbox' }

/** The triggers of active workflows that look by themselves, and whether they can. Exit code 1 when one cannot. */
export const triggers = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options: instanceOptions, allowPositionals: true })
  const [name, ...rest] = positionals
  if (rest.length > 0) throw new UsageError('triggers takes the name of one workflow, or nothing')
  const connection = await connect(values)
  const workflowId = name === undefined ? undefined : (await findWorkflow(connection, name)).id
  const filter = { isActive: true, ...(workflowId !== undefined && { workflowId }) }
  const found = await everyPage<TriggerRow>(connection, list, { filter })
  if (values.json) console.log(JSON.stringify(found))
  else if (found.length === 0) console.log('No active workflow has a trigger that looks by itself')
  else console.log(table(head, found.map(cells)))
  return found.some(({ failure }) => failure) ? 1 : 0
}

const cells = ({ workflow, name, kind, executionCount, lastExecutionAt, failure }: TriggerRow): string[] => [
  workflow?.name ?? '-',
  name,
  looks[kind] ?? kind,
  String(executionCount),
  lastExecutionAt ?? '-',
  failure === null ? 'looks' : `cannot look since ${failure.since}: ${failure.message}`,
]
