import type { Server as HttpServer } from 'node:http'
import type { Admin } from '@weconnect/admin/admin'
import type { CredentialConnections } from '@weconnect/connectors/connect-credential'
import type { Credentials } from '@weconnect/connectors/credentials'
import type { TestCredential } from '@weconnect/connectors/test-credential'
import type { Context } from '@weconnect/contracts/envelope'
import type { Journal } from '@weconnect/eventstore/journal'
import type { EventStore } from '@weconnect/eventstore/port'
import type { Executions } from '@weconnect/executions/face'
import type { Rate, Throttle } from '@weconnect/http/token-bucket'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { Sql } from '@weconnect/postgres/pool'
import type { Projector } from '@weconnect/projections/runner/face'
import type { Reads } from '@weconnect/projections/stores'
import type { Queues } from '@weconnect/queue/port'
import type { RedisState } from '@weconnect/redis/connect'
import type { LiveMessages } from '@weconnect/redis/live-port'
import type { Relay } from '@weconnect/relay/face'
import type { Schedules } from '@weconnect/scheduler/face'
import type { Workflows } from '@weconnect/workflows/face'
import type { FastifyBaseLogger, FastifyPluginAsync } from 'fastify'

/** Logs and metrics, as the gateway uses them. */
export interface Telemetry {
  readonly log: FastifyBaseLogger
  /** Records one answered request. */
  request(labels: { readonly method: string; readonly route: string; readonly status: number }, seconds: number): void
  /** Sets a gauge; called when the metrics are read. */
  gauge(name: string, help: string, values: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]): void
  /** All metrics of the process in Prometheus' text format. */
  exposition(): Promise<{ readonly contentType: string; readonly text: string }>
}

/** Whether a server answers that a process needs now and then. */
export type ServerState = { readonly state: 'up' } | { readonly state: 'down'; readonly problem: string }

/** Says what is wrong, or nothing. */
export type Check = () => Promise<string | undefined>

/** Addresses that run a draft once, for the one who listens. */
export interface TestWebhooks {
  /**
   * @param seconds 1 to 3600
   * @throws WeConnectError NOT_FOUND, INVALID_INPUT when the workflow has no webhook, WEBHOOK_PATH_TAKEN
   */
  listen(
    workflowId: string,
    context: Context,
    seconds?: number,
  ): Promise<{ readonly urls: readonly { readonly method: string; readonly path: string }[]; readonly expiresAt: string }>
  /** @returns whether anybody listened */
  stop(workflowId: string, context: Context): Promise<boolean>
}

/** What every process has that serves HTTP. */
export interface ServerParts {
  readonly store: EventStore
  readonly telemetry: Telemetry
  /** Of the read models, where the process uses them. */
  readonly sql?: Sql
  /** Where the process knows about the read models. */
  readonly projector?: Pick<Projector, 'status'>
  /** What /ready asks beside the log, PostgreSQL and the projections: the engine, for one. */
  readonly checks: Readonly<Record<string, Check>>
  /** Executions that run here, and that wait here for a place; absent where there is no engine. */
  readonly engine?: () => { readonly running: number; readonly queued: number }
  /** Publishes events to topics; absent where it does not run. */
  readonly relay?: Pick<Relay, 'status'>
  readonly queues: Queues
  /** What processes share for the moment; absent when no Redis is set. */
  readonly redis?: () => RedisState
  /** Of large payloads and keys, by their names, where they are servers. */
  readonly servers?: Readonly<Record<string, () => ServerState>>
  /** Lower-case UUID. */
  readonly newId: () => string
}

export interface GatewayParts extends ServerParts {
  readonly admin: Admin
  readonly workflows: Workflows
  readonly executions: Executions
  readonly journal: Journal
  readonly projector: Projector
  /** Of the read models. */
  readonly sql: Sql
  /** Of the read models that another server than PostgreSQL may keep. */
  readonly reads: Reads
  readonly registry: NodeRegistry
  readonly testWebhooks: TestWebhooks
  readonly schedules: Schedules
  readonly credentials: Credentials
  readonly testCredential: TestCredential
  readonly connections: CredentialConnections
  readonly live: LiveMessages
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export interface ServerOptions {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  /** Whose X-Forwarded-* headers are believed: addresses and ranges (10.0.0.0/8) of proxies, with commas between; true: everybody's. Default: nobody's. */
  readonly trustProxy?: boolean | string
  /** Public routes that bring their own limits and errors: webhooks, and later the console. */
  readonly plugins?: readonly FastifyPluginAsync[]
  /** Takes part of the same HTTP server: the push stream. */
  readonly attach?: readonly ((server: HttpServer) => { close(): Promise<void> })[]
  /** Milliseconds that requests under way have when it closes; 0, the default: none. */
  readonly drainMs?: number
  /** Milliseconds for which it says that it is not ready, and goes on, before it closes. Default: 0. */
  readonly lingerMs?: number
  /** Needed for those two: calls after so many milliseconds. @returns what cancels it */
  readonly after?: (ms: number, call: () => void) => () => void
}

export interface GatewayOptions extends ServerOptions {
  /** Origins of pages that may call the API, besides our own; `*` = all. From FRONTEND_URLS. */
  readonly frontendUrls: readonly string[]
  /** Requests of one user, or of one address without a token. Default: 1,000 at once, 300 a second. */
  readonly rate?: Rate
  /** Sign-ins from one address. Default: 10 at once, 1 in 6 seconds. */
  readonly signInRate?: Rate
  /** Counts against a limit, by name; default: in this process. */
  readonly throttle?: (name: string, rate: Rate) => Throttle
}

export interface Gateway {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}
