import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { isWeConnectError, type Problem, WeConnectError } from '@weconnect/contracts/errors'
import { placeOfJsonError } from '@weconnect/contracts/json-place'
import { UsageError } from '../arguments.ts'
import { describeError } from '../errors.ts'
import { graphql } from '../graphql.ts'
import { type Connection, connect, instanceOptions } from '../instance.ts'

interface Report {
  readonly workflow: { readonly id: string }
  readonly name: string
  readonly nodes: number
  readonly connections: number
  readonly notes: readonly {
    readonly node: string | null
    readonly nodeType: string | null
    readonly kind: string
    readonly message: string
  }[]
}
type Outcome = { readonly file: string } & (
  | Report
  | { readonly error: { readonly code: string; readonly message: string; readonly problems: readonly Problem[] } }
)

const mutation = `mutation ($json: JSON!, $nameWhenAbsent: String) {
  importWorkflow(json: $json, nameWhenAbsent: $nameWhenAbsent) { workflows { workflow { id } name nodes connections notes { node nodeType kind message } } }
}`

/** @throws WeConnectError INVALID_INPUT, MALFORMED_JSON */
const readJson = (file: string): unknown => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new WeConnectError('INVALID_INPUT', `it cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error })
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new WeConnectError('MALFORMED_JSON', `it is not JSON at ${placeOfJsonError(text)}`, { cause: error })
  }
}

/** One outcome per workflow; a file that is refused has one, and does not keep the others from being imported. */
const importFile = async (connection: Connection, file: string): Promise<readonly Outcome[]> => {
  try {
    const variables = { json: readJson(file), nameWhenAbsent: basename(file, '.json') }
    const { importWorkflow } = await graphql<{ importWorkflow: { workflows: readonly Report[] } }>(connection, mutation, variables)
    return importWorkflow.workflows.map((report) => ({ file, ...report }))
  } catch (error) {
    // Without an instance, or without the right to, every file would say the same.
    if (!isWeConnectError(error) || ['UNAVAILABLE', 'UNAUTHENTICATED', 'TOKEN_EXPIRED', 'FORBIDDEN'].includes(error.code)) throw error
    const { code, message, problems } = error
    return [{ file, error: { code, message, problems } }]
  }
}

/** Exit code 1 when any file was refused. */
export const importFiles = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options: instanceOptions, allowPositionals: true })
  if (positionals.length === 0) throw new UsageError('Name the files to import: ./weconnect import FILE.json ...')
  const connection = await connect(values)
  const outcomes: Outcome[] = []
  for (const file of positionals) {
    const found = await importFile(connection, file)
    outcomes.push(...found)
    if (!values.json) for (const outcome of found) tell(outcome)
  }
  if (values.json) console.log(JSON.stringify(outcomes))
  return outcomes.some((outcome) => 'error' in outcome) ? 1 : 0
}

const marks: Readonly<Record<string, string>> = { notRunnable: 'cannot run yet', changed: 'changed', warning: 'warning' }

const tell = (outcome: Outcome): void => {
  if ('error' in outcome) return void console.error(describeError(outcome.error, outcome.file))
  const { name, workflow, nodes, connections, notes } = outcome
  console.log(`imported "${name}" (${nodes} nodes, ${connections} connections) as ${workflow.id}`)
  for (const { node, nodeType, kind, message } of notes)
    console.log(`  ${marks[kind] ?? kind}: ${node ? `"${node}"${nodeType ? ` (${nodeType})` : ''}: ` : ''}${message}`)
}
