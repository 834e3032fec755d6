import { hostname } from 'node:os'
import gossip from '@eventstore/db-client/generated/gossip_grpc_pb.js'
import persistent from '@eventstore/db-client/generated/persistent_grpc_pb.js'
import features from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js'
import streams from '@eventstore/db-client/generated/streams_grpc_pb.js'
import accounts from '@eventstore/db-client/generated/users_grpc_pb.js'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { EventStore } from '../port.ts'
import { openAccess } from './access.ts'
import { appendService, removalServices } from './append-service.ts'
import { batchAppendService } from './batch-append-service.ts'
import { featuresService, gossipService } from './cluster-service.ts'
import { openGroups } from './persistent/groups.ts'
import { persistentService } from './persistent/service.ts'
import { readService } from './read-service.ts'
import { openStreamLog } from './stream-log.ts'
import { onlyAdmin, openUsers } from './users.ts'
import { usersService } from './users-service.ts'

export interface EventStoreServer {
  /** The one it listens on. */
  readonly port: number
  /** Whether the accounts were made at this start, with the password that was given. */
  readonly accountsMade: boolean
  close(): Promise<void>
}

export interface EventStoreServerOptions {
  readonly store: EventStore
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
  /** Absent: in the clear, and everybody may do what an administrator may. The password is that of the first accounts. */
  readonly tls?: { readonly certificate: Buffer; readonly key: Buffer; readonly adminPassword: string }
  /** Nobody may change anything by this door: for a log that WeConnect itself writes. */
  readonly readOnly?: boolean
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const maxMessageBytes = 17 * 1024 * 1024

const credentials = (tls: EventStoreServerOptions['tls']): ServerCredentials =>
  tls === undefined
    ? ServerCredentials.createInsecure()
    : ServerCredentials.createSsl(null, [{ cert_chain: tls.certificate, private_key: tls.key }], false)

const listen = (server: Server, address: string, how: ServerCredentials): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(address, how, (error, port) => {
      if (error)
        reject(new WeConnectError('CONFIG_INVALID', `The event store cannot listen on ${address}: ${error.message}`, { cause: error }))
      else resolve(port)
    })
  })

/** The name that clients are told: certificates are for names, and an address that means all of this machine is none. */
const nameOf = (host: string): string => {
  if (host === '0.0.0.0' || host === '::') return hostname()
  return host === '127.0.0.1' || host === '::1' ? 'localhost' : host
}

const shutdownMs = 1000

/** Lets running calls end, for a moment. */
const shutDown = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const force = setTimeout(() => server.forceShutdown(), shutdownMs)
    server.tryShutdown(() => {
      clearTimeout(force)
      resolve()
    })
  })

/**
 * Serves an event log by the EventStoreDB protocol (gRPC), so that any client of EventStoreDB or KurrentDB can use it.
 * @throws WeConnectError CONFIG_INVALID when it cannot listen there, or the certificate is none
 */
export const startEventStoreServer = async (options: EventStoreServerOptions): Promise<EventStoreServer> => {
  const { store, host, tls, readOnly = false, now } = options
  const log = openStreamLog({ store, now })
  const users = openUsers({ log, now })
  const accountsMade = tls !== undefined && !readOnly && (await users.ensureDefaults(tls.adminPassword))
  const access = openAccess({ log, users: tls && (readOnly ? onlyAdmin(tls.adminPassword) : users), readOnly })
  const server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
  })
  // A log that is only shown has no groups: they would have to write how far they are.
  const groups = readOnly ? undefined : await openGroups(log, now)
  let port = 0
  const services = [
    streams.StreamsService,
    persistent.PersistentSubscriptionsService,
    accounts.UsersService,
    gossip.GossipService,
    features.ServerFeaturesService,
  ]
  server.addService(streams.StreamsService, {
    read: readService(log, access),
    append: appendService(log, access),
    batchAppend: batchAppendService(log, access, now),
    ...removalServices(log, access),
  })
  if (groups) server.addService(persistent.PersistentSubscriptionsService, persistentService(groups, access))
  server.addService(accounts.UsersService, usersService(users, access))
  server.addService(gossip.GossipService, { read: gossipService(nameOf(host), () => port, now) })
  server.addService(features.ServerFeaturesService, { getSupportedMethods: featuresService(services) })
  port = await listen(server, `${host}:${options.port}`, credentials(tls))
  return {
    port,
    accountsMade,
    close: async () => {
      await groups?.close()
      await shutDown(server)
    },
  }
}
