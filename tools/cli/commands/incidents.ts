import { parseArgs } from 'node:util'
import { parseOne, UsageError } from '../arguments.ts'
import { everyPage } from '../every-page.ts'
import { graphql } from '../graphql.ts'
import { type Connection, connect, instanceOptions } from '../instance.ts'
import { jsonOption } from '../json-option.ts'
import { table } from '../table.ts'

interface Incident {
  readonly executionId: string
  readonly step: number
  readonly nodeName: string
  readonly message: string
  readonly effectKey: string | null
  readonly crashes: number | null
  readonly code: string | null
  readonly raisedAt: string
}
interface Held {
  readonly workflow: { readonly name: string } | null
  readonly incidents: readonly Incident[]
}

const fields = 'executionId step nodeName message effectKey crashes code raisedAt'
const heldQuery = `query ($after: String) { executions(filter: { status: [incident] }, first: 50, after: $after) {
  pageInfo { hasNextPage endCursor } edges { node { workflow { name } incidents(open: true) { ${fields} } } } } }`
const oneQuery = `query ($id: ID!) { execution(id: $id) { incidents(open: true) { ${fields} } } }`
const mutation = 'mutation ($input: ResolveIncidentInput!) { resolveIncident(input: $input) { execution { id status } } }'
const head = ['EXECUTION', 'STEP', 'WORKFLOW', 'NODE', 'SINCE']

/** Open incidents, with what a person needs to decide. */
export const listIncidents = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: instanceOptions })
  const held = await everyPage<Held>(await connect(values), heldQuery)
  const rows = held.flatMap(({ workflow, incidents }) => incidents.map((incident) => ({ workflow: workflow?.name, ...incident })))
  if (values.json) console.log(JSON.stringify(rows))
  else if (rows.length === 0) console.log('No incidents')
  else console.log([table(head, rows.map(cells)), ...rows.map(told)].join('\n'))
  return 0
}

const cells = ({
  executionId,
  step,
  workflow = '-',
  nodeName,
  raisedAt,
}: Incident & { readonly workflow: string | undefined }): string[] => [executionId, String(step), workflow, nodeName, raisedAt]

const told = ({ executionId, step, message, effectKey }: Incident): string =>
  `\n${executionId}, step ${step}: ${message}${effectKey === null ? '' : `\n  Idempotency-Key: ${effectKey}`}`

const ways = ['retry', 'skip', 'fail'] as const
const options = {
  ...instanceOptions,
  retry: { type: 'boolean' },
  skip: { type: 'boolean' },
  fail: { type: 'boolean' },
  step: { type: 'string' },
  output: { type: 'string' },
  reason: { type: 'string' },
} as const

/** Says what becomes of an incident. */
export const resolveIncident = async (args: readonly string[]): Promise<number> => {
  const { values, word: executionId } = parseOne(args, options, 'execution, by its id')
  const chosen = ways.filter((way) => values[way] === true)
  const [resolution] = chosen
  if (resolution === undefined || chosen.length > 1) throw new UsageError('Say one of --retry, --skip and --fail')
  const output = jsonOption('output', values.output, 'give items: [{"json": {...}}]')
  const connection = await connect(values)
  const step = values.step === undefined ? await onlyStep(connection, executionId) : stepOf(values.step)
  const input = { executionId, step, resolution, output, reason: values.reason }
  const { resolveIncident: answer } = await graphql<{ resolveIncident: { execution: { id: string; status: string } } }>(
    connection,
    mutation,
    { input },
  )
  console.log(values.json ? JSON.stringify(answer.execution) : `step ${step} of ${executionId}: ${resolution}`)
  return 0
}

const stepOf = (text: string): number => {
  const step = Number(text)
  if (!Number.isInteger(step) || step < 0) throw new UsageError(`--step must be a whole number, not "${text}"`)
  return step
}

const onlyStep = async (connection: Connection, id: string): Promise<number> => {
  const { execution } = await graphql<{ execution: { incidents: readonly Incident[] } }>(connection, oneQuery, { id })
  const [incident, ...more] = execution.incidents
  if (incident === undefined) throw new UsageError(`The execution ${id} has no open incident`)
  if (more.length > 0) throw new UsageError(`Name the step: ${execution.incidents.map(({ step }) => `--step ${step}`).join(' or ')}`)
  return incident.step
}
