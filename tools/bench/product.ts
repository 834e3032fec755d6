import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { answers, freePorts } from '@weconnect/engines/ports'
import { peakNodeMemory, type Usage, usageOf } from './usage.ts'

const launcher = fileURLToPath(new URL('../../weconnect', import.meta.url))
const startLimitMs = 120_000
const stopLimitMs = 20_000

/** A running WeConnect, driven from outside as a user would. */
export interface Product {
  readonly port: number
  /** Of the owner. */
  readonly token: string
  /** From the start of the process until /ready said 200. */
  readonly startMs: number
  query<Data>(query: string, variables?: object): Promise<Data>
  usage(): Usage | undefined
  /** Highest resident memory so far of its Node processes together, megabytes; -1 where it cannot be told. */
  peakNodeMemory(): number
  stop(): Promise<void>
}

/**
 * A new folder whose `data` is for one product. Others may enter it: started by root, PostgreSQL runs as another user, and would else keep its
 * files elsewhere on the system, where nobody removes them.
 */
export const newFolder = (): { readonly folder: string; readonly data: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'weconnect-product-'))
  const data = join(folder, 'data')
  mkdirSync(data)
  for (const path of [folder, data]) chmodSync(path, 0o755)
  return { folder, data }
}

/** Starts `weconnect up` on this data folder and waits until it is ready. */
export const startProduct = async (data: string, env: Readonly<Record<string, string>> = {}): Promise<Product> => {
  const [port = 0] = await freePorts(1)
  const started = performance.now()
  const child = spawn(launcher, ['up', '--port', String(port), '--data', data], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      output = (output + text.toString()).slice(-4000)
    })
  const exited = once(child, 'exit')
  const alive = (): boolean => child.exitCode === null && child.signalCode === null
  while (!(await answers(`http://127.0.0.1:${port}/ready`))) {
    if (!alive() || performance.now() - started > startLimitMs) {
      child.kill('SIGKILL')
      throw new Error(`weconnect up did not become ready:\n${output}`)
    }
    await wait(20)
  }
  const startMs = performance.now() - started
  const token = await ownerToken(data)
  return {
    port,
    token,
    startMs,
    query: (query, variables = {}) => graphql(port, token, query, variables),
    usage: () => (child.pid === undefined ? undefined : usageOf(child.pid)),
    peakNodeMemory: () => (child.pid === undefined ? -1 : peakNodeMemory(child.pid)),
    stop: async () => {
      if (alive()) child.kill('SIGTERM')
      const hard = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
      await exited
      clearTimeout(hard)
    },
  }
}

const ownerToken = async (data: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(launcher, ['token', '--data', data])
  const token = /[\w-]+\.[\w-]+\.[\w-]+/.exec(stdout)?.[0]
  if (token === undefined) throw new Error('weconnect token printed no token')
  return token
}

const graphql = async <Data>(port: number, token: string, query: string, variables: object): Promise<Data> => {
  const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = (await answer.json()) as { data?: Data; errors?: readonly { message: string }[] }
  if (errors !== undefined || data === undefined || data === null)
    throw new Error(`GraphQL: ${errors?.map(({ message }) => message).join('; ') ?? answer.status}`)
  return data
}

/** Imports an n8n file with one workflow and makes it live. */
export const activate = async (product: Product, file: object): Promise<string> => {
  const { importWorkflow } = await product.query<{ importWorkflow: { workflows: readonly { workflow: { id: string } }[] } }>(
    'mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } } } }',
    { json: file },
  )
  const id = importWorkflow.workflows[0]?.workflow.id
  await product.query('mutation ($id: ID!) { activateWorkflow(workflowId: $id) { version } }', { id })
  return id ?? ''
}

export interface ProjectionState {
  readonly name: string
  readonly status: string
  readonly position: string | null
  /** Events of the log that are not applied yet. */
  readonly lag: number
}
export const projections = async (product: Product): Promise<readonly ProjectionState[]> =>
  (await product.query<{ projections: readonly ProjectionState[] }>('{ projections { name status position lag } }')).projections

/** Waits until every projection has applied everything. @returns milliseconds it took; undefined when `limitMs` was not enough */
export const caughtUp = async (product: Product, limitMs: number): Promise<number | undefined> => {
  const start = performance.now()
  while (performance.now() - start < limitMs) {
    if ((await projections(product)).every(({ lag, status }) => lag === 0 && status === 'running')) return performance.now() - start
    await wait(25)
  }
  return undefined
}
