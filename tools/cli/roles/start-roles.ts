import type { Owner as OwnerUser } from '@weconnect/admin/admin'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Check, Gateway } from '@weconnect/gateway/face'
import { type Connection, openPool, type Pool } from '@weconnect/postgres/pool'
import type { Projector } from '@weconnect/projections/runner/face'
import { checkStores } from '@weconnect/projections/stores'
import { sampleQueues } from '@weconnect/queue/samples'
import { clock } from '../owner/clock.ts'
import { openExecutionsHere, openExecutionsOfOthers, type PublicAddress, type RunningExecutions } from './executions.ts'
import type { Foundation } from './foundation.ts'
import { ensureOwner, realtimeOn, startHttp } from './http.ts'
import { standByForProjections, startProjections, watchProjections } from './projections.ts'
import { startRelay } from './relay.ts'
import type { Role } from './roles.ts'
import { schedulesOfOthers, startScheduler } from './scheduler.ts'
import { openShared } from './shared.ts'
import { startTriggers } from './triggers.ts'
import { watchServers } from './watched-servers.ts'
import { openWebhooks } from './webhooks.ts'

export interface StartedRoles {
  readonly http: Gateway
  /** Where the API runs. */
  readonly user: OwnerUser | undefined
}

/**
 * Starts roles in this process, and what they need of each other; roles that run in other processes are reached through the log and the read models. What is
 * started is closed in reverse.
 * @param database of the read models; waited for when it is needed
 * @throws WeConnectError CONFIG_INVALID, UNAVAILABLE
 */
export const startRoles = async (
  foundation: Foundation,
  roles: ReadonlySet<Role>,
  database: Promise<Connection | string>,
): Promise<StartedRoles> => {
  const { settings, registrations, credentials } = foundation
  const has = (...names: readonly Role[]): boolean => names.some((name) => roles.has(name))
  const address: PublicAddress = { url: settings.publicUrl ?? `http://${settings.host}:${settings.port}` }
  const checks: Record<string, Check> = {}
  const shared = await openShared(foundation)
  const running = has('engine') ? await openExecutionsHere(foundation, address, shared) : openExecutionsOfOthers(foundation, address)
  const user = has('gateway') ? await ensureOwner(foundation) : undefined
  if (has('gateway', 'webhooks')) await registrations.start()
  if (has('gateway', 'webhooks', 'engine')) await credentials.start()
  if (has('gateway', 'projections')) await checkStores(settings.stores)
  const models = has('gateway', 'projections') ? await readModelsOf(foundation, has('projections'), await database) : undefined
  const relay = has('relay') ? await startRelay(foundation, kafkaOf(foundation)) : undefined
  await startEngine(foundation, running, checks)
  const scheduler = has('scheduler') ? await startScheduler(foundation, running) : undefined
  if (has('scheduler')) await startTriggers(foundation, running)
  if (has('gateway')) await sampleQueues(shared.queues, shared.live, clock.now)
  const webhooks = has('webhooks', 'gateway') ? openWebhooks(foundation, running, shared, await database) : undefined
  const api =
    has('gateway') && models && webhooks
      ? {
          ...{ ...models, executions: running.executions, testWebhooks: webhooks.ingress.tests },
          schedules: scheduler?.schedules ?? (await schedulesOfOthers(foundation)),
        }
      : undefined
  const doors = {
    plugins: webhooks ? [has('webhooks') ? webhooks.plugin : webhooks.testPlugin] : [],
    attach: has('realtime') ? [realtimeOn(foundation, shared)] : [],
  }
  const http = await startHttp(
    foundation,
    shared,
    {
      checks,
      servers: await watchServers(foundation),
      ...models,
      ...(relay && { relay }),
      ...(running.engine && { engine: () => running.runs.status() }),
    },
    doors,
    api,
    address,
  )
  address.url = settings.publicUrl ?? http.url
  return { http, user }
}

/** The read models, kept by this process or by another. */
const readModelsOf = async (
  foundation: Foundation,
  isRunner: boolean,
  database: Connection | string,
): Promise<{ readonly sql: Pool; readonly projector: Projector }> => {
  const { settings, closing } = foundation
  const sql = openPool(database, 6)
  closing.add(() => sql.close())
  if (!isRunner) return { sql, projector: watchProjections(foundation, sql) }
  const isOnlyOne = !settings.isShared
  return { sql, projector: isOnlyOne ? startProjections(foundation, database) : standByForProjections(foundation, database, sql) }
}

const startEngine = async (
  { closing }: Foundation,
  { engine, operations = [], serve }: RunningExecutions,
  checks: Record<string, Check>,
): Promise<void> => {
  if (!engine) return
  serve?.()
  await engine.start()
  closing.add(() => engine.close())
  for (const operation of operations) {
    await operation.start()
    closing.add(() => operation.close())
  }
  checks['engine'] = async () => (engine.status().ready ? undefined : 'recovering')
}

const kafkaOf = ({ settings: { kafka } }: Foundation) => {
  if (kafka) return kafka
  throw new WeConnectError('CONFIG_INVALID', 'KAFKA_BROKERS is not set: name the brokers to publish to, as host:port,host:port')
}
