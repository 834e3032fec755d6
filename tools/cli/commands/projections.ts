import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { parseOne } from '../arguments.ts'
import { graphql } from '../graphql.ts'
import { type Connection, connect, instanceOptions } from '../instance.ts'
import { progressBar, table } from '../table.ts'

interface ProjectionRow {
  readonly name: string
  readonly version: number
  readonly status: string
  readonly lag: number
  readonly lagMs: number
  readonly rebuild: { readonly events: number; readonly eventsPerSecond: number; readonly fraction: number; readonly done: boolean } | null
  readonly problem: { readonly error: string } | null
}

const readAll = async (connection: Connection): Promise<readonly ProjectionRow[]> =>
  (await graphql<{ projections: ProjectionRow[] }>(connection, '{ projections { name version status lag lagMs rebuild problem } }'))
    .projections

export const projections = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: instanceOptions })
  const rows = await readAll(await connect(values))
  const cells = ({ name, version, status, lag, lagMs }: ProjectionRow): string[] => [
    name,
    String(version),
    status,
    String(lag),
    `${Math.round(lagMs)} ms`,
  ]
  console.log(values.json ? JSON.stringify(rows) : table(['PROJECTION', 'VERSION', 'STATUS', 'EVENTS BEHIND', 'LAG'], rows.map(cells)))
  if (!values.json) for (const { name, problem } of rows) if (problem !== null) console.log(`${name}: ${problem.error}`)
  return 0
}

/** Builds the tables behind those that are being read and swaps them at the end. */
export const rebuild = async (args: readonly string[]): Promise<number> => {
  const { values, word: name } = parseOne(args, instanceOptions, 'projection (./weconnect projections lists them)')
  const connection = await connect(values)
  const began = performance.now()
  const mutation = 'mutation ($name: String!) { rebuildProjection(name: $name) { projection { name rebuild } } }'
  const finished = graphql<{ rebuildProjection: { projection: Pick<ProjectionRow, 'rebuild'> } }>(connection, mutation, { name })
  await showProgress(connection, name, finished)
  const seconds = (performance.now() - began) / 1000
  const { events = 0, eventsPerSecond = null } = (await finished).rebuildProjection.projection.rebuild ?? {}
  if (values.json) console.log(JSON.stringify({ name, events, seconds, eventsPerSecond }))
  else console.log(`rebuilt ${name} from ${events} events in ${seconds.toFixed(1)} s`)
  return 0
}

const showProgress = async (connection: Connection, name: string, finished: Promise<unknown>): Promise<void> => {
  let done = false
  const end = finished.finally(() => {
    done = true
  })
  end.catch(() => undefined)
  while (!done) {
    await Promise.race([end, wait(200)])
    const progress = done ? undefined : (await readAll(connection)).find((projection) => projection.name === name)?.rebuild
    if (progress) progressBar(name, progress.fraction, `${Math.round(progress.eventsPerSecond)} events/s`)
  }
  await end
  progressBar(name, 1, '')
}
