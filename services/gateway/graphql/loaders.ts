import type { ExecutionView } from '@weconnect/executions/view/face'
import { type ExecutionRow, executionsByIds } from '@weconnect/projections/execution-list/queries'
import { type WebhookRow, webhooksOfWorkflows } from '@weconnect/projections/webhooks/queries'
import {
  connectionsOfWorkflows,
  nodesOfWorkflows,
  type WorkflowConnectionRow,
  type WorkflowNodeRow,
  type WorkflowRow,
  workflowsByIds,
} from '@weconnect/projections/workflow-list/queries'
import type { Workflow } from '@weconnect/workflows/model'
import type { GatewayParts } from '../face.ts'
import { batched } from './batch.ts'

type Load<Value> = (id: string) => Promise<Value>

/** What the fields of one request load, batched and each once. All of one organisation. */
export interface Loaders {
  readonly workflowRow: Load<WorkflowRow | undefined>
  readonly nodeRows: Load<readonly WorkflowNodeRow[]>
  readonly connectionRows: Load<readonly WorkflowConnectionRow[]>
  readonly webhookRows: Load<readonly WebhookRow[]>
  readonly executionRow: Load<ExecutionRow | undefined>
  /** From the log. */
  readonly workflow: Load<{ readonly workflow: Workflow; readonly revision: number }>
  readonly execution: Load<ExecutionView>
}

const each = <Value>(load: Load<Value>): Load<Value> => batched((ids) => Promise.all(ids.map(load)))

export const openLoaders = ({ sql, workflows, executions }: GatewayParts, organisationId: string): Loaders => ({
  workflowRow: batched((ids) => workflowsByIds(sql, { organisationId, ids })),
  nodeRows: batched((workflowIds) => nodesOfWorkflows(sql, { organisationId, workflowIds })),
  connectionRows: batched((workflowIds) => connectionsOfWorkflows(sql, { organisationId, workflowIds })),
  webhookRows: batched((workflowIds) => webhooksOfWorkflows(sql, { organisationId, workflowIds })),
  executionRow: batched((ids) => executionsByIds(sql, { organisationId, ids })),
  workflow: each((id) => workflows.load(id, organisationId)),
  execution: each((id) => executions.view(id, organisationId)),
})
