import type { Envelope } from '@weconnect/contracts/envelope'
import { summable } from '../runner/event-values.ts'
import type { ExecutionFacts } from '../runner/execution-facts.ts'
import { projection } from '../runner/projection.ts'
import { type JsonText, jsonText, jsonTextIf } from '../runner/tables/json-column.ts'
import type { Rows } from '../runner/tables/rows.ts'
import type { RowOf } from '../runner/tables/table.ts'
import type { MetricEntity, MetricName } from './face.ts'
import { metricId } from './metric-id.ts'
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

type Ended = Envelope & { data: { durationMs: number } }

const executionEnded = (event: Ended, rows: Rows, { workflowId, trigger }: ExecutionFacts, failed: boolean): void => {
  measure(event, rows, bucketOf(event, 'workflow', workflowId, workflowId), failed)
  measure(event, rows, bucketOf(event, 'execution', event.organisationId, trigger), failed)
}

const stepEnded = (
  event: Ended & { data: { nodeId: string; nodeName: string; nodeType: string } },
  rows: Rows,
  workflowId: string,
  failed: boolean,
): void => {
  const { nodeId, nodeName, nodeType } = event.data
  measure(event, rows, bucketOf(event, 'node', workflowId, nodeId, nodeName, nodeType), failed)
}

const measure = (event: Ended, rows: Rows, { count, duration, failures }: Bucket, failed: boolean): void => {
  rows.put(performanceMetrics, { ...count, metric_value: 1 })
  rows.put(performanceMetrics, { ...duration, metric_value: summable(event.data.durationMs) })
  if (failed) rows.put(performanceMetrics, { ...failures, metric_value: 1 })
}

type MetricColumns = RowOf<typeof performanceMetrics>

/** The rows of one entity and minute, without their values. */
interface Bucket {
  readonly type: MetricEntity
  readonly minute: string
  readonly nodeName: string | undefined
  readonly nodeType: string | undefined
  readonly count: MetricColumns
  readonly duration: MetricColumns
  readonly failures: MetricColumns
}

/** The newest bucket of each entity by its owner, kept because making it for every step would cost more than all else here. */
const buckets = new Map<string, Map<string, Bucket>>()

/** @param owner workflow of a node or of itself; organisation of a trigger: an id that no two organisations share */
const bucketOf = (event: Envelope, type: MetricEntity, owner: string, id: string, nodeName?: string, nodeType?: string): Bucket => {
  const ofOwner = buckets.get(owner) ?? rememberOwner(owner)
  const known = ofOwner.get(id)
  const minute = event.time.slice(0, 16)
  if (known?.type === type && known.minute === minute && known.nodeName === nodeName && known.nodeType === nodeType) return known
  const entity = {
    type,
    id: type === 'node' ? `${owner}/${id}` : id,
    tags: nodeName === undefined ? emptyTags : jsonTextIf({ nodeName, nodeType }),
  }
  const columns = (metric: MetricName) => metricColumns(event.organisationId, entity, metric, minute)
  const made = {
    type,
    minute,
    nodeName,
    nodeType,
    count: columns('count'),
    duration: columns('duration_total'),
    failures: columns('failures'),
  }
  ofOwner.set(id, made)
  return made
}

const rememberOwner = (owner: string): Map<string, Bucket> => {
  if (buckets.size >= 1_000) buckets.clear()
  const made = new Map<string, Bucket>()
  buckets.set(owner, made)
  return made
}

const emptyTags = jsonText({})

const metricColumns = (
  organisationId: string,
  entity: { readonly type: MetricEntity; readonly id: string; readonly tags: JsonText | null },
  metric: MetricName,
  minute: string,
): MetricColumns => ({
  id: metricId(organisationId, entity, metric, minute),
  organization_id: organisationId,
  entity_type: entity.type,
  entity_id: entity.id,
  metric_name: metric,
  metric_unit: metric === 'duration_total' ? 'ms' : 'count',
  tags: entity.tags,
  timestamp: `${minute}:00.000Z`,
})
