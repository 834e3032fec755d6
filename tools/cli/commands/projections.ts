import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { parseOne, UsageError } from '../arguments.ts'
import { graphql } from '../graphql.ts'
import { type Connection, connect, instanceOptions } from '../instance.ts'
import { progressBar, table } from '../table.ts'

interface ProjectionRow {
  readonly name: string
  readonly version: number
  readonly status: string
  readonly paused: boolean
  readonly lag: number
  readonly lagMs: number
  readonly rebuild: { readonly events: number; readonly eventsPerSecond: number; readonly fraction: number; readonly done: boolean } | null
  readonly problem: { readonly error: string } | null
}

const readAll = async (connection: Connection): Promise<readonly ProjectionRow[]> =>
  (await graphql<{ projections: ProjectionRow[] }>(connection, '{ projections { name version status paused lag lagMs rebuild problem } }'))
    .projections

const list = async (connection: Connection, json: boolean | undefined): Promise<void> => {
  const rows = await readAll(connection)
  const cells = ({ name, version, status, paused, lag, lagMs }: ProjectionRow): string[] => [
    name,
    String(version),
    paused ? 'paused' : status,
    String(lag),
    `${Math.round(lagMs)} ms`,
  ]
  console.log(json ? JSON.stringify(rows) : table(['PROJECTION', 'VERSION', 'STATUS', 'EVENTS BEHIND', 'LAG'], rows.map(cells)))
  if (!json) for (const { name, problem } of rows) if (problem !== null) console.log(`${name}: ${problem.error}`)
}

interface ParkedRow {
  readonly projection: string
  readonly stream: string
  readonly revision: number
  readonly heldRevision: number
  readonly type: string
  readonly error: string
  readonly parkedAt: string
}

const listParked = async (connection: Connection, json: boolean | undefined): Promise<void> => {
  const query = '{ parkedStreams { projection stream revision heldRevision type error parkedAt } }'
  const rows = (await graphql<{ parkedStreams: ParkedRow[] }>(connection, query)).parkedStreams
  const cells = ({ projection, stream, revision, heldRevision, type, error }: ParkedRow): string[] => [
    ...[projection, stream, `${type} ${revision}`, String(heldRevision - revision), error],
  ]
  console.log(json ? JSON.stringify(rows) : table(['PROJECTION', 'STREAM', 'EVENT', 'BEHIND IT', 'ERROR'], rows.map(cells)))
}

const mutations = {
  retry: 'mutation ($name: String!) { retryProjection(name: $name) { projection { name } } }',
  pause: 'mutation ($name: String!) { pauseProjection(name: $name) { projection { name } } }',
  resume: 'mutation ($name: String!) { resumeProjection(name: $name) { projection { name } } }',
} as const
const retryStream =
  'mutation ($name: String!, $stream: String!) { retryParkedStream(projection: $name, stream: $stream) { projection { name } } }'

const isMutation = (word: string): word is keyof typeof mutations => Object.hasOwn(mutations, word)

const change = async (connection: Connection, word: keyof typeof mutations, [name, stream, ...more]: readonly string[]): Promise<void> => {
  if (name === undefined || more.length > 0 || (stream !== undefined && word !== 'retry'))
    throw new UsageError(`projections ${word} takes the name of a projection${word === 'retry' ? ', and of a stream' : ''}`)
  await graphql(connection, stream === undefined ? mutations[word] : retryStream, { name, ...(stream !== undefined && { stream }) })
}

export const projections = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options: instanceOptions, allowPositionals: true })
  const [word, ...names] = positionals
  if (word !== undefined && word !== 'parked' && !isMutation(word))
    throw new UsageError(`projections takes parked, retry, pause or resume, not "${word}"`)
  const connection = await connect(values)
  if (word === 'parked') await listParked(connection, values.json)
  else {
    if (word !== undefined) await change(connection, word, names)
    await list(connection, values.json)
  }
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
