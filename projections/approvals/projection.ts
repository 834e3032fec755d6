import type { Envelope } from '@weconnect/contracts/envelope'
import type { StepCompleted, StepFailed } from '@weconnect/contracts/events/execution'
import { clip, streamIdOf } from '../runner/event-values.ts'
import { projection } from '../runner/projection.ts'
import type { Rows } from '../runner/tables/rows.ts'
import { approvals } from './tables.ts'

/** The ends of steps of other types, of which there are very many, remove nothing. */
const asking = 'weconnect.approval'

const stepEnded = (event: Envelope<StepCompleted | StepFailed>, rows: Rows): void => {
  if (event.data.nodeType === asking) rows.remove(approvals, { execution_id: streamIdOf(event), step: event.data.step })
}

/** None of its steps is waited for any longer. One that completes has none that waits. */
const executionEnded = (event: Envelope, rows: Rows): void => rows.removeWhere(approvals, { execution_id: streamIdOf(event) })

export const approvalList = projection({
  name: 'approvals',
  version: 1,
  tables: [approvals],
  on: {
    WaitOpened: (event, rows, { workflowId }) => {
      const { step, nodeId, nodeName, waitFor, title, roles, until } = event.data
      if (waitFor !== 'approval') return
      rows.put(approvals, {
        ...{ execution_id: streamIdOf(event), step, organization_id: event.organisationId, workflow_id: workflowId },
        ...{ node_id: nodeId, node_name: nodeName, title: typeof title === 'string' ? clip(title, 2_000) : null },
        ...{ roles: roles ?? null, until: until ?? null, opened_at: event.time },
      })
    },
    ApprovalDecided: (event, rows) => rows.remove(approvals, { execution_id: streamIdOf(event), step: event.data.step }),
    StepCompleted: stepEnded,
    StepFailed: stepEnded,
    CompensationStarted: executionEnded,
    ExecutionFailed: executionEnded,
    ExecutionCancelled: executionEnded,
    ExecutionTimedOut: executionEnded,
  },
})
