import { randomBytes, randomUUID } from 'node:crypto'
import { type Admin, openAdmin } from '@weconnect/admin/admin'
import { openCredentialConnections } from '@weconnect/connectors/connect-credential'
import { openCredentialTest } from '@weconnect/connectors/test-credential'
import type { Gateway, GatewayOptions, GatewayParts, Telemetry } from '@weconnect/gateway/face'
import { startGateway } from '@weconnect/gateway/gateway'
import { parseEgressAllow } from '@weconnect/http/address-guard'
import { openEgress } from '@weconnect/http/egress'
import { openSmtp } from '@weconnect/mail/smtp'
import { builtInNodes } from '@weconnect/nodes/built-in/all'
import { openNodeRegistry } from '@weconnect/nodes/registry'
import { readModels } from '@weconnect/projections/read-models'
import type { Projector } from '@weconnect/projections/runner/face'
import { startProjectionRunner } from '@weconnect/projections/runner/runner'
import { openReads } from '@weconnect/projections/stores'
import { openEmbeddedQueues } from '@weconnect/queue/embedded'
import { startRealtime } from '@weconnect/realtime/realtime'
import { openEmbeddedLive } from '@weconnect/redis/live-embedded'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { openKeptListeners } from '@weconnect/webhooks/kept-listeners'
import { webhookRoutes } from '@weconnect/webhooks/plugin'
import Fastify from 'fastify'
import { type EngineFixture, type FixtureOptions, openEngineFixture, timerAfter } from './engine-fixture.ts'
import { testDatabase } from './postgres.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into, not trusted
  readonly data: any
  readonly errors: readonly {
    readonly message: string
    readonly path?: readonly (string | number)[]
    readonly extensions: { readonly code: string; readonly problems?: unknown; readonly errorId?: string }
  }[]
}

export interface TestInstance extends EngineFixture {
  readonly url: string
  readonly admin: Admin
  readonly projector: Projector
  readonly parts: GatewayParts
  /** Of the owner. */
  readonly token: string
  readonly logged: unknown[]
  /** Moves the clock that tokens and throttles see. */
  readonly advance: (ms: number) => void
  /** `token` null: without one. */
  graphql(query: string, variables?: object, token?: string | null): Promise<Answer>
  close(): Promise<void>
}

export interface InstanceOptions extends Partial<GatewayOptions> {
  /** Goes on with the log of an earlier instance. */
  readonly folder?: string
  readonly bodyIdleMs?: number
  /** Of the schedules; the real one when absent. */
  readonly time?: FixtureOptions['time']
}

export const password = 'correct horse battery'

/** Everything in this process, on a real log and a real PostgreSQL. */
export const startTestInstance = async ({ folder: earlier, bodyIdleMs, time, ...options }: InstanceOptions = {}): Promise<TestInstance> => {
  let ahead = 0
  const now = () => Date.now() + ahead
  const database = await testDatabase()
  const fixture = await openEngineFixture({
    now,
    listeners: openKeptListeners(database.pool),
    ...(earlier !== undefined && { folder: earlier }),
    ...(time && { time }),
  })
  const { journal, store, workflows, executions, ingress, waiting, credentials, folder } = fixture
  const allow = parseEgressAllow('127.0.0.0/8')
  const egress = openEgress({ allow })
  const projector = await startProjectionRunner({
    journal,
    pool: database.pool,
    projections: readModels,
    timers: { now: Date.now, after: (ms, call) => cancelOf(setTimeout(call, ms)) },
  })
  const keyring = openKeyFile(`${folder}/keys.json`)
  const admin = openAdmin({ journal, keyring, newId: randomUUID, now, random: randomBytes })
  const owner = await admin.ensureOwner({ email: 'owner@example.org', password })
  const { token } = await admin.issueToken(owner.userId)
  const logged: unknown[] = []
  const address = { url: '' }
  const parts: GatewayParts = {
    ...{ admin, workflows, executions, journal, store, projector, sql: database.pool, now },
    reads: await openReads({}, database.pool),
    registry: openNodeRegistry(builtInNodes),
    telemetry: silentTelemetry(logged),
    testWebhooks: ingress.tests,
    schedules: fixture.scheduler.schedules,
    credentials,
    connections: openCredentialConnections({
      ...{ credentials, egress, now, publicUrl: () => address.url },
      key: keyring.derive('oauth2 state'),
      newVerifier: () => randomBytes(32).toString('hex'),
    }),
    testCredential: openCredentialTest(egress, openSmtp({ allow }), { credentials, now, newNonce: randomUUID }),
    queues: openEmbeddedQueues({ now: Date.now, after: timerAfter }),
    live: openEmbeddedLive(),
    checks: { engine: async () => undefined },
    newId: randomUUID,
  }
  const attach = [
    (httpServer: Parameters<NonNullable<GatewayOptions['attach']>[number]>[0]) =>
      startRealtime({ httpServer, admin, journal, now, frontendUrls: [], report: (error) => logged.push(error) }),
  ]
  const gateway: Gateway = await startGateway(parts, {
    host: '127.0.0.1',
    port: 0,
    frontendUrls: ['https://front.example'],
    attach,
    plugins: [
      async (app) =>
        void (await app.register(webhookRoutes, { ingress, waiting, after: timerAfter, ...(bodyIdleMs !== undefined && { bodyIdleMs }) })),
    ],
    ...options,
  })
  address.url = gateway.url
  const stopEdge = async (): Promise<void> => {
    await gateway.close()
    await projector.close()
    await egress.close()
    await database.close()
  }
  return {
    ...fixture,
    ...{ url: gateway.url, admin, projector, parts, token, logged },
    advance: (ms) => {
      ahead += ms
    },
    graphql: (query, variables, as = token) => ask(gateway.url, query, variables, as),
    stop: async () => {
      await stopEdge()
      await fixture.stop()
    },
    close: async () => {
      await stopEdge()
      await fixture.close()
    },
  }
}

const cancelOf = (timer: NodeJS.Timeout) => () => clearTimeout(timer)

const silentTelemetry = (logged: unknown[]): Telemetry => {
  const { log } = Fastify({ logger: { level: 'error', stream: { write: (line: string) => void logged.push(JSON.parse(line)) } } })
  const gauges: string[] = []
  return {
    log,
    request: () => undefined,
    gauge: (name, _, values) => void gauges.push(...values.map(({ value }) => `${name} ${value}`)),
    exposition: async () => ({ contentType: 'text/plain; version=0.0.4', text: gauges.join('\n') }),
  }
}

const ask = async (url: string, query: string, variables: object | undefined, token: string | null): Promise<Answer> => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors = [] } = (await response.json()) as Pick<Answer, 'data' | 'errors'>
  return { status: response.status, headers: response.headers, data, errors }
}
