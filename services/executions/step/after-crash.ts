import type { AllowedCalls } from '@weconnect/connectors/journalling-egress'
import type { ProbeAnswer } from '@weconnect/nodes/sdk/node'
import { probed } from '../decider/incident.ts'
import type { Inputs } from '../items/outputs.ts'
import type { PreparedNode } from '../parts.ts'
import { incidentOf } from './in-doubt.ts'
import { completed, type Identity, type StepOutcome } from './run-step.ts'
import type { StepContext } from './step-context.ts'

/** A try that a crash interrupted: its StepStarted is in the log, its outcome is not. */
export interface InterruptedTry {
  readonly identity: Identity
  readonly prepared: PreparedNode
  readonly inputs: Inputs
  /** What the node may do while it is only asked. */
  readonly contextFor: (allow: AllowedCalls) => StepContext
}

/** Which calls the try may make when it is run again; or its end, when it must not be run. */
export const afterCrash = async (interrupted: InterruptedTry): Promise<AllowedCalls | StepOutcome> => {
  const { identity, prepared, inputs } = interrupted
  switch (prepared.afterCrash) {
    case 'repeat':
      return 'all'
    case 'judged':
      return 'judged'
    case 'incident':
      return incidentOf(identity)
    case 'probe': {
      const answer = await ask(interrupted)
      if (answer.effect === 'done') return completed(identity, answer.outputs, inputs, { durationMs: 0, skipped: probed })
      return answer.effect === 'notDone' ? 'all' : incidentOf(identity)
    }
  }
}

/** A probe that fails has found out nothing. */
const ask = async ({ prepared, contextFor }: InterruptedTry): Promise<ProbeAnswer> => {
  try {
    return (await prepared.type.probe?.(contextFor('safe'))) ?? { effect: 'unknown' }
  } catch {
    return { effect: 'unknown' }
  }
}
