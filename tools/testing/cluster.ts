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
  /** Imports an n8n file with one workflow and makes it live. @returns its id */
  activate(file: JsonObject): Promise<string>
  /** One delivery to /webhook/PATH, to one process with webhooks after the other, as a load balancer does. */
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
  const graphql: Graphql = async (query, variables) => {
    const [gateway] = living('gateway')
    if (!gateway) throw new Error('no gateway is alive')
    token ??= signIn(gateway.url)
    return graphqlAt(gateway.url, await token, query, variables)
  }
  return {
    ...{ env, eventStore, processes, graphql, database: database.connection, pool: database.pool },
    start: async (...words) => {
      const started = await startRoleProcess(words, env)
      processes.push(started)
      return started
    },
    activate: (file) => activate(graphql, file),
    deliver: async (path, body, headers = {}) => {
      const doors = living('webhooks')
      turn += 1
      const { url } = doors[turn % doors.length] ?? { url: 'http://127.0.0.1:1' }
      const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
      return fetch(`${url}/webhook/${path}`, init)
    },
    output: () => processes.map(({ name, output }) => `--- ${name}\n${output().slice(-6000)}`).join('\n'),
    remove: async () => {
      await Promise.all(processes.map((one) => one.kill9()))
      await eventStore.remove()
      await database.close()
    },
  }
}

const signIn = async (url: string): Promise<string> => {
  const query = 'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { token } }'
  const { signIn: signed } = await graphqlAt<{ signIn: { token: string } }>(url, undefined, query, owner)
  return signed.token
}
