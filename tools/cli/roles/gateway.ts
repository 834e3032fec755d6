import { openCredentialConnections } from '@weconnect/connectors/connect-credential'
import { openCredentialTest } from '@weconnect/connectors/test-credential'
import type { Gateway, GatewayOptions, GatewayParts } from '@weconnect/gateway/face'
import { startGateway } from '@weconnect/gateway/gateway'
import { openReads } from '@weconnect/projections/stores'
import { startRealtime } from '@weconnect/realtime/realtime'
import { newId, newSeed } from '../owner/chance.ts'
import { clock } from '../owner/clock.ts'
import type { PublicAddress, RunningExecutions } from './executions.ts'
import type { Foundation } from './foundation.ts'
import type { Shared } from './shared.ts'

/** What other roles bring to the HTTP server. */
export type FromRoles = Pick<GatewayParts, 'projector' | 'sql' | 'testWebhooks' | 'schedules' | 'checks'> & {
  readonly relay: GatewayParts['relay'] | undefined
  readonly address: PublicAddress
  readonly plugins: NonNullable<GatewayOptions['plugins']>
}

/** Serves GraphQL, REST and the push stream. */
export const startGatewayOf = async (
  foundation: Foundation,
  { executions }: RunningExecutions,
  { queues, live, redis }: Shared,
  { plugins, relay, address, ...others }: FromRoles,
): Promise<Gateway> => {
  const { settings, closing, admin, workflows, journal, store, registry, telemetry, credentials, egress, mailer, keyring, report } =
    foundation
  const { host, port, frontendUrls, trustedProxies, stores } = settings
  const reads = openReads(stores, others.sql)
  closing.add(() => reads.close())
  const gateway = await startGateway(
    {
      ...{ admin, workflows, executions, journal, store, registry, telemetry, credentials, newId, now: clock.now, reads, ...others },
      ...{ queues, live, ...(redis && { redis: redis.status }) },
      ...(relay && { relay }),
      connections: openCredentialConnections({
        ...{ credentials, egress, now: clock.now, publicUrl: () => address.url },
        key: keyring.derive('oauth2 state'),
        newVerifier: () => newSeed() + newSeed(),
      }),
      testCredential: openCredentialTest(egress, mailer, { credentials, now: clock.now, newNonce: newSeed }),
    },
    {
      ...{ host, port, frontendUrls, plugins, ...(redis && { throttle: redis.throttle }) },
      ...(trustedProxies !== undefined && { trustProxy: trustedProxies }),
      attach: [
        (httpServer) =>
          startRealtime({
            ...{ httpServer, admin, journal, frontendUrls, now: clock.now, adapter: redis?.sockets() },
            report: (error) => report(error, 'realtime'),
          }),
      ],
    },
  )
  closing.add(() => gateway.close())
  return gateway
}
