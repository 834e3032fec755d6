import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openTokens } from '@weconnect/admin/tokens'
import type { JsonObject } from '@weconnect/contracts/json'
import { answers } from '@weconnect/engines/ports'
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '@weconnect/postgres/embedded'
import type { Connection } from '@weconnect/postgres/pool'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { openMasterKey } from '@weconnect/secrets/master-key'
import { masterKeysFromVault } from '@weconnect/secrets/vault'

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))
const startLimitMs = 90_000

/** What `up` leaves in its data folder. */
interface Announced {
  readonly url: string
  readonly pid: number
  readonly owner: { readonly userId: string; readonly organisationId: string }
}

export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** `weconnect up` as a process of its own, driven from outside: what a user has, and what a power cut does to it. */
export interface Instance {
  readonly dataFolder: string
  /** Another one after each start; throws while it does not run. */
  url(): string
  pid(): number
  /** Everything that all its processes so far said. */
  output(): string
  token(): Promise<string>
  readonly graphql: Graphql
  /** Imports an n8n file with one workflow and makes it live. @returns its id */
  activate(file: JsonObject): Promise<string>
  /** One delivery to /webhook/PATH. */
  deliver(path: string, body: JsonObject, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Runs another command of the command line on this data folder. */
  command(...words: readonly string[]): Promise<CommandResult>
  /** Its PostgreSQL, which must run: how to reach it, and where its files are. */
  database(): Promise<{ readonly connection: Connection; readonly folder: string; readonly pid: number }>
  /** As a power cut: no handler runs. PostgreSQL is left behind. */
  kill9(): Promise<void>
  /** @returns milliseconds from the start of the process until /ready said 200 */
  restart(): Promise<number>
  /** @returns exit code after SIGTERM */
  stop(): Promise<number | null>
  /** Ends all that is left, also PostgreSQL, and removes the folder. */
  remove(): Promise<void>
}

export interface InstanceOptions {
  /** Default: a new temporary one, removed at the end. */
  readonly dataFolder?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Starts an instance and waits until it is ready. */
export const startInstance = async (options: InstanceOptions = {}): Promise<Instance> => {
  const instance = instanceOn(options)
  try {
    await instance.restart()
    return instance
  } catch (error) {
    await instance.remove()
    throw error
  }
}

export const runCommand = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> =>
  new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
    )
  })

/** @throws Error with the message of the first GraphQL error */
export type Graphql = <Data>(query: string, variables?: JsonObject) => Promise<Data>

export const graphqlAt = async <Data>(url: string, token: string | undefined, query: string, variables: JsonObject = {}): Promise<Data> => {
  const headers = { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) }
  const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
  const { data, errors } = (await answer.json()) as { data?: Data; errors?: readonly { message: string }[] }
  if (errors !== undefined || !data) throw new Error(`GraphQL: ${errors?.map(({ message }) => message).join('; ') ?? answer.status}`)
  return data
}

const instanceOn = ({ dataFolder: given, env = {} }: InstanceOptions): Instance => {
  const dataFolder = given ?? join(mkdtempSync(join(tmpdir(), 'weconnect-promise-')), 'data')
  const owner = ownerProcess(dataFolder, env)
  const token = async (): Promise<string> => {
    const { VAULT_ADDR: address, VAULT_TOKEN: vaultToken = '' } = env
    const keyring =
      address === undefined
        ? openKeyFile(join(dataFolder, 'keys.json'))
        : openMasterKey(
            await masterKeysFromVault({ address, token: vaultToken, namespace: undefined, mount: 'transit', keyName: 'weconnect' }),
          )
    const tokens = openTokens(keyring.derive('jwt'))
    const { userId, organisationId } = owner.announced().owner
    const principal = { userId, organisationId, role: 'owner' as const }
    return tokens.issue({ principal, tokenId: randomUUID(), nowMs: Date.now(), ttlSeconds: 3600 })
  }
  const graphql: Graphql = async (query, variables) => graphqlAt(owner.announced().url, await token(), query, variables)
  return {
    dataFolder,
    url: () => owner.announced().url,
    pid: () => owner.announced().pid,
    output: owner.output,
    token,
    graphql,
    activate: (file) => activate(graphql, file),
    deliver: (path, body, headers = {}) =>
      fetch(`${owner.announced().url}/webhook/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    command: (...words) => runCommand([...words, '--data', dataFolder], env),
    database: () => startEmbeddedPostgres({ folder: join(dataFolder, 'postgres'), log: () => {} }),
    kill9: () => owner.end('SIGKILL').then(() => undefined),
    restart: owner.start,
    stop: () => owner.end('SIGTERM'),
    remove: async () => {
      await owner.end('SIGKILL')
      await removeEmbeddedPostgres(join(dataFolder, 'postgres'))
      if (given === undefined) rmSync(join(dataFolder, '..'), { recursive: true, force: true })
    },
  }
}

/** Imports an n8n file with one workflow and makes it live. @returns its id */
export const activate = async (graphql: Graphql, file: JsonObject): Promise<string> => {
  const { importWorkflow } = await graphql<{ importWorkflow: { workflows: readonly { workflow: { id: string } }[] } }>(
    'mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } } } }',
    { json: file },
  )
  const id = importWorkflow.workflows[0]?.workflow.id ?? ''
  await graphql('mutation ($id: ID!) { activateWorkflow(workflowId: $id) { version } }', { id })
  return id
}

/** The owner process of one data folder, one after the other. */
const ownerProcess = (dataFolder: string, env: Readonly<Record<string, string>>) => {
  let child: ChildProcess | undefined
  let announced: Announced | undefined
  let output = ''
  const note = (text: Buffer): void => {
    output += text.toString()
  }
  process.once('exit', () => child?.kill('SIGKILL'))
  const alive = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null

  const start = async (): Promise<number> => {
    if (alive()) throw new Error('it runs already')
    const began = performance.now()
    const started = spawn(process.execPath, [main, 'up', '--port', '0', '--data', dataFolder], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    started.stdout.on('data', note)
    started.stderr.on('data', note)
    for (;;) {
      announced = announcedBy(dataFolder, started.pid)
      if (announced !== undefined && (await answers(`${announced.url}/ready`))) return performance.now() - began
      if (!alive() || performance.now() - began > startLimitMs)
        throw new Error(`weconnect up did not become ready:\n${output.slice(-4000)}`)
      await sleep(5)
    }
  }

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    announced = undefined
    if (child === undefined) return null
    const exited = alive() ? once(child, 'exit') : undefined
    child.kill(signal)
    await exited
    return child.exitCode
  }

  return {
    start,
    end,
    output: () => output,
    announced: (): Announced => {
      if (announced === undefined) throw new Error('the instance does not run')
      return announced
    },
  }
}

/** What an earlier process left there does not count. */
const announcedBy = (dataFolder: string, pid: number | undefined): Announced | undefined => {
  try {
    const found = JSON.parse(readFileSync(join(dataFolder, 'instance.json'), 'utf8')) as Announced
    return found.pid === pid ? found : undefined
  } catch {
    return undefined
  }
}
