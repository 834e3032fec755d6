import { parseArgs } from 'node:util'
import { UsageError } from '../arguments.ts'
import { findWorkflow } from '../find-workflow.ts'
import { graphql } from '../graphql.ts'
import { type Connection, connect, instanceOptions } from '../instance.ts'

interface Blocker {
  readonly executionId: string
  readonly code: string
  readonly message: string
}
interface Plan {
  readonly toVersion: number
  readonly total: number
  readonly movable: number
  readonly executions: readonly {
    readonly executionId: string
    readonly fromVersion: number
    readonly standsAt: readonly string[]
    readonly blockers: readonly Blocker[]
  }[]
  readonly versions: readonly {
    readonly version: number
    readonly nodes: readonly { readonly from: string; readonly to: string | null }[]
  }[]
}
interface Migration {
  readonly id: string
  readonly status: 'preparing' | 'moving' | 'releasing' | 'completed' | 'abandoned'
  readonly toVersion: number
  readonly total: number
  readonly done: number
  readonly blockers: readonly Blocker[]
}

const blockers = 'blockers { executionId code message }'
const fields = `id status toVersion total done ${blockers}`
const planQuery = `query ($input: MigrationInput!) { planMigration(input: $input) { toVersion total movable executions { executionId fromVersion standsAt ${blockers} } versions { version nodes { from to } } } }`
const mutation = `mutation ($input: MigrationInput!) { migrateExecutions(input: $input) { ${fields} } }`
const query = `query ($id: ID!) { migration(id: $id) { ${fields} } }`
/** Milliseconds between two looks at how far it is. */
const lookEveryMs = 250

const options = {
  ...instanceOptions,
  to: { type: 'string' },
  from: { type: 'string' },
  map: { type: 'string', multiple: true },
  execution: { type: 'string', multiple: true },
  reason: { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const

/** Moves executions that wait to another version; `migrate show ID` says how far it is. */
export const migrate = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  const [workflow, id, ...more] = positionals
  const isShow = workflow === 'show' && id !== undefined
  if (workflow === undefined || more.length > 0 || (id !== undefined && !isShow))
    throw new UsageError('Name the workflow whose executions are to move, or say show and the id of a migration')
  const connection = await connect(values)
  const isJson = values.json === true
  if (isShow) return told(await shown(connection, id), isJson)
  const input = {
    workflowId: (await findWorkflow(connection, workflow)).id,
    toVersion: versionOf(values.to, 'Name the version to move to: --to N'),
    ...(values.from !== undefined && { fromVersion: versionOf(values.from, '--from is the number of a version; 0 is the draft') }),
    nodes: (values.map ?? []).map(mappingOf),
    ...(values.execution && { executionIds: values.execution }),
    ...(values.reason !== undefined && { reason: values.reason }),
  }
  if (values['dry-run']) return toldPlan((await graphql<{ planMigration: Plan }>(connection, planQuery, { input })).planMigration, isJson)
  const { migrateExecutions: begun } = await graphql<{ migrateExecutions: Migration }>(connection, mutation, { input })
  return told(await ended(connection, begun.id, isJson), isJson)
}

const versionOf = (text: string | undefined, otherwise: string): number => {
  const version = Number(text)
  if (text === undefined || !Number.isInteger(version) || version < 0) throw new UsageError(otherwise)
  return version
}

const mappingOf = (text: string): { readonly from: string; readonly to: string } => {
  const [from = '', to = '', ...more] = text.split('=')
  if (from === '' || to === '' || more.length > 0) throw new UsageError(`--map is OLD=NEW, names or ids of nodes: ${text}`)
  return { from, to }
}

const shown = async (connection: Connection, id: string): Promise<Migration> =>
  (await graphql<{ migration: Migration }>(connection, query, { id })).migration

const ended = async (connection: Connection, id: string, isQuiet: boolean): Promise<Migration> => {
  if (!isQuiet) console.log(`migration ${id}; it goes on without this command`)
  for (let last = ''; ; ) {
    const migration = await shown(connection, id)
    const { status, done, total } = migration
    if (status === 'completed' || status === 'abandoned') return migration
    if (!isQuiet && `${status} ${done}` !== last) console.log(`${status}: ${done} of ${total}`)
    last = `${status} ${done}`
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}

const toldBlockers = (all: readonly Blocker[]): void => {
  for (const { executionId, code, message } of all) console.log(`${executionId}: ${code}: ${message}`)
}

const told = (migration: Migration, isJson: boolean): number => {
  const { status, toVersion, total, done, blockers: all } = migration
  if (isJson) console.log(JSON.stringify(migration))
  else {
    toldBlockers(all)
    if (status === 'completed') console.log(`completed: ${total} on version ${toVersion}`)
    else if (status === 'abandoned') console.log('abandoned: none has moved')
    else console.log(`${status}: ${done} of ${total}`)
  }
  return status === 'abandoned' ? 1 : 0
}

const toldPlan = (plan: Plan, isJson: boolean): number => {
  const { toVersion, total, movable, executions, versions } = plan
  if (isJson) console.log(JSON.stringify(plan))
  else {
    for (const { version, nodes } of versions) {
      console.log(`version ${version} -> ${toVersion}`)
      for (const { from, to } of nodes) if (from !== to) console.log(`  ${from} -> ${to ?? 'none'}`)
    }
    for (const { executionId, fromVersion, standsAt, blockers: all } of executions)
      if (all.length === 0) console.log(`${executionId}: can move from version ${fromVersion}, at ${standsAt.join(', ') || 'no step'}`)
      else toldBlockers(all)
    console.log(`${movable} of ${total} can move; nothing was done`)
  }
  return movable < total ? 1 : 0
}
