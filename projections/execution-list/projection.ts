import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionRequested } from '@weconnect/contracts/events/execution'
import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import { clip, streamIdOf, userOf } from '../runner/event-values.ts'
import { projection } from '../runner/projection.ts'
import { fieldText, type JsonText, jsonText, payloadText } from '../runner/tables/json-column.ts'
import type { Rows } from '../runner/tables/rows.ts'
import type { RowOf } from '../runner/tables/table.ts'
import { workflowExecutions } from './tables.ts'

export const executionList = projection({
  name: 'execution-list',
  version: 1,
  tables: [workflowExecutions],
  on: {
    ExecutionRequested: (event, rows) => {
      const { workflowId, workflowVersion, trigger, parentExecutionId } = event.data
      rows.insert(workflowExecutions, {
        id: streamIdOf(event),
        workflow_id: workflowId,
        workflow_version: workflowVersion,
        organization_id: event.organisationId,
        user_id: userOf(event),
        status: 'pending',
        trigger_type: trigger,
        trigger_data: triggerData(event.data),
        input_data: fieldText(event, 'input'),
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
    ExecutionPaused: (event, rows) => edit(event, rows, { status: event.data.held ?? 'waiting' }),
    ExecutionResumed: (event, rows) => edit(event, rows, { status: event.data.held ?? 'running' }),
    PauseRequested: (event, rows) => edit(event, rows, { status: event.data.held ?? 'paused' }),
    PauseEnded: (event, rows) => edit(event, rows, { status: event.data.status }),
    SignalReceived: (event, rows) => edit(event, rows, event.data.step === undefined ? {} : { status: event.data.held ?? 'running' }),
    ApprovalDecided: (event, rows) => edit(event, rows, { status: event.data.held ?? 'running' }),
    ExecutionMigrated: (event, rows) =>
      edit(event, rows, {
        workflow_version: event.data.workflowVersion,
        execution_plan: payloadText(event, 'plan', event.data.plan as JsonPlan),
      }),
    IncidentRaised: (event, rows) => {
      const { detail, crashes } = event.data
      const error_code = crashes === undefined ? 'EFFECT_UNKNOWN' : 'ENGINE_CRASHED'
      const error_text = errorText(error_code, detail)
      edit(event, rows, { status: 'incident', error_code, error_text, error_data: payloadText(event, 'detail', detail) })
    },
    IncidentResolved: (event, rows) => {
      if (event.data.remaining > 0) edit(event, rows, {})
      else edit(event, rows, { status: event.data.held ?? 'running', error_code: null, error_text: null, error_data: null })
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

    StepCompleted: (event, rows) => {
      const { step, nodeId, connectionType } = event.data
      if (connectionType === 'compensation') return edit(event, rows, { execution_path: [jsonText(nodeId)] })
      // Only the last one of a batch is looked at.
      const output_data = () => fieldText(event, 'passed' in event.data ? 'passed' : 'outputs')
      edit(event, rows, { execution_path: [jsonText(nodeId)], output_data, output_step: step })
    },
    StepFailed: (event, rows) => {
      if (event.data.final) edit(event, rows, { execution_path: [jsonText(event.data.nodeId)] })
    },
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

/** What is searched for and shown in lists. */
const errorText = (code: string, error: JsonValue): string => {
  const message = isJsonObject(error) && typeof error['message'] === 'string' ? error['message'] : ''
  return clip(message === '' ? code : `${code}: ${message}`, 2_000)
}
