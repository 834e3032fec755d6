import type { Position } from '@weconnect/contracts/envelope'
import type { ProjectionStatus } from '@weconnect/projections/runner/face'
import type { QueueStatistics } from '@weconnect/queue/port'
import type { FastifyPluginAsync } from 'fastify'
import type { ServerParts } from './face.ts'
import { readinessOf } from './readiness.ts'

/** In the embedded log the number of events that were ever appended; elsewhere a number that grows with them. */
const placeOf = (position: Position | undefined): number =>
  position === undefined ? 0 : Number(position.slice(position.lastIndexOf('-') + 1))

const projectionGauges = async ({ telemetry, projector }: ServerParts): Promise<void> => {
  if (projector === undefined) return
  const status = await projector.status()
  const byProjection = (value: (projection: ProjectionStatus) => number) =>
    status.map((projection) => ({ labels: { projection: projection.name }, value: value(projection) }))
  telemetry.gauge(
    'weconnect_projection_lag_events',
    'Events of the log that a read model has not applied yet',
    byProjection((p) => p.eventsBehind),
  )
  telemetry.gauge(
    'weconnect_projection_lag_seconds',
    'Age of the newest applied event while events are missing',
    byProjection((p) => p.msBehind / 1000),
  )
  telemetry.gauge(
    'weconnect_projection_stopped',
    '1 when an event stopped the read model',
    byProjection((p) => (p.state === 'stopped' ? 1 : 0)),
  )
}

const relayGauges = async ({ telemetry, relay }: ServerParts): Promise<void> => {
  if (relay === undefined) return
  const { state, eventsBehind, eventsPublished } = await relay.status()
  const one = (value: number) => [{ labels: {}, value }]
  telemetry.gauge('weconnect_relay_lag_events', 'Events of the log that are not in the topics yet', one(eventsBehind))
  telemetry.gauge('weconnect_relay_published_events', 'Events published since the start', one(eventsPublished))
  telemetry.gauge('weconnect_relay_running', '1 while events are published; 0: see /ready', one(state === 'running' ? 1 : 0))
}

const queueGauges = async ({ telemetry, queues, redis }: ServerParts): Promise<void> => {
  if (redis) telemetry.gauge('weconnect_redis_up', '1 while Redis answers', [{ labels: {}, value: redis().state === 'up' ? 1 : 0 }])
  if (!queues.isUp()) return
  const statistics = Object.entries(await queues.statistics())
  const states = (names: readonly (keyof QueueStatistics)[]) =>
    statistics.flatMap(([queue, counts]) => names.map((state) => ({ labels: { queue, state }, value: counts[state] })))
  telemetry.gauge('weconnect_queue_jobs', 'Jobs that have not ended', states(['waiting', 'active', 'delayed']))
  telemetry.gauge(
    'weconnect_queue_jobs_counted',
    'Jobs that ended or stalled, since counting began',
    states(['completed', 'failed', 'stalled']),
  )
}

const engineGauges = ({ telemetry, engine }: ServerParts): void => {
  if (engine === undefined) return
  const { running, queued } = engine()
  telemetry.gauge('weconnect_engine_running', 'Executions that this engine has in hand', [{ labels: {}, value: running }])
  telemetry.gauge('weconnect_engine_queued', 'Executions that wait for a free place in this engine', [{ labels: {}, value: queued }])
}

const serverGauges = ({ telemetry, servers = {} }: ServerParts): void =>
  telemetry.gauge(
    'weconnect_server_up',
    '1 while the server of payloads or keys answers; 0: see /ready',
    Object.entries(servers).map(([server, state]) => ({ labels: { server }, value: state().state === 'up' ? 1 : 0 })),
  )

const openStates = ['pending', 'running', 'waiting'] as const
/** The open ones are few, and an index finds them; those that ended are counted per workflow already. */
const executionCounts = `
  select status as state, count(*) as count from workflow_executions where status in ('pending', 'running', 'waiting') group by status
  union all select 'completed', coalesce(sum(executions_completed), 0) from workflows
  union all select 'failed', coalesce(sum(executions_failed), 0) from workflows`

const executionGauges = async ({ telemetry, sql }: ServerParts): Promise<void> => {
  if (sql === undefined) return
  const rows = await sql.query<{ state: string; count: number }>(executionCounts)
  const counts = new Map<string, number>([
    ...openStates.map((state) => [state, 0] as const),
    ...rows.map(({ state, count }) => [state, count] as const),
  ])
  telemetry.gauge(
    'weconnect_executions',
    'Executions by state; failed holds those that timed out',
    [...counts].map(([state, value]) => ({ labels: { state }, value })),
  )
}

const gaugesOf = async (parts: ServerParts): Promise<void> => {
  engineGauges(parts)
  serverGauges(parts)
  const value = placeOf(await parts.store.head())
  parts.telemetry.gauge('weconnect_log_position', 'Position of the last event: its rate is that of appends', [
    { labels: { log: parts.store.logId }, value },
  ])
  await Promise.all([relayGauges(parts), queueGauges(parts), projectionGauges(parts), executionGauges(parts)])
}

/** For machines that watch the process: no token. They tell nothing of any organisation. */
export const operationsRoutes: FastifyPluginAsync<{ readonly parts: ServerParts; readonly isStopping: () => boolean }> = async (
  app,
  { parts, isStopping },
) => {
  app.get('/health', async () => ({ status: 'up' }))
  app.get('/ready', async (_, reply) => {
    const readiness = await readinessOf(parts, isStopping())
    return reply.code(readiness.ready ? 200 : 503).send(readiness)
  })
  app.get('/metrics', async (_, reply) => {
    // What the process counts itself is worth reading also while PostgreSQL is away.
    await gaugesOf(parts).catch((error: unknown) => parts.telemetry.log.warn({ err: error }, 'gauges of the read models are missing'))
    const { contentType, text } = await parts.telemetry.exposition()
    return reply.type(contentType).send(text)
  })
}
