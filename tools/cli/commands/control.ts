import { parseArgs } from 'node:util'
import { parseOne, UsageError } from '../arguments.ts'
import { everyPage } from '../every-page.ts'
import { graphql } from '../graphql.ts'
import { connect, instanceOptions } from '../instance.ts'
import { jsonOption } from '../json-option.ts'
import { table } from '../table.ts'

interface Changed {
  readonly execution: { readonly id: string; readonly status: string }
}

const execution = 'execution, by its id'

/** No further step begins until it is resumed. */
export const pauseExecution = async (args: readonly string[]): Promise<number> => {
  const { values, word: id } = parseOne(args, { ...instanceOptions, reason: { type: 'string' } } as const, execution)
  const mutation = 'mutation ($id: ID!, $reason: String) { pauseExecution(id: $id, reason: $reason) { execution { id status } } }'
  const { pauseExecution: paused } = await graphql<{ pauseExecution: Changed }>(await connect(values), mutation, {
    id,
    reason: values.reason,
  })
  console.log(values.json ? JSON.stringify(paused.execution) : `${id} is paused`)
  return 0
}

/** Sends a signal. */
export const signalExecution = async (args: readonly string[]): Promise<number> => {
  const options = { ...instanceOptions, payload: { type: 'string' }, id: { type: 'string' } } as const
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  const [id, name, ...more] = positionals
  if (id === undefined || name === undefined || more.length > 0) throw new UsageError('Name the execution, by its id, and the signal')
  const mutation = `mutation ($id: ID!, $name: String!, $payload: JSON, $signalId: String) {
    signalExecution(id: $id, name: $name, payload: $payload, signalId: $signalId) { execution { id status } } }`
  const payload = jsonOption('payload', values.payload, 'give JSON')
  const given = { id, name, payload, signalId: values.id }
  const { signalExecution: sent } = await graphql<{ signalExecution: Changed }>(await connect(values), mutation, given)
  console.log(values.json ? JSON.stringify(sent.execution) : `sent "${name}" to ${id}`)
  return 0
}

interface Asked {
  readonly executionId: string
  readonly step: number
  readonly workflow: { readonly name: string } | null
  readonly nodeName: string
  readonly title: string | null
  readonly roles: readonly string[] | null
  readonly openedAt: string
  readonly until: string | null
}

const askedQuery = `query ($after: String) { approvals(first: 50, after: $after) {
  pageInfo { hasNextPage endCursor } edges { node { executionId step workflow { name } nodeName title roles openedAt until } } } }`
const head = ['EXECUTION', 'STEP', 'WORKFLOW', 'WHAT', 'WHO', 'SINCE', 'UNTIL']

/** What people are asked to approve. */
export const listApprovals = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: instanceOptions })
  const asked = await everyPage<Asked>(await connect(values), askedQuery)
  const rows = asked.map((each) => ({ ...each, workflow: each.workflow?.name }))
  if (values.json) console.log(JSON.stringify(rows))
  else console.log(rows.length === 0 ? 'Nothing waits for an approval' : table(head, rows.map(cells)))
  return 0
}

const cells = (row: Omit<Asked, 'workflow'> & { readonly workflow: string | undefined }): string[] => {
  const { executionId, step, workflow = '-', title, roles, openedAt, until } = row
  return [executionId, String(step), workflow, title ?? '-', roles?.join(', ') ?? 'anybody', openedAt, until ?? '-']
}

const decideOptions = { ...instanceOptions, step: { type: 'string' }, comment: { type: 'string' } } as const

const decide = async (args: readonly string[], approved: boolean): Promise<number> => {
  const { values, word: executionId } = parseOne(args, decideOptions, execution)
  const step = values.step === undefined ? undefined : Number(values.step)
  if (step !== undefined && (!Number.isInteger(step) || step < 0))
    throw new UsageError(`--step must be a whole number, not "${values.step}"`)
  const mutation = 'mutation ($input: DecideApprovalInput!) { decideApproval(input: $input) { execution { id status } } }'
  const input = { executionId, approved, step, comment: values.comment }
  const { decideApproval } = await graphql<{ decideApproval: Changed }>(await connect(values), mutation, { input })
  console.log(values.json ? JSON.stringify(decideApproval.execution) : `${executionId}: ${approved ? 'approved' : 'rejected'}`)
  return 0
}

export const approve = (args: readonly string[]): Promise<number> => decide(args, true)
export const reject = (args: readonly string[]): Promise<number> => decide(args, false)
