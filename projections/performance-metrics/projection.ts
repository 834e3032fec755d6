import { hash } from 'node:crypto'
import type { Envelope } from '@weconnect/contracts/envelope'
import { summable } from '../runner/event-values.ts'
import type { ExecutionFacts } from '../runner/execution-facts.ts'
import { type JsonText, jsonText } from '../runner/json-column.ts'
import { projection } from '../runner/projection.ts'
import type { Rows } from '../runner/rows.ts'
import type { RowOf } from '../runner/table.ts'
import type { MetricEntity, MetricName } from './queries.ts'
import { performanceMetrics } from './tables.ts'

/** Runs that ended, their milliseconds and their failures, per minute and entity. */
export const performanceMetricsList = projection({
  name: 'performance-metrics',
  version: 1,
  tables: [performanceMetrics],
  on: {
    ExecutionCompleted: (event, rows, execution) => executionEnded(event, rows, execution, false),
    ExecutionFailed: (event, rows, execution) => executionEnded(event, rows, execution, true),
    ExecutionTimedOut: (event, rows, execution) => executionEnded(event, rows, execution, true),
    ExecutionCancelled: (event, rows, execution) => executionEnded(event, rows, execution, false),
    StepCompleted: (event, rows, { workflowId }) => stepEnded(event, rows, workflowId, event.data.error !== undefined),
    StepFailed: (event, rows, { workflowId }) => stepEnded(event, rows, workflowId, true),
  },
})

const executionEnded = (
  event: Envelope & { data: { durationMs: number } },
  rows: Rows,
  { workflowId, trigger }: ExecutionFacts,
  failed: boolean,
): void => {
  measure(event, rows, { type: 'workflow', id: workflowId }, failed)
  measure(event, rows, { type: 'execution', id: trigger }, failed)
}

const stepEnded = (
  event: Envelope & { data: { nodeId: string; nodeName: string; nodeType: string; durationMs: number } },
  rows: Rows,
  workflowId: string,
  failed: boolean,
): void => {
  const { nodeId, nodeName, nodeType } = event.data
  measure(event, rows, { type: 'node', id: `${workflowId}/${nodeId}`, nodeName, nodeType }, failed)
}

interface Entity {
  readonly type: MetricEntity
  readonly id: string
  readonly nodeName?: string
  readonly nodeType?: string
}

const measure = (event: Envelope & { data: { durationMs: number } }, rows: Rows, entity: Entity, failed: boolean): void => {
  const { count, duration, failures } = bucketOf(event, entity)
  rows.put(performanceMetrics, { ...count, metric_value: 1 })
  rows.put(performanceMetrics, { ...duration, metric_value: summable(event.data.durationMs) })
  if (failed) rows.put(performanceMetrics, { ...failures, metric_value: 1 })
}

type MetricColumns = RowOf<typeof performanceMetrics>

/** The rows of one entity and minute, without their values. */
interface Bucket {
  readonly minute: string
  readonly tags: string
  readonly count: MetricColumns
  readonly duration: MetricColumns
  readonly failures: MetricColumns
}

/** The newest bucket of each entity, kept because making it for every step would cost more than all else here. */
const buckets = new Map<string, Bucket>()

const bucketOf = (event: Envelope, entity: Entity): Bucket => {
  const minute = event.time.slice(0, 16)
  const tags = entity.nodeName === undefined ? '' : `${entity.nodeName}\0${entity.nodeType}`
  const name = `${event.organisationId}/${entity.id}`
  const known = buckets.get(name)
  if (known?.minute === minute && known.tags === tags) return known
  if (buckets.size >= 10_000) buckets.clear()
  const columns = (metric: MetricName) => metricColumns(event.organisationId, entity, metric, minute)
  const made = { minute, tags, count: columns('count'), duration: columns('duration_total'), failures: columns('failures') }
  buckets.set(name, made)
  return made
}

const metricColumns = (organisationId: string, entity: Entity, metric: MetricName, minute: string): MetricColumns => ({
  id: uuidFrom(`${organisationId} ${entity.type} ${entity.id} ${metric} ${minute}`),
  organization_id: organisationId,
  entity_type: entity.type,
  entity_id: entity.id,
  metric_name: metric,
  metric_unit: metric === 'duration_total' ? 'ms' : 'count',
  tags: tagsOf(entity),
  timestamp: `${minute}:00.000Z`,
})

const uuidFrom = (text: string): string => {
  const digest = hash('sha256', text)
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}`
}

const tagsOf = ({ nodeName, nodeType }: Entity): JsonText =>
  nodeName === undefined ? ('{}' as JsonText) : jsonText({ nodeName, nodeType })
