import { randomBytes } from 'node:crypto'
import type { JsonObject } from '@weconnect/contracts/json'
import type { Connection, Pool } from '@weconnect/postgres/pool'
import { type EventStoreProcess, startEventStoreProcess } from './event-store-process.ts'
import { activate, type Graphql, graphqlAt } from './instance.ts'
import { testDatabase } from './postgres.ts'
import { type RoleProcess, startRoleProcess } from './role-process.ts'

/** The product as processes of its own that share nothing but an event store, a PostgreSQL, and what their environment says. */
export interface Cluster {
  readonly env: Readonly<Record<string, string>>
  readonly eventStore: EventStoreProcess
  readonly database: Connection
  readonly pool: Pool
  readonly processes: readonly RoleProcess[]
  /** Starts one more. */
  start(...words: readonly string[]): Promise<RoleProcess>
  /** By the API of a process with that role; the first that is alive unless given. */
  readonly graphql: Graphql
  /** Of the owner. */
  token(): Promise<string>
  /** Imports an n8n file with one workflow and makes it live. @returns its id */
  activate(file: JsonObject): Promise<string>
  /** One delivery to /webhook/PATH, to one process with webhooks after the other, as a load balancer does; to the next when one takes no connection. */
  deliver(path: string, body: JsonObject, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** What all processes said that looks like trouble. */
  output(): string
  remove(): Promise<void>
}

const owner = { email: 'owner@weconnect.local', password: 'correct horse battery' }

const addressOf = ({ host, port, user, database }: Connection): string =>
  `postgres://${user}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`

export const startCluster = async (more: Readonly<Record<string, string>> = {}): Promise<Cluster> => {
  const [eventStore, database] = await Promise.all([startEventStoreProcess(), testDatabase()])
  const env = {
    EVENTSTORE_URL: eventStore.url,
    POSTGRES_URL: addressOf(database.connection),
    WECONNECT_MASTER_KEY: randomBytes(32).toString('base64'),
    WECONNECT_OWNER_EMAIL: owner.email,
    WECONNECT_OWNER_PASSWORD: owner.password,
    ...more,
  }
  const processes: RoleProcess[] = []
  let turn = 0
  const living = (role: string): readonly RoleProcess[] => processes.filter(({ name, alive }) => name.split('+').includes(role) && alive())

  let token: Promise<string> | undefined
  const gatewayUrl = (): string => {
    const [gateway] = living('gateway')
    if (!gateway) throw new Error('no gateway is alive')
    return gateway.url
  }
  const ownerToken = (): Promise<string> => {
    token ??= signIn(gatewayUrl())
    return token
  }
  const graphql: Graphql = async (query, variables) => graphqlAt(gatewayUrl(), await ownerToken(), query, variables)
  return {
    ...{ env, eventStore, processes, graphql, database: database.connection, pool: database.pool, token: ownerToken },
    start: async (...words) => {
      const started = await startRoleProcess(words, env)
      processes.push(started)
      return started
    },
    activate: (file) => activate(graphql, file),
    deliver: async (path, body, headers = {}) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
      turn += 1
      const doors = processes.filter(({ name, serving }) => name === 'webhooks' && serving())
      for (const [index] of doors.entries()) {
        const { url } = doors[(turn + index) % doors.length] as RoleProcess
        const answer = await fetch(`${url}/webhook/${path}`, init).catch((error: unknown) => {
          if (!isRefused(error)) throw error
        })
        if (answer) return answer
      }
      throw new Error('no process with webhooks takes connections')
    },
    output: () => processes.map(({ name, output }) => `--- ${name}\n${output().slice(-6000)}`).join('\n'),
    remove: async () => {
      await Promise.all(processes.map((one) => one.kill9()))
      await eventStore.remove()
      await database.close()
    },
  }
}

/** Nothing was sent: the next may be asked. */
const isRefused = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'ECONNREFUSED'

const signIn = async (url: string): Promise<string> => {
  const query = 'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { token } }'
  const { signIn: signed } = await graphqlAt<{ signIn: { token: string } }>(url, undefined, query, owner)
  return signed.token
}
