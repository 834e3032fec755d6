import { approvalList } from './approvals/projection.ts'
import { auditTrail } from './audit/projection.ts'
import { credentialList } from './credentials/projection.ts'
import { executionList } from './execution-list/projection.ts'
import { nodeDefinitionList } from './node-definitions/projection.ts'
import { performanceMetricsList } from './performance-metrics/projection.ts'
import { runLogDocuments } from './run-logs/projection.ts'
import type { Projection } from './runner/projection.ts'
import { scheduleList } from './schedules/projection.ts'
import { searchIndex } from './search/projection.ts'
import { triggerList } from './triggers/projection.ts'
import { webhookList } from './webhooks/projection.ts'
import { workflowList } from './workflow-list/projection.ts'

/** Every read model, under the names that status, rebuild and retry take. */
export const readModels: readonly Projection[] = [
  workflowList,
  executionList,
  approvalList,
  nodeDefinitionList,
  webhookList,
  scheduleList,
  triggerList,
  credentialList,
  performanceMetricsList,
  runLogDocuments,
  searchIndex,
  auditTrail,
]
