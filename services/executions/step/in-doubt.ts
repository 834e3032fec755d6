import type { Doubt } from '@weconnect/connectors/repeatable'
import type { IncidentRaised } from '@weconnect/contracts/events/execution'
import type { Identity, StepOutcome } from './run-step.ts'

/** @param doubt the call that was refused; absent = the step as a whole is in doubt */
export const incidentOf = ({ step, nodeId, nodeName, attempt }: Identity, doubt?: Doubt): StepOutcome => {
  const code = 'EFFECT_UNKNOWN'
  const what = doubt?.what ?? 'its work'
  const message = `The node "${nodeName}" was interrupted, and nobody knows whether it happened: ${what}`
  const event: IncidentRaised = {
    type: 'IncidentRaised',
    data: {
      step,
      nodeId,
      nodeName,
      attempt,
      ...(doubt && { ordinal: doubt.ordinal }),
      ...(doubt?.effectKey !== undefined && { effectKey: doubt.effectKey }),
      detail: { code, message },
    },
  }
  return { kind: 'incident', event }
}
