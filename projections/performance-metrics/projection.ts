import { hash } from 'node:crypto'
import type { Envelope } from '@weconnect/contracts/envelope'
import { summable } from '../runner/event-values.ts'
import type { ExecutionFacts } from '../runner/execution-facts.ts'
import { type JsonText, jsonText } from '../runner/json-column.ts'
import { projection } from '../runner/projection.ts'
import type { Rows } from '../runner/rows.ts'
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
  add(event, rows, entity, 'count', 1)
  add(event, rows, entity, 'duration_total', summable(event.data.durationMs))
  if (failed) add(event, rows, entity, 'failures', 1)
}

const add = (event: Envelope, rows: Rows, entity: Entity, metric: MetricName, value: number): void => {
  const minute = event.time.slice(0, 16)
  const bucket = `${event.organisationId} ${entity.type} ${entity.id} ${metric} ${minute}`
  rows.put(performanceMetrics, {
    id: idOf.get(bucket) ?? remember(bucket),
    organization_id: event.organisationId,
    entity_type: entity.type,
    entity_id: entity.id,
    metric_name: metric,
    metric_value: value,
    metric_unit: metric === 'duration_total' ? 'ms' : 'count',
    tags: tagsOf(entity),
    timestamp: `${minute}:00.000Z`,
  })
}

/** Ids of buckets, kept because hashing one for every step would cost more than all else here. */
const idOf = new Map<string, string>()

const remember = (bucket: string): string => {
  if (idOf.size >= 20_000) idOf.clear()
  const digest = hash('sha256', bucket)
  const id = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}`
  idOf.set(bucket, id)
  return id
}

const tagsOf = ({ nodeName, nodeType }: Entity): JsonText =>
  nodeName === undefined ? ('{}' as JsonText) : jsonText({ nodeName, nodeType })
