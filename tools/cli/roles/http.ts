import type { Owner as OwnerUser } from '@weconnect/admin/admin'
import { openCredentialConnections } from '@weconnect/connectors/connect-credential'
import { openCredentialTest } from '@weconnect/connectors/test-credential'
import type { Gateway, GatewayParts, ServerOptions, ServerParts } from '@weconnect/gateway/face'
import { startGateway } from '@weconnect/gateway/gateway'
import { startServer } from '@weconnect/gateway/server'
import { registerNodes } from '@weconnect/nodes/register-nodes'
import { openReads } from '@weconnect/projections/stores'
import { startRealtime } from '@weconnect/realtime/realtime'
import { newId, newSeed } from '../owner/chance.ts'
import { after, clock } from '../owner/clock.ts'
import type { PublicAddress } from './executions.ts'
import type { Foundation } from './foundation.ts'
import type { Shared } from './shared.ts'

/** The account and the node types that the API needs; whoever starts first makes them. */
export const ensureOwner = async ({ settings, admin, journal, registry }: Foundation): Promise<OwnerUser> => {
  const { ownerEmail: email, ownerPassword: password } = settings
  const user = await admin.ensureOwner({ email, ...(password !== undefined && { password }) })
  await registerNodes(journal, registry, user.organisationId)
  return user
}

/** The push stream, attached to the server of its process. */
export const realtimeOn =
  ({ settings: { frontendUrls }, admin, journal, report }: Foundation, { redis }: Shared): NonNullable<ServerOptions['attach']>[number] =>
  (httpServer) =>
    startRealtime({
      ...{ httpServer, admin, journal, frontendUrls, now: clock.now, adapter: redis?.sockets() },
      report: (error) => report(error, 'realtime'),
    })

/** What the API needs of other roles, here or elsewhere. */
export type ApiParts = Pick<GatewayParts, 'projector' | 'sql' | 'testWebhooks' | 'schedules' | 'executions'>

/** The one HTTP server of a process: with the API, or only with what its roles bring. */
export const startHttp = async (
  foundation: Foundation,
  { queues, live, redis }: Shared,
  parts: Pick<ServerParts, 'checks' | 'servers' | 'sql' | 'projector' | 'relay' | 'engine'>,
  doors: Pick<ServerOptions, 'plugins' | 'attach'>,
  api: ApiParts | undefined,
  address: PublicAddress,
): Promise<Gateway> => {
  const { settings, closing, admin, workflows, journal, store, registry, telemetry, credentials, egress, mailer, keyring } = foundation
  const { host, port, frontendUrls, drainMs, lingerMs, trustedProxies } = settings
  const server = { store, telemetry, newId, queues, ...(redis && { redis: redis.status }), ...parts }
  const proxies = trustedProxies !== undefined && { trustProxy: trustedProxies }
  const options = { host, port, drainMs, lingerMs, after, ...proxies, ...doors }
  const reads = api && (await openReads(settings.stores, api.sql))
  if (reads) closing.add(() => reads.close())
  const gateway = reads
    ? await startGateway(
        {
          ...{ ...server, ...api, reads, live, admin, workflows, journal, registry, credentials, now: clock.now },
          connections: openCredentialConnections({
            ...{ credentials, egress, now: clock.now, publicUrl: () => address.url },
            key: keyring.derive('oauth2 state'),
            newVerifier: () => newSeed() + newSeed(),
          }),
          testCredential: openCredentialTest(egress, mailer, { credentials, now: clock.now, newNonce: newSeed }),
        },
        { ...options, frontendUrls, ...(redis && { throttle: redis.throttle }) },
      )
    : await startServer(server, options)
  closing.add(() => gateway.close())
  return gateway
}
