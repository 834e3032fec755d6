import type { AllowedCalls } from '@weconnect/connectors/journalling-egress'
import type { CallSite, PreparedNode } from '../parts.ts'
import type { RunFacts, StepNumbers } from '../scope/run-facts.ts'

/** Where the calls of one try come from. */
export const callSiteOf = (run: RunFacts, { node }: PreparedNode, numbers: StepNumbers, allow: AllowedCalls): CallSite => {
  const { step, runIndex, attempt, effectEpoch, interrupted } = numbers
  return {
    executionId: run.requested.executionId,
    organisationId: run.organisationId,
    workflowId: run.workflow.id,
    nodeId: node.nodeId,
    step,
    runIndex,
    attempt,
    isRepeated: interrupted || attempt > 1 || effectEpoch > 0,
    effectEpoch,
    allow,
    credentials: node.credentials,
  }
}
