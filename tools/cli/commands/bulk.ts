import { parseArgs } from 'node:util'
import { UsageError } from '../arguments.ts'
import { findWorkflow } from '../find-workflow.ts'
import { graphql } from '../graphql.ts'
import { type Connection, connect, instanceOptions } from '../instance.ts'

interface Operation {
  readonly id: string | null
  readonly operation: string
  readonly status: 'dryRun' | 'running' | 'completed'
  readonly total: number
  readonly done: number
  readonly succeeded: number
  readonly skipped: number
  readonly failed: number
  readonly failures: readonly { readonly executionId: string; readonly code: string; readonly message: string }[]
}

const fields = 'id operation status total done succeeded skipped failed failures { executionId code message }'
const mutation = `mutation ($input: BulkExecutionsInput!) { bulkExecutions(input: $input) { ${fields} } }`
const query = `query ($id: ID!) { bulkOperation(id: $id) { ${fields} } }`
const operations = ['cancel', 'pause', 'resume', 'retry', 'rerun']
/** Milliseconds between two looks at how far it is. */
const lookEveryMs = 250

const options = {
  ...instanceOptions,
  workflow: { type: 'string' },
  status: { type: 'string', multiple: true },
  since: { type: 'string' },
  until: { type: 'string' },
  error: { type: 'string' },
  reason: { type: 'string' },
  newest: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
} as const

/** The same for all executions that a filter finds; `bulk show ID` says how far it is. */
export const bulk = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  const [operation = '', id, ...more] = positionals
  const isShow = operation === 'show'
  if (more.length > 0 || isShow !== (id !== undefined) || (!isShow && !operations.includes(operation)))
    throw new UsageError(`Say one of ${operations.join(', ')}, or show and the id of an operation`)
  const connection = await connect(values)
  if (id !== undefined) return told(await shown(connection, id), values.json === true)
  const { workflow, status, since, until, error, reason, newest } = values
  const workflowId = workflow === undefined ? undefined : (await findWorkflow(connection, workflow)).id
  const filter = { workflowId, status, createdAfter: since, createdBefore: until, errorText: error }
  const input = { operation, filter, reason, newestVersion: newest, dryRun: values['dry-run'] }
  const { bulkExecutions: begun } = await graphql<{ bulkExecutions: Operation }>(connection, mutation, { input })
  return told(begun.id === null ? begun : await ended(connection, begun.id, values.json === true), values.json === true)
}

const shown = async (connection: Connection, id: string): Promise<Operation> =>
  (await graphql<{ bulkOperation: Operation }>(connection, query, { id })).bulkOperation

const ended = async (connection: Connection, id: string, isQuiet: boolean): Promise<Operation> => {
  if (!isQuiet) console.log(`operation ${id}; it goes on without this command`)
  for (let last = -1; ; ) {
    const operation = await shown(connection, id)
    if (!isQuiet && operation.done !== last) console.log(`${operation.done} of ${operation.total}`)
    if (operation.status === 'completed') return operation
    last = operation.done
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}

const told = (operation: Operation, isJson: boolean): number => {
  const { status, total, done, succeeded, skipped, failed, failures } = operation
  if (isJson) console.log(JSON.stringify(operation))
  else if (status === 'dryRun') console.log(`${total} executions; nothing was done`)
  else {
    for (const { executionId, code, message } of failures) console.log(`${executionId}: ${code}: ${message}`)
    console.log(`${status}: ${done} of ${total}, ${succeeded} done, ${skipped} skipped, ${failed} failed`)
  }
  return failed > 0 ? 1 : 0
}
