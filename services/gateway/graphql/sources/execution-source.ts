import type { JsonValue } from '@weconnect/contracts/json'
import type { ExecutionView, StepView } from '@weconnect/executions/view/face'
import type { ExecutionRow } from '@weconnect/projections/execution-list/queries'

/** What resolvers of Execution start from: either a row of the read model, or the fold of the log. */
export interface ExecutionSource {
  readonly id: string
  readonly workflowId: string
  readonly workflowVersion: number
  readonly organizationId: string
  readonly status: string
  readonly triggerType: string
  readonly errorData: JsonValue
  readonly startedAt: string | null
  readonly finishedAt: string | null
  readonly durationMs: number | null
  readonly createdAt: string
  readonly revision: number
  readonly row?: ExecutionRow
  readonly view?: ExecutionView
}

export const executionOfRow = (row: ExecutionRow): ExecutionSource => ({ ...row, row })

export const executionOfView = (view: ExecutionView): ExecutionSource => ({
  id: view.executionId,
  workflowId: view.workflowId,
  workflowVersion: view.workflowVersion,
  organizationId: view.organisationId,
  status: view.status,
  triggerType: view.trigger,
  errorData: view.error ?? null,
  startedAt: view.startedAt ?? null,
  finishedAt: view.finishedAt ?? null,
  durationMs: whole(view.durationMs),
  createdAt: view.requestedAt,
  revision: view.revision,
  view,
})

const whole = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms))

export interface StepSource extends Omit<StepView, 'input' | 'output' | 'durationMs'> {
  readonly executionId: string
  readonly durationMs: number | null
  readonly view: StepView
}

export const stepOf = (executionId: string, view: StepView): StepSource => ({
  ...view,
  executionId,
  durationMs: whole(view.durationMs),
  view,
})
