import { WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionEvent, IncidentResolved, StepCompleted, StepFailed } from '@weconnect/contracts/events/execution'
import type { Outputs } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import { countsOf } from '../items/outputs.ts'
import { undoes } from './compensation.ts'
import { atRest } from './rest.ts'
import { type Execution, hasEnded, heldBy, type Step } from './state.ts'

/** What a person says about an effect in doubt. */
export interface Resolution {
  readonly step: number
  readonly resolution: IncidentResolved['data']['resolution']
  /** skip: what stands for the output of the step. */
  readonly outputs?: Outputs | undefined
  readonly reason?: string | undefined
}

/** `skipped` of a step whose output a person gave, and of one whose receiver had it. */
const byHand = 'incident'
export const probed = 'probe'
const givenSkips: ReadonlySet<string | undefined> = new Set([byHand, probed])
const givenCodes: ReadonlySet<string> = new Set(['EFFECT_UNKNOWN', 'ENGINE_CRASHED', 'EXECUTION_CANCELLED', 'EXECUTION_TIMEOUT'])

/** Whether something else than a run of its node gave the step its end. */
export const isGivenEnd = (outcome: StepCompleted | StepFailed): boolean =>
  outcome.type === 'StepCompleted' ? givenSkips.has(outcome.data.skipped) : givenCodes.has(outcome.data.code)

/** @throws WeConnectError INVALID_STATE, INVALID_INPUT */
export const decideResolution = ({ step, resolution, outputs, reason }: Resolution, execution: Execution): ExecutionEvent[] => {
  if (hasEnded(execution.status)) throw new WeConnectError('INVALID_STATE', `The execution has ended: ${execution.status}`)
  const known = execution.steps[step]
  if (known?.status !== 'incident') throw new WeConnectError('INVALID_STATE', `Step ${step} has no open incident`)
  if ((outputs === undefined) === (resolution === 'skip'))
    throw new WeConnectError('INVALID_INPUT', 'An output is given to skip the step, and only then')
  const resolved: IncidentResolved = {
    type: 'IncidentResolved',
    data: {
      step,
      resolution,
      // After crashes the same try goes on: what it did has its keys, and is judged as after any crash.
      effectEpoch: known.effectEpoch + (resolution === 'retry' && known.crashes === undefined ? 1 : 0),
      remaining: execution.incidents - 1,
      ...(reason !== undefined && { reason }),
      ...(execution.incidents === 1 && heldBy({ ...execution, incidents: 0 })),
      ...atRest(execution),
    },
  }
  if (resolution === 'skip') return [resolved, skipped(known, outputs ?? [])]
  return resolution === 'fail' ? [resolved, failed(known, reason)] : [resolved]
}

const identityOf = ({ step, nodeId, nodeName, nodeType, runIndex, attempt, inputs, startedAt, compensates }: Step) => ({
  step,
  nodeId,
  nodeName,
  nodeType,
  runIndex,
  attempt,
  inputs,
  startedAt,
  durationMs: 0,
  ...(compensates !== undefined && { parentStep: compensates, connectionType: undoes }),
})

const skipped = (step: Step, outputs: Outputs): StepCompleted => ({
  type: 'StepCompleted',
  data: { ...identityOf(step), outputCounts: countsOf(outputs), outputs: outputs as unknown as JsonValue, skipped: byHand },
})

const failed = (step: Step, given: string | undefined): StepFailed => {
  const hasCrashed = step.crashes !== undefined
  const code = hasCrashed ? 'ENGINE_CRASHED' : 'EFFECT_UNKNOWN'
  const reason = given ?? (hasCrashed ? 'engines died while it was under way' : 'nobody knows whether its effect happened')
  const error = { code, message: `The node "${step.nodeName}" was interrupted, and was given up: ${reason}` }
  return { type: 'StepFailed', data: { ...identityOf(step), code, error, final: true } }
}
