import type { ServerOptions } from '@weconnect/gateway/face'
import { type Connection, openPool } from '@weconnect/postgres/pool'
import { openCallStatistics } from '@weconnect/webhooks/call-statistics'
import { type Ingress, openIngress } from '@weconnect/webhooks/ingress'
import { openKeptListeners } from '@weconnect/webhooks/kept-listeners'
import { testWebhookRoutes, webhookRoutes } from '@weconnect/webhooks/plugin'
import { openWaitingDoor } from '@weconnect/webhooks/waiting'
import { newId } from '../owner/chance.ts'
import { after, clock } from '../owner/clock.ts'
import type { RunningExecutions } from './executions.ts'
import type { Foundation } from './foundation.ts'
import type { Shared } from './shared.ts'

/** The doors that callers knock at. */
export interface Webhooks {
  readonly ingress: Ingress
  readonly plugin: NonNullable<ServerOptions['plugins']>[number]
  /** Only those that run drafts: a person at the API listens there. */
  readonly testPlugin: NonNullable<ServerOptions['plugins']>[number]
}

export const openWebhooks = (
  { registrations: { routes, count: write }, workflows, registry, credentials, journal, closing, report, settings }: Foundation,
  { runs: engine, signatures }: RunningExecutions,
  { redis }: Shared,
  database: Connection | string,
): Webhooks => {
  const statistics = openCallStatistics({ write, after, onError: (error) => report(error, 'counts of webhook calls') })
  closing.add(() => statistics.close())
  // Of its own: calls that nobody waits for are asked about too, and must not hold up the API.
  const sql = openPool(database, 1)
  closing.add(() => sql.close())
  const ingress = openIngress({
    ...{ routes, workflows, registry, engine, credentials, newId, now: clock.now, after, journal, statistics, throttle: redis?.throttle },
    listeners: openKeptListeners(sql),
  })
  const waiting = openWaitingDoor({ journal, workflows, registry, engine, signatures, credentials, now: clock.now })
  const maxUploadBytes = settings.maxUploadMib * 1024 * 1024
  return {
    ingress,
    plugin: async (app) => void (await app.register(webhookRoutes, { ingress, waiting, after, maxUploadBytes })),
    testPlugin: async (app) => void (await app.register(testWebhookRoutes, { ingress, after, maxUploadBytes })),
  }
}
