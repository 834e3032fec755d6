import type { FastifyPluginAsync } from 'fastify'
import type { GatewayParts } from './face.ts'
import { readinessOf } from './readiness.ts'

const gaugesOf = async ({ telemetry, projector, sql }: GatewayParts): Promise<void> => {
  const status = await projector.status()
  const byProjection = (value: (projection: (typeof status)[number]) => number) =>
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
  // Open executions only: the finished ones are many and are counted in performance_metrics.
  const open = await sql.query<{ status: string; count: number }>(
    `select status, count(*) as count from workflow_executions where status in ('pending', 'running', 'waiting') group by status`,
  )
  const counts = new Map(open.map((row) => [row.status, row.count]))
  const states = ['pending', 'running', 'waiting'].map((state) => ({ labels: { state }, value: counts.get(state) ?? 0 }))
  telemetry.gauge('weconnect_executions_open', 'Executions that have not ended, by state', states)
}

/** For machines that watch the process: no token. They tell nothing of any organisation. */
export const operationsRoutes: FastifyPluginAsync<{ readonly parts: GatewayParts }> = async (app, { parts }) => {
  app.get('/health', async () => ({ status: 'up' }))
  app.get('/ready', async (_, reply) => {
    const readiness = await readinessOf(parts)
    return reply.code(readiness.ready ? 200 : 503).send(readiness)
  })
  app.get('/metrics', async (_, reply) => {
    // What the process counts itself is worth reading also while PostgreSQL is away.
    await gaugesOf(parts).catch((error: unknown) => parts.telemetry.log.warn({ err: error }, 'gauges of the read models are missing'))
    const { contentType, text } = await parts.telemetry.exposition()
    return reply.type(contentType).send(text)
  })
}
