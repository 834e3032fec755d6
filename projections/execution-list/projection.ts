import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionRequested, StepCompleted, StepFailed, StepStarted } from '@weconnect/contracts/events/execution'
import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import { clip, streamIdOf, userOf } from '../runner/event-values.ts'
import type { ExecutionFacts } from '../runner/execution-facts.ts'
import { type JsonText, jsonText, payloadText } from '../runner/json-column.ts'
import { projection } from '../runner/projection.ts'
import type { Rows } from '../runner/rows.ts'
import type { RowOf } from '../runner/table.ts'
import { nodeExecutions, workflowExecutions } from './tables.ts'

export const executionList = projection({
  name: 'execution-list',
  version: 1,
  tables: [workflowExecutions, nodeExecutions],
  on: {
    ExecutionRequested: (event, rows) => {
      const { workflowId, workflowVersion, trigger, input, parentExecutionId } = event.data
      rows.insert(workflowExecutions, {
        id: streamIdOf(event),
        workflow_id: workflowId,
        workflow_version: workflowVersion,
        organization_id: event.organisationId,
        user_id: userOf(event),
        status: 'pending',
        trigger_type: trigger,
        trigger_data: triggerData(event.data),
        input_data: payloadText(event, 'input', input),
        parent_execution_id: parentExecutionId ?? null,
        correlation_id: event.correlationId,
        revision: event.revision,
        created_at: event.time,
      })
    },
    ExecutionStarted: (event, rows) =>
      edit(event, rows, {
        status: 'running',
        started_at: event.time,
        execution_plan: payloadText(event, 'plan', event.data.plan as JsonPlan),
      }),
    ExecutionClaimed: (event, rows) => edit(event, rows, {}),
    CancellationRequested: (event, rows) => edit(event, rows, {}),
    ExecutionPaused: (event, rows) => {
      edit(event, rows, { status: 'waiting' })
      rows.update(nodeExecutions, { ...stepKey(event, event.data.step), status: 'waiting' })
    },
    ExecutionResumed: (event, rows) => {
      edit(event, rows, { status: 'running' })
      rows.update(nodeExecutions, { ...stepKey(event, event.data.step), status: 'running' })
    },
    ExecutionCompleted: (event, rows) => end(event, rows, { status: 'completed', last_step: event.data.lastStep }),
    ExecutionCancelled: (event, rows) => end(event, rows, { status: 'cancelled' }),
    ExecutionTimedOut: (event, rows) =>
      end(event, rows, { status: 'timeout', error_code: 'EXECUTION_TIMEOUT', error_text: `timed out after ${event.data.timeoutMs} ms` }),
    ExecutionFailed: (event, rows) =>
      end(event, rows, {
        status: 'failed',
        error_code: event.data.code,
        error_text: errorText(event.data.code, event.data.error),
        error_data: payloadText(event, 'error', event.data.error),
      }),

    StepStarted: (event, rows, execution) => {
      edit(event, rows, {})
      rows[writeOf(execution)](nodeExecutions, { ...stepColumns(event), status: 'running' })
    },
    StepCompleted: (event, rows, execution) => {
      const { step, nodeId, outputs, outputCounts, error, cacheHit, durationMs } = event.data
      const output = payloadText(event, 'outputs', outputs)
      edit(event, rows, { execution_path: [JSON.stringify(nodeId) as JsonText], output_data: output, output_step: step })
      rows[writeOf(execution)](nodeExecutions, {
        ...stepColumns(event),
        status: 'completed',
        output_data: output,
        output_counts: jsonText(outputCounts),
        error_data: payloadText(event, 'error', error),
        cache_hit: cacheHit ?? false,
        finished_at: event.time,
        duration_ms: durationMs,
      })
    },
    StepFailed: (event, rows, execution) => {
      const { nodeId, code, error, final, durationMs } = event.data
      edit(event, rows, final ? { execution_path: [jsonText(nodeId)] } : {})
      rows[writeOf(execution)](nodeExecutions, {
        ...stepColumns(event),
        status: final ? 'failed' : 'retrying',
        error_code: code,
        error_data: payloadText(event, 'error', error),
        finished_at: event.time,
        duration_ms: durationMs,
      })
    },
    StepRetryScheduled: (event, rows) => {
      edit(event, rows, {})
      rows.update(nodeExecutions, { ...stepKey(event, event.data.step), status: 'retrying', retry_count: event.data.attempt - 1 })
    },
    StepSkipped: (event, rows) => edit(event, rows, {}),
  },
})

type JsonPlan = readonly { readonly nodeId: string; readonly group: number }[] & JsonValue

const edit = (event: Envelope, rows: Rows, columns: RowOf<typeof workflowExecutions>): void =>
  rows.update(workflowExecutions, { ...columns, id: streamIdOf(event), revision: event.revision })

const end = (
  event: Envelope & { data: { durationMs: number; steps: number } },
  rows: Rows,
  columns: RowOf<typeof workflowExecutions>,
): void =>
  edit(event, rows, {
    ...columns,
    finished_at: event.time,
    duration_ms: event.data.durationMs,
    performance_metrics: `{"steps":${event.data.steps}}` as JsonText,
  })

const triggerData = (data: ExecutionRequested['data']): JsonText => {
  const { triggerNodeId = null, deliveryId = null, forkedFromExecutionId = null, forkedAtStep = null, parentStep = null } = data
  return jsonText({ triggerNodeId, deliveryId, forkedFromExecutionId, forkedAtStep, parentStep })
}

/** Steps of an execution that began in this batch are new; of others, an earlier batch may hold the start or an earlier try. */
const writeOf = ({ isNew }: ExecutionFacts): 'insert' | 'put' => (isNew ? 'insert' : 'put')

const stepKey = (event: Envelope, step: number) => ({ execution_id: streamIdOf(event), step })

const stepColumns = (event: Envelope<StepStarted | StepCompleted | StepFailed>): RowOf<typeof nodeExecutions> => {
  const { step, nodeId, nodeName, nodeType, runIndex, inputs, attempt, startedAt } = event.data
  return {
    execution_id: streamIdOf(event),
    step,
    organization_id: event.organisationId,
    node_id: nodeId,
    node_name: nodeName,
    node_type: nodeType,
    run_index: runIndex,
    input_data: payloadText(event, 'inputs', inputs as unknown as JsonValue),
    retry_count: attempt - 1,
    started_at: startedAt,
  }
}

/** What is searched for and shown in lists. */
const errorText = (code: string, error: JsonValue): string => {
  const message = isJsonObject(error) && typeof error['message'] === 'string' ? error['message'] : ''
  return clip(message === '' ? code : `${code}: ${message}`, 2_000)
}
