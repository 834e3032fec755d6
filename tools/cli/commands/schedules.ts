import { parseArgs } from 'node:util'
import { WeConnectError } from '@weconnect/contracts/errors'
import { UsageError, wholeNumber } from '../arguments.ts'
import { everyPage } from '../every-page.ts'
import { findWorkflow } from '../find-workflow.ts'
import { graphql } from '../graphql.ts'
import { type Connection, connect, instanceOptions } from '../instance.ts'
import { table } from '../table.ts'

interface ScheduleRow {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly timezone: string
  readonly isPaused: boolean
  readonly nextExecution: string | null
  readonly lastExecution: string | null
  readonly executionCount: number
  readonly next: readonly string[]
  readonly workflow: { readonly name: string } | null
}
const fields = 'id name description timezone isPaused nextExecution lastExecution executionCount next(count: $count) workflow { name }'
const list = `query ($filter: ScheduleFilter, $count: Int, $after: String) { schedules(filter: $filter, first: 50, after: $after) { pageInfo { hasNextPage endCursor } edges { node { ${fields} } } } }`
const head = ['ID', 'WORKFLOW', 'TRIGGER', 'TIMES', 'ZONE', 'NEXT', 'LAST', 'RUNS']
const mutations = {
  pause: 'mutation ($id: ID!, $note: String) { pauseSchedule(id: $id, note: $note) { position } }',
  resume: 'mutation ($id: ID!) { resumeSchedule(id: $id) { position } }',
  backfill:
    'mutation ($id: ID!, $from: DateTime!, $to: DateTime!, $again: Boolean) { backfillSchedule(id: $id, from: $from, to: $to, again: $again) { position } }',
} as const

const options = {
  ...instanceOptions,
  next: { type: 'string' },
  workflow: { type: 'string' },
  note: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  again: { type: 'boolean' },
} as const

export const schedules = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const [action, wanted] = positionals
  const connection = await connect(values)
  const workflowId = values.workflow === undefined ? undefined : (await findWorkflow(connection, values.workflow)).id
  const found = await all(connection, wholeNumber('next', values.next, 1), workflowId)
  if (action === undefined) return show(found, values.json === true, values.next !== undefined)
  if (!isAction(action) || wanted === undefined)
    throw new UsageError('schedules takes nothing, or: pause ID, resume ID, backfill ID --from TIME --to TIME')
  const { note, from, to, again } = values
  if (action === 'backfill' && (from === undefined || to === undefined)) throw new UsageError('backfill needs --from TIME and --to TIME')
  const chosen = wanted === 'all' ? found : [one(found, wanted)]
  for (const { id } of chosen)
    await graphql(connection, mutations[action], action === 'pause' ? { id, note } : action === 'resume' ? { id } : { id, from, to, again })
  if (values.json) console.log(JSON.stringify(chosen.map(({ id }) => ({ id, done: action }))))
  else console.log(chosen.map(({ name }) => `"${name}" ${done[action]}`).join('\n'))
  return 0
}

type Action = keyof typeof mutations
const isAction = (word: string): word is Action => Object.hasOwn(mutations, word)
const done: Readonly<Record<Action, string>> = { pause: 'is paused', resume: 'goes on', backfill: 'runs what was asked for' }

const all = (connection: Connection, count: number, workflowId: string | undefined): Promise<ScheduleRow[]> =>
  everyPage(connection, list, { filter: { isActive: true, ...(workflowId !== undefined && { workflowId }) }, count })

/** By id or the beginning of it, or the name of its workflow. */
const one = (found: readonly ScheduleRow[], wanted: string): ScheduleRow => {
  const fits = found.filter(({ id, workflow }) => id.startsWith(wanted) || workflow?.name === wanted)
  if (fits.length === 1) return fits[0]!
  throw new WeConnectError(
    fits.length === 0 ? 'NOT_FOUND' : 'INVALID_INPUT',
    fits.length === 0
      ? `There is no active schedule "${wanted}" (./weconnect schedules lists them)`
      : `"${wanted}" fits ${fits.length} schedules; name one by its id`,
  )
}

const show = (found: readonly ScheduleRow[], json: boolean, withNext: boolean): number => {
  if (json) console.log(JSON.stringify(found))
  else if (found.length === 0) console.log('No active schedules: activate a workflow with a Schedule Trigger')
  else console.log([table(head, found.map(cells)), ...(withNext ? found.map(times) : [])].join('\n'))
  return 0
}

const cells = (row: ScheduleRow): string[] => [
  row.id,
  row.workflow?.name ?? '-',
  row.name,
  row.description,
  row.timezone,
  row.isPaused ? 'paused' : (row.nextExecution ?? 'never'),
  row.lastExecution ?? '-',
  String(row.executionCount),
]

const times = ({ id, next }: ScheduleRow): string => [`\n${id}`, ...next.map((time) => `  ${time}`)].join('\n')
